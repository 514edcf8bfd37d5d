/** Waits for something that can't itself be stopped, but never longer than this. */
export async function within<Value>(
  limitMs: number,
  signal: AbortSignal,
  wanted: Promise<Value>,
): Promise<Value> {
  // Its failure may come when nobody waits any more, or before anybody does.
  wanted.catch(() => {});
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  // Not a signal that times out: that one would be kept, with whatever waits for it, to its end.
  const timer = setTimeout(() => reject(timeout()), limitMs).unref();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([wanted, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function timeout(): Error {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}
