/**
 * Every error that Holdfast raises on purpose. Each says by class what to do next
 * (give up, retry, wait) and by `code` what happened; nobody decides by message text.
 */

/** What the queue should do with work that ended in this error. */
export type NextMove = 'give-up' | 'retry' | 'wait';

export class HoldfastError extends Error {
  override name = 'HoldfastError';
  /** Stable, kebab-case; part of the public contract (step reasons, `--json`). */
  readonly code: string;
  readonly next: NextMove;
  /** Exit code of the command line when this ends a command. */
  readonly exitCode: number;

  constructor(
    code: string,
    message: string,
    options: { next?: NextMove; exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.next = options.next ?? 'give-up';
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Trying again can't help: the thing is gone, refused, malformed or over a limit. */
export class PermanentError extends HoldfastError {
  override name = 'PermanentError';
}

/** The cause may pass: a reset connection, a 5xx, a browser that crashed. */
export class TransientError extends HoldfastError {
  override name = 'TransientError';
  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { ...options, next: 'retry', exitCode: 75 });
  }
}

/** A host asked us to come back later, or our own pace for it is used up. */
export class ThrottledError extends HoldfastError {
  override name = 'ThrottledError';
  readonly host: string;
  readonly retryAfterMs: number;
  constructor(host: string, retryAfterMs: number, code = 'rate-limited') {
    super(code, `${host} asks to wait ${Math.ceil(retryAfterMs / 1000)} s`, {
      next: 'wait',
      exitCode: 75,
    });
    this.host = host;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A required step met a wall: log-in, age gate, captcha, refused by the site. */
export class BlockedError extends HoldfastError {
  override name = 'BlockedError';
}

/** The command was used wrongly. */
export class UsageError extends HoldfastError {
  override name = 'UsageError';
  constructor(code: string, message: string) {
    super(code, message, { exitCode: 2 });
  }
}

export class NotFoundError extends HoldfastError {
  override name = 'NotFoundError';
  constructor(code: string, message: string) {
    super(code, message, { exitCode: 3 });
  }
}

/** Stored bytes or records are not what they were. */
export class IntegrityError extends HoldfastError {
  override name = 'IntegrityError';
  constructor(code: string, message: string) {
    super(code, message, { exitCode: 5 });
  }
}

/** Settings are wrong; `problems` lists all of them together. */
export class ConfigError extends HoldfastError {
  override name = 'ConfigError';
  readonly problems: string[];
  constructor(problems: string[]) {
    super('config-invalid', problems.join('\n'), { exitCode: 7 });
    this.problems = problems;
  }
}

/** A service that Holdfast needs (database, queue, browser, tool) can't be reached. */
export class UnreachableError extends HoldfastError {
  override name = 'UnreachableError';
  constructor(
    code: string,
    message: string,
    options: { next?: 'retry' | 'wait'; cause?: unknown } = {},
  ) {
    super(code, message, { next: 'retry', ...options, exitCode: 69 });
  }
}

/** Our own database or queue is away. That says nothing of any source, and can't even be written down. */
export class OutageError extends UnreachableError {
  override name = 'OutageError';
  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { ...options, next: 'wait' });
  }
}

/** Disk full or read-only: nothing can be kept until an operator mends it. */
export class StorageError extends HoldfastError {
  override name = 'StorageError';
  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { ...options, next: 'retry', exitCode: 77 });
  }
}

/** What to write down for an error of unknown origin. */
export function errorCode(error: unknown): string {
  if (error instanceof HoldfastError) return error.code;
  if (error instanceof Error && error.name === 'AbortError') return 'interrupted';
  if (error instanceof Error && error.name === 'TimeoutError') return 'timed-out';
  return 'unexpected';
}
