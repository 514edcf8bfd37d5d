/** Processor time spent so far, by this process and by the children of it that have ended. */
import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;

export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  // After the name, which may hold anything: the 14th and 15th of what is left, see proc(5).
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (user + system) / 1e6 + (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}
