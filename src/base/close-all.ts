/** Whoever opened several things closes each of them, whatever fails on the way. */

/**
 * Closes one after the other, in the order given.
 * @throws the first failure, once everything has been told to close
 */
export async function closeAll(closers: Iterable<() => Promise<unknown> | unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
