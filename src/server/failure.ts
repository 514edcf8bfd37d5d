/** What becomes of an error: the status of the answer, and what the reader is told. */
import { HoldfastError } from '../base/errors.ts';

export type Status = 400 | 401 | 403 | 404 | 409 | 500 | 503;

export interface Failure {
  status: Status;
  code: string;
  /** May repeat what somebody typed, or what was captured. */
  message: string;
}

const statuses: Record<string, Status> = {
  UsageError: 400,
  NotFoundError: 404,
  StateError: 409,
  PermanentError: 400,
  TransientError: 503,
  ThrottledError: 503,
  UnreachableError: 503,
  OutageError: 503,
  StorageError: 503,
};

/** What has no code of its own is told to the log, not to the reader. */
export function failureOf(error: unknown): Failure {
  if (error instanceof HoldfastError)
    return { status: statuses[error.name] ?? 500, code: error.code, message: error.message };
  return { status: 500, code: 'unexpected', message: '' };
}
