/** Under which names the queues are found. Without a server, so that it can be told where there is none. */
import { everyStage, type StageName } from './jobs.ts';

export interface QueueAddress {
  backend: 'redis' | 'postgres';
  /** BullMQ's `prefix` on Redis; on PostgreSQL the names begin with it. */
  prefix: string;
  /** BullMQ's name of the queue of each stage. */
  queues: Record<StageName, string>;
}

export function queueAddress(backend: QueueAddress['backend'], prefix: string): QueueAddress {
  const names = everyStage.map((stage) => [stage, queueNameOn(backend, prefix, stage)]);
  return { backend, prefix, queues: Object.fromEntries(names) };
}

/** BullMQ has namespaces on Redis; on a shared pool of PostgreSQL the name must do. */
export function queueNameOn(
  backend: QueueAddress['backend'],
  prefix: string,
  stage: StageName,
): string {
  return backend === 'redis' ? stage : `${prefix}.${stage}`;
}
