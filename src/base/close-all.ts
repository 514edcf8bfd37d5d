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

/** Closes what was opened, the last first, and once only: a stack that Node 22 does not have yet. */
export async function closeInReverse(opened: AsyncDisposable[]): Promise<void> {
  const all = opened.splice(0).reverse();
  await closeAll(all.map((one) => () => one[Symbol.asyncDispose]()));
}
