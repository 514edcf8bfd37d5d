/**
 * Every error that Holdfast raises on purpose. Each says by class what to do next
 * (give up, retry, wait) and by `code` what happened; nobody decides by message text.
 */

import { type CodeOf, errorCodes } from './error-codes.ts';
import { type ExitCode, exits } from './exit-codes.ts';
import type { Reason } from './reasons.ts';

/** What the queue should do with work that ended in this error. */
export type NextMove = 'give-up' | 'retry' | 'wait';

export abstract class HoldfastError extends Error {
  override name = 'HoldfastError';
  /** Stable, kebab-case. `docs/reference/errors.md` says what each means and what to do. */
  readonly code: Reason;
  readonly next: NextMove;
  /** Exit code of the command line when this ends a command. */
  readonly exitCode: ExitCode;

  constructor(
    code: Reason,
    message: string,
    options: { next?: NextMove; exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.next = options.next ?? 'give-up';
    this.exitCode = options.exitCode ?? exits.unexpected.code;
  }
}

/** Trying again can't help: the thing is gone, refused, malformed or over a limit. */
export class PermanentError extends HoldfastError {
  override name = 'PermanentError';
  constructor(code: CodeOf<'PermanentError'>, message: string, options: { cause?: unknown } = {}) {
    super(code, message, options);
  }
}

/** The cause may pass: a reset connection, a 5xx, a browser that crashed. */
export class TransientError extends HoldfastError {
  override name = 'TransientError';
  /** A step that may do better another time passes its own reason on. */
  constructor(code: Reason, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { ...options, next: 'retry', exitCode: exits.tryLater.code });
  }
}

/** A host asked us to come back later, or our own pace for it is used up. */
export class ThrottledError extends HoldfastError {
  override name = 'ThrottledError';
  readonly host: string;
  readonly retryAfterMs: number;
  constructor(host: string, retryAfterMs: number) {
    super('rate-limited', `${host} asks to wait ${Math.ceil(retryAfterMs / 1000)} s`, {
      next: 'wait',
      exitCode: exits.tryLater.code,
    });
    this.host = host;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The command was used wrongly. */
export class UsageError extends HoldfastError {
  override name = 'UsageError';
  constructor(code: CodeOf<'UsageError'>, message: string) {
    super(code, message, { exitCode: exits.usage.code });
  }
}

export class NotFoundError extends HoldfastError {
  override name = 'NotFoundError';
  constructor(code: CodeOf<'NotFoundError'>, message: string) {
    super(code, message, { exitCode: exits.notFound.code });
  }
}

/** As things stand, it can't be done: a hold, a key on another machine, workers at work. */
export class StateError extends HoldfastError {
  override name = 'StateError';
  constructor(code: CodeOf<'StateError'>, message: string) {
    super(code, message, { exitCode: errorCodes.StateError[code].exitCode });
  }
}

/** Stored bytes or records are not what they were. */
export class IntegrityError extends HoldfastError {
  override name = 'IntegrityError';
  constructor(code: CodeOf<'IntegrityError'>, message: string) {
    super(code, message, { exitCode: exits.integrity.code });
  }
}

/** Settings are wrong; `problems` lists all of them together. */
export class ConfigError extends HoldfastError {
  override name = 'ConfigError';
  readonly problems: string[];
  constructor(problems: string[]) {
    super('config-invalid', problems.join('\n'), { exitCode: exits.config.code });
    this.problems = problems;
  }
}

/** A service that Holdfast needs (database, queue, browser, tool) can't be reached. */
export class UnreachableError extends HoldfastError {
  override name = 'UnreachableError';
  constructor(
    code: CodeOf<'UnreachableError'>,
    message: string,
    options: { next?: 'retry' | 'wait'; cause?: unknown } = {},
  ) {
    super(code, message, { next: 'retry', ...options, exitCode: exits.unreachable.code });
  }
}

/** Our own database or queue is away. That says nothing of any source, and can't even be written down. */
export class OutageError extends UnreachableError {
  override name = 'OutageError';
  constructor(
    code: CodeOf<'UnreachableError'>,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(code, message, { ...options, next: 'wait' });
  }
}

/** Disk full or read-only: nothing can be kept until an operator mends it. */
export class StorageError extends HoldfastError {
  override name = 'StorageError';
  constructor(code: CodeOf<'StorageError'>, message: string, options: { cause?: unknown } = {}) {
    const next = code === 'disk-full' ? 'wait' : 'retry';
    super(code, message, { ...options, next, exitCode: exits.notPermitted.code });
  }
}

/** Ours, and sure to pass: nothing is an outcome of a capture that only shows how we stand. */
export function parksWork(error: unknown): error is OutageError | StorageError {
  return error instanceof OutageError || (error instanceof StorageError && error.next === 'wait');
}

/** What to write down for an error of unknown origin. */
export function errorCode(error: unknown): Reason {
  if (error instanceof HoldfastError) return error.code;
  if (error instanceof Error && error.name === 'AbortError') return 'interrupted';
  if (error instanceof Error && error.name === 'TimeoutError') return 'timed-out';
  return 'unexpected';
}
