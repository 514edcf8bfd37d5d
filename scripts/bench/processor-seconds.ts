/** Processor time spent so far: of this process, or of others. */
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** By this process and by the children of it that have ended. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  const [, , ofChildren = 0] = statOf('self') ?? [];
  return (user + system) / 1e6 + ofChildren;
}

/** By a process and all that it started, those that have ended too. */
export function processorSecondsOf(pid: number): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(name);
      return stat === null ? [] : [{ pid: Number(name), stat }];
    });
  const own = stats.filter((one) => one.pid === pid || one.stat[0] === pid);
  return own.reduce((sum, { stat: [, spent, ofEnded] }) => sum + spent + ofEnded, 0);
}

/** Its parent, and the seconds that it and its children that have ended spent; `null` where it is gone. */
function statOf(name: string): [parent: number, spent: number, ofEnded: number] | null {
  try {
    // After the name, which may hold anything: see proc(5).
    const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const seconds = (...at: number[]) =>
      at.reduce((sum, one) => sum + Number(fields[one]), 0) / ticksPerSecond;
    return [Number(fields[1]), seconds(11, 12), seconds(13, 14)];
  } catch {
    return null;
  }
}
