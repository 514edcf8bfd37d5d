/** Runs a program, and measures how long it goes on after the last thing that it said. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ending {
  /** Null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** From the last byte on stdout or stderr to the exit; null where it had to be killed. */
  outlivedMs: number | null;
}

/** More would be no ending. */
export const mostAfterLastLineMs = 2_000;
/** Whatever is silent for this long is taken for stuck. */
const patienceMs = 60_000;

/** @param env the whole environment */
export async function endingOf(args: string[], env: NodeJS.ProcessEnv): Promise<Ending> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let lastAtMs = performance.now();
  let isStuck = false;
  const stuck = setTimeout(() => {
    isStuck = true;
    child.kill('SIGKILL');
  }, patienceMs);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      lastAtMs = performance.now();
      stuck.refresh();
    });
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  const outlivedMs = isStuck ? null : performance.now() - lastAtMs;
  clearTimeout(stuck);
  return { code, signal, ...said, outlivedMs };
}
