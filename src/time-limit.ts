/** Waits for something that can't itself be stopped, but never longer than this. */
export async function within<Value>(
  limitMs: number,
  signal: AbortSignal,
  wanted: Promise<Value>,
): Promise<Value> {
  // Its failure may come when nobody waits any more, or before anybody does.
  wanted.catch(() => {});
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  limit.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(limit.reason);
  limit.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([wanted, promise]);
  } finally {
    limit.removeEventListener('abort', stop);
  }
}
