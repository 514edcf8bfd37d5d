/** What a job is called, what it carries and how it is treated. The same on every backend. */
import type { FlowJob, JobsOptions } from 'bullmq';

export const captureStages = ['resolve', 'page', 'media', 'seal'] as const;
/** After the seal: what is made of a capture's evidence. */
export const derivedStages = ['derive'] as const;
export const upkeepStages = [
  'feed',
  'recheck',
  'compare',
  'notify',
  'stamp',
  'fixity',
  'save-elsewhere',
] as const;
/** What other programs may add: the one queue that is open to them. */
export const intakeStages = ['submit'] as const;
export const everyStage = [...captureStages, ...derivedStages, ...upkeepStages, ...intakeStages];
/** What a worker may be told to do and nothing else. */
export const chosenStages = [...captureStages, ...derivedStages, ...intakeStages];
export type CaptureStage = (typeof captureStages)[number];
export type DerivedStage = (typeof derivedStages)[number];
export type UpkeepStage = (typeof upkeepStages)[number];
export type IntakeStage = (typeof intakeStages)[number];
export type StageName = CaptureStage | DerivedStage | UpkeepStage | IntakeStage;

/** A stage and those that must have ended, well or badly, before it runs. */
export interface TreeNode {
  stage: CaptureStage;
  children: TreeNode[];
}

/** One round of work on one capture: what job data and job ids consist of. */
export interface CaptureRound {
  captureId: string;
  round: number;
}

/**
 * Ids only: bytes and truth are never in the queue. Upkeep jobs carry nothing, and what other
 * programs add may be anything until it has been read.
 */
export interface JobData extends Partial<CaptureRound> {
  /** Kept here because it must survive a restart of the worker. */
  waitedMs?: number;
}

/** How long a job has been put off so far; its data may have been written by anybody. */
export function waitedMsOf(data: unknown): number {
  const waitedMs: unknown = Object(data).waitedMs;
  return typeof waitedMs === 'number' && waitedMs > 0 ? waitedMs : 0;
}

const hourSeconds = 60 * 60;

/** Kept for a while, so that work which is added twice is still known. */
export const keptAfterwards = {
  removeOnComplete: { age: hourSeconds, count: 500 },
  removeOnFail: { age: 14 * 24 * hourSeconds, count: 5_000 },
};

/**
 * How often a job is tried is for the worker to say, which knows its stages; whoever adds
 * jobs need not. So the queue itself never ends a job by counting.
 */
const attemptsWithoutLimit = 1_000;

/** No colon, which BullMQ keeps for itself; never made of what was captured. */
export function jobId(
  { captureId, round }: CaptureRound,
  stage: CaptureStage | DerivedStage,
): string {
  return `${captureId}.${round}.${stage}`;
}

export function jobOptions(
  of: CaptureRound,
  stage: CaptureStage | DerivedStage,
  priority: number,
  retryBaseMs: number,
): JobsOptions {
  return {
    jobId: jobId(of, stage),
    priority: toQueuePriority(priority),
    attempts: attemptsWithoutLimit,
    backoff: { type: 'exponential', delay: retryBaseMs, jitter: 0.5 },
    ...keptAfterwards,
    stackTraceLimit: 3,
  };
}

/** Options of upkeep jobs: a missed tick is made good by the next one. */
export const upkeepOptions: JobsOptions = {
  attempts: attemptsWithoutLimit,
  removeOnComplete: true,
  removeOnFail: { count: 20 },
  stackTraceLimit: 3,
};

export function toFlow(
  node: TreeNode,
  of: CaptureRound,
  queueName: (stage: StageName) => string,
  options: (stage: CaptureStage) => JobsOptions,
): FlowJob {
  return {
    name: node.stage,
    queueName: queueName(node.stage),
    data: of,
    // Every stage writes its own outcome down, and a capture is sealed whatever failed. A
    // child without a policy of its own would leave its parent waiting for ever.
    opts: { ...options(node.stage), ignoreDependencyOnFailure: true },
    children: node.children.map((child) => toFlow(child, of, queueName, options)),
  };
}

/** Ours: higher goes first, 0 is ordinary. BullMQ's: 1 goes first, up to 2^21. */
const ordinary = 1_000_000;

function toQueuePriority(priority: number): number {
  return Math.min(Math.max(ordinary - Math.trunc(priority), 1), 2 * ordinary);
}

export function fromQueuePriority(priority: number | undefined): number {
  return priority ? ordinary - priority : 0;
}
