/** The stages, in order, with their time limits, attempts and how many run side by side. */
import type { LimitConfig } from '../config/config.ts';
import type { CapturePlan } from '../model/plan.ts';
import type { CaptureStage, StageName, TreeNode } from '../queue/jobs.ts';
import { deriveTimeoutMs } from './derive-time.ts';

export interface StageLimits {
  attempts: number;
  timeoutMs: number;
  /** When workers are told to stop it has so long to end by itself; absent: as long as any. */
  stopWithinMs?: number;
  /** Side by side in one worker process. Browsers and ffmpeg are heavy, asking is light. */
  concurrency: number;
}

const minute = 60_000;
/** Of what looks at kept files again: nothing is lost, another worker goes on where it was. */
const stopWithinMs = 1_000;

export function stageLimits(stage: StageName, limits: LimitConfig, cores: number): StageLimits {
  switch (stage) {
    case 'resolve':
      return { attempts: 4, timeoutMs: 3 * minute, concurrency: 2 * cores };
    case 'page':
      // Two views of a post, each with its own cut, and the time that a browser takes.
      return { attempts: 3, timeoutMs: 2 * limits.pageTimeoutMs + 3 * minute, concurrency: cores };
    case 'media':
      return { attempts: 4, timeoutMs: 4 * limits.mediaTimeoutMs, concurrency: 2 * cores };
    case 'seal':
      return { attempts: 5, timeoutMs: 30 * minute, concurrency: cores };
    case 'submit':
      return { attempts: 5, timeoutMs: 5 * minute, concurrency: 2 };
    case 'derive':
      // Whatever is being captured has the machine; what is made of it takes one core at most.
      return { attempts: 3, timeoutMs: deriveTimeoutMs(limits), concurrency: 1, stopWithinMs };
    case 'feed':
      return { attempts: 1, timeoutMs: minute, concurrency: 1 };
    case 'compare':
      return { attempts: 1, timeoutMs: 10 * minute, concurrency: 1, stopWithinMs };
    case 'recheck':
    case 'notify':
    case 'stamp':
    case 'fixity':
    case 'save-elsewhere':
      return { attempts: 1, timeoutMs: 10 * minute, concurrency: 1 };
  }
}

/**
 * The tree of jobs for one capture; a job runs when all its children have ended.
 *
 *     a post   seal ◀ ┬ page
 *                     └ media
 *     a page   seal ◀ media ◀ page
 */
export function captureTree(plan: Pick<CapturePlan, 'shape' | 'steps'>): TreeNode {
  const wanted = new Set<string>(plan.steps.map((step) => step.name));
  const step = (stage: CaptureStage, ...children: TreeNode[]): TreeNode[] =>
    wanted.has(stage) || stage === 'seal' ? [{ stage, children }] : children;
  const below =
    plan.shape === 'post' ? [...step('page'), ...step('media')] : step('media', ...step('page'));
  return { stage: 'seal', children: below };
}
