/** The process of a running browser, by the note that its launcher wrote: its memory and its end. */
import { readFile, rm } from 'node:fs/promises';

/** Number of the browser's own process; null where nothing was noted. */
export async function notedPid(note: string): Promise<number | null> {
  return (await read(note))?.pid ?? null;
}

export async function residentBytes(note: string): Promise<number | null> {
  try {
    const status = await readFile(`/proc/${await notedPid(note)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024 || null;
  } catch {
    return null;
  }
}

/** Ends every process of the browser that wrote this note, and removes its profile. */
export async function endNoted(note: string): Promise<void> {
  const noted = await read(note);
  if (noted === null) return;
  killGroup(noted.pid);
  await rm(noted.profile, { recursive: true, force: true, maxRetries: 5 });
  await rm(note, { force: true });
}

async function read(note: string): Promise<{ pid: number; profile: string } | null> {
  const [pid = '', profile = ''] = (await readFile(note, 'utf8').catch(() => '')).split('\n');
  return /^\d+$/.test(pid) ? { pid: Number(pid), profile } : null;
}

/** Playwright starts Chromium as the leader of a process group of its own. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
