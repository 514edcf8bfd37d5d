/** The workers of one process, as those see them who start and stop them. */
import type { StageName } from '../queue/jobs.ts';
import type { Workers } from '../queue/queue.ts';

export interface WorkOptions {
  /** Only these stages; upkeep (feeding, sweeping) runs wherever no choice was made. */
  only?: StageName[];
  /** Not these stages: their jobs wait for other workers. */
  except?: StageName[];
  /** How many heavy stages of a kind side by side. */
  concurrency?: number;
}

export interface RunningWorkers extends Workers {
  /** Aborts when nothing is left that they could work for; its reason says why. */
  readonly outdated: AbortSignal;
}
