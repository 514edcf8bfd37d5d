/** What is waiting, running and stuck, and how the seal stands. */
import type { Environment } from './capture-record.ts';

/** The record `holdfast.status/1`. */
export interface Status {
  schema: 'holdfast.status/1';
  environment: Environment;
  /** What carries the queue. */
  backend: 'redis' | 'postgres';
  /** Captures without an outcome, in the queue or not. */
  unfinished: number;
  /** Sealed captures whose derivations have not ended. */
  deriving: number;
  /** Ids of captures that several rounds of work could not close: they wait for an operator. */
  stuck: string[];
  /** The first of the unfinished captures, those in hand before those that wait. */
  captures: CaptureUnderWay[];
  /** Captures of the last seven days that kept less than was asked for, the newest first. */
  shortfalls: Shortfall[];
  /** Worker processes that are alive, as they say. */
  workers: WorkerAlive[];
  /** Jobs by stage: `resolve`, `page`, `media` … */
  stages: Record<string, StageCounts>;
  seal: SealState;
}

/** A capture without an outcome: what it is at, or what it waits for. */
export interface CaptureUnderWay {
  captureId: string;
  link: string;
  source: string;
  state: 'running' | 'waiting';
  /** What it is at, or which step it ended last (`after page`). */
  step: string | null;
  /** `turn`: others are before it; `no-worker`: nobody works; else the reason of the step that is tried again. */
  why: string | null;
  since: Date;
}

/** A capture that kept less than was asked for. */
export interface Shortfall {
  captureId: string;
  link: string;
  source: string;
  /** `partial`, `blocked` or `failed`. */
  state: string;
  /** Of the required step that fell short. */
  reason: string | null;
  at: Date;
}

/** A worker process that said so within the last two minutes. */
export interface WorkerAlive {
  id: string;
  host: string;
  processId: number;
  startedAt: Date;
  seenAt: Date;
}

/** `waiting` includes what has a priority; `onOthers` waits for jobs below it in its tree. */
export interface StageCounts {
  waiting: number;
  onOthers: number;
  active: number;
  delayed: number;
  failed: number;
}

/**
 * Entries in the log and up to where they are signed, timestamps that are awaited, and stored
 * objects with the time when each was last hashed (ISO 8601).
 */
export interface SealState {
  log: { entries: number; signed: number };
  timestamps: {
    configured: boolean;
    pending: { authority: string; pending: number; failure: string | null }[];
  };
  fixity: { objects: number; isEstimate: boolean; oldestAt: string | null; faults: number };
}
