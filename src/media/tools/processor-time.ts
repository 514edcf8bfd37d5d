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
    // Less than before: one of them has ended, and whoever waits for it has not yet been told.
    if (now !== null && now >= spentMs) [spentMs, lookedAt] = [now, performance.now()];
  };
  const watching = pid === undefined ? undefined : setInterval(look, everyMs, pid);
  return () => {
    clearInterval(watching);
    return spentMs + performance.now() - lookedAt;
  };
}

/** What stands between us and a tool waits for it: theirs together. `null` for a process that is gone. */
function processorMsOf(pid: number): number | null {
  try {
    const below = childrenOf(pid).map(processorMsOf);
    return ownMsOf(pid) + below.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  } catch {
    return null;
  }
}

function ownMsOf(pid: number): number {
  // After the name, which may hold anything: the 12th to 15th of what is left, see proc(5). The
  // last two are of children that have ended.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  return (ticks / ticksPerSecond) * 1000;
}

/** @throws where this kernel doesn't tell */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
