/** What Redis and PostgreSQL have in common, as seen by the rest of this room. */
import type { FlowProducer, IQueueBackend, Processor, Queue, Worker, WorkerOptions } from 'bullmq';
import type { JobData, StageName } from './jobs.ts';

export type StageQueue = Queue<
  JobData,
  unknown,
  StageName,
  JobData,
  unknown,
  StageName,
  IQueueBackend
>;
export type StageWorker = Worker<JobData, unknown, StageName, IQueueBackend>;
export type TreeProducer = FlowProducer<IQueueBackend>;
export type StageProcessor = Processor<JobData, unknown, StageName>;
export type StageWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;

export interface Backend {
  kind: 'redis' | 'postgres';
  queueName(stage: StageName): string;
  makeQueue(stage: StageName): StageQueue;
  makeTreeProducer(): TreeProducer;
  /** Whether the server answers now. @throws OutageError `queue-unreachable`, soon */
  reach(): Promise<void>;
  /** An error of the queue in our terms: OutageError where the server was lost. */
  meaning(error: unknown): unknown;
  /** A worker that outlives its server being away: it waits and goes on. */
  makeWorker(
    stage: StageName,
    processor: StageProcessor,
    options: StageWorkerOptions,
  ): Promise<StageWorker>;
  version(): Promise<string>;
  /** Ends the connections of workers that can't say good-bye to their server. */
  cutWorkersOff(): void;
  /** After every queue, producer and worker made here has been closed. */
  close(): Promise<void>;
}
