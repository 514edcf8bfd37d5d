/** What something costs, however busy the machine is: a clock would count its neighbours too. */

/** The result of `work`, and the processor time that this thread spent until it was there. */
export async function costOf<T>(work: () => T | Promise<T>): Promise<{ result: T; cpuMs: number }> {
  const before = process.threadCpuUsage();
  const result = await work();
  const { user, system } = process.threadCpuUsage(before);
  return { result, cpuMs: (user + system) / 1_000 };
}
