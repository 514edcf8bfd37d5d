/** The processes of one browser, and what they hold: read from /proc, so on Linux only. */
import { readdir, readFile } from 'node:fs/promises';

export interface BrowserProcess {
  pid: number;
  /** Memory of its own; what several of them share is counted nowhere. */
  ownBytes: number;
}

/**
 * Looks at them as often as it is called. The machine may run thousands of others: whether a
 * process is the browser's is read once, as none joins or leaves the group after its start.
 * @param leader number of the process group that the browser was started as
 */
export function processesOf(leader: number): () => Promise<BrowserProcess[]> {
  let groups = new Map<string, number>();
  return async () => {
    const names = await readdir('/proc').catch(() => []);
    const met = new Map<string, number>();
    const look = async (pid: string) => {
      const group = groups.get(pid) ?? (await groupOf(pid));
      met.set(pid, group);
      return group === leader ? { pid: Number(pid), ownBytes: await ownBytesOf(pid) } : null;
    };
    // What can't be read has ended meanwhile.
    const looks = names
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => look(pid).catch(() => null));
    const found = await Promise.all(looks);
    groups = met;
    return found.filter((each) => each !== null);
  };
}

/** It draws pages: what it does, a page does. */
export async function isRenderer(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
  return command.includes('--type=renderer');
}

async function groupOf(pid: string): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  // After the name, which may hold anything: state, parent, group, see proc(5).
  const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(group);
}

async function ownBytesOf(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return kibibytes(status, 'RssAnon') + kibibytes(status, 'VmSwap');
}

function kibibytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
}
