/** How long something may take. What ends in time leaves nothing behind that waits for its limit. */

export interface TimeLimit extends Disposable {
  /** Aborts when the time is up (a `TimeoutError`), or when one of those given does, with its reason. */
  readonly signal: AbortSignal;
  /** The time was up first: none of those given had aborted. */
  readonly isOver: boolean;
}

/**
 * `using limit = timeLimit(30_000, signal)`: for as long as the block runs. Node keeps what
 * `AbortSignal.timeout` makes, and all that listens to it, until the time is up, also where
 * nobody waits any more. It keeps no process up.
 */
export function timeLimit(limitMs: number, ...signals: AbortSignal[]): TimeLimit {
  const ending = new AbortController();
  const over = timeout();
  const timer = setTimeout(() => ending.abort(over), limitMs).unref();
  const stop = () => ending.abort(signals.find(({ aborted }) => aborted)?.reason);
  const leave = () => {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', stop);
  };
  ending.signal.addEventListener('abort', leave, { once: true });
  for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
  if (signals.some(({ aborted }) => aborted)) stop();
  return {
    signal: ending.signal,
    get isOver() {
      return ending.signal.reason === over;
    },
    [Symbol.dispose]: leave,
  };
}

/** Waits for something that can't itself be stopped, but never longer than this. */
export async function within<Value>(
  limitMs: number,
  signal: AbortSignal,
  wanted: Promise<Value>,
): Promise<Value> {
  // Its failure may come when nobody waits any more, or before anybody does.
  wanted.catch(() => {});
  using limit = timeLimit(limitMs, signal);
  limit.signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true });
  return await Promise.race([wanted, promise]);
}

function timeout(): Error {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}
