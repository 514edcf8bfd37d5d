/** Decoders of pictures that this process has started, as the system shows them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { decoderProgram } from '../../src/media/pictures/decoder-files.ts';

/** By process id: the decoders themselves, without what stands between them and us. */
export function decoders(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isDecoder(pid) && descendsFromUs(pid));
}

/** Whether this process has a file open. */
export function isOpenHere(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

function isDecoder(pid: number): boolean {
  const words = read(pid, 'cmdline').split('\0');
  return words[0] === process.execPath && words.includes(decoderProgram);
}

function descendsFromUs(pid: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === process.pid) return true;
  return false;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)$/m.exec(read(pid, 'status'))?.[1] ?? 0);
}

/** Of a process that may have ended meanwhile. */
function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
