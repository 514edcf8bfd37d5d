/** What a tool spends of the processor, however busy the machine is. */
import { readFileSync } from 'node:fs';

const everyMs = 50;
/** As Linux counts towards programs, whatever its own clock: see sysconf(_SC_CLK_TCK). */
const ticksPerSecond = 100;

/**
 * Looks at a process until told that it has ended: Node doesn't say what a child spent.
 * @returns ends the watch: milliseconds, all threads together. What came after the last look
 *   counts as if it had worked all the time, and so does everything where there is no process to
 *   look at, or no /proc
 */
export function watchProcessorTime(pid: number | undefined): () => number {
  let [spentMs, lookedAt] = [0, performance.now()];
  const look = (of: number) => {
    const now = processorMsOf(of);
    if (now !== null) [spentMs, lookedAt] = [now, performance.now()];
  };
  const watching = pid === undefined ? undefined : setInterval(look, everyMs, pid);
  return () => {
    clearInterval(watching);
    return spentMs + performance.now() - lookedAt;
  };
}

/** `null` for a process that is gone. */
function processorMsOf(pid: number): number | null {
  try {
    // After the name, which may hold anything: the 12th and 13th of what is left, see proc(5).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000;
  } catch {
    return null;
  }
}
