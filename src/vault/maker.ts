/**
 * Names of unfinished files carry who makes them, so that whoever opens the vault next
 * can tell the leftovers of a killed process from the work of a living one.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** `<where>-<pid>-<start time>`: unique among all processes that share a disk. */
export const maker = `${where()}-${process.pid}-${startOf(process.pid) ?? 0}`;

const pattern = /([0-9a-f]{8})-(\d+)-(\d+)/;

/**
 * Whether the maker named in `name` is certainly gone. Of a process on another machine or
 * in another container nothing is certain; callers go by age there.
 */
export function makerIsGone(name: string): boolean | 'unknown' {
  const [, place, pid, start] = pattern.exec(name) ?? [];
  if (place === undefined || place !== where()) return 'unknown';
  const found = startOf(Number(pid));
  return found === null || found !== Number(start);
}

/** This machine and, in containers, this set of process numbers. */
function where(): string {
  return createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 8);
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/**
 * When a process started (clock ticks since boot, proc(5) field 22), which tells it from
 * a later one with the same number. 0 where the system doesn't say; null: no such process.
 */
function startOf(pid: number): number | null {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    } catch {
      return null;
    }
  }
  try {
    process.kill(pid, 0);
    return 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 0 : null;
  }
}
