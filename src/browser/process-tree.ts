/** The processes of one browser, and what they hold: read from /proc, so on Linux only. */
import { readdir, readFile } from 'node:fs/promises';

export interface BrowserProcess {
  pid: number;
  /** It draws pages: what it does, a page does. */
  isRenderer: boolean;
  /** Memory of its own; what several of them share is counted nowhere. */
  ownBytes: number;
}

/** @param leader number of the process group that the browser was started as */
export async function processesOf(leader: number): Promise<BrowserProcess[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => processIn(pid, leader).catch(() => null)));
  return found.filter((each) => each !== null);
}

/** @throws where it has ended meanwhile */
async function processIn(pid: string, leader: number): Promise<BrowserProcess | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  // After the name, which may hold anything: state, parent, group, see proc(5).
  const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (Number(group) !== leader) return null;
  const [status, command] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'latin1'),
    readFile(`/proc/${pid}/cmdline`, 'latin1'),
  ]);
  return {
    pid: Number(pid),
    isRenderer: command.includes('--type=renderer'),
    ownBytes: kibibytes(status, 'RssAnon') + kibibytes(status, 'VmSwap'),
  };
}

function kibibytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
}
