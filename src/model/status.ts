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
  /** Jobs by stage: `resolve`, `page`, `media` … */
  stages: Record<string, StageCounts>;
  seal: SealState;
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
  fixity: { objects: number; oldestAt: string | null; faults: number };
}
