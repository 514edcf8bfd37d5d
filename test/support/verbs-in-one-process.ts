/** Verbs whose words and exit code are tested, not that they are a process: much cheaper than `command-line.ts`. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ran } from './command-line.ts';

export type { Ran };

export interface VerbAsked {
  args: string[];
  home: string;
}

const { PATH, NODE_COMPILE_CACHE } = process.env;
const server = fileURLToPath(new URL('verb-server.ts', import.meta.url));

export interface Verbs {
  /** One after another, whoever asks. */
  run(args: string[], options: { home: string }): Promise<Ran>;
  /** Returns when the process has ended by itself: no verb left anything behind that keeps it alive. */
  end(): Promise<void>;
}

/** In this folder, with settings of its own and no others. */
export function verbsInOneProcess(folder: string): Verbs {
  let started: ChildProcess | null = null;
  const start = () => {
    const child = fork(server, { cwd: folder, env: { PATH, NODE_COMPILE_CACHE } });
    // One that a verb keeps alive fails its test, and is left behind all the same.
    process.once('exit', () => child.kill('SIGKILL'));
    return child;
  };
  let turn: Promise<unknown> = Promise.resolve();
  const ask = async (asked: VerbAsked): Promise<Ran> => {
    started ??= start();
    started.send(asked);
    const [answer] = (await once(started, 'message')) as [Ran];
    return answer;
  };
  return {
    run: (args, { home }) => {
      const asked = turn.then(() => ask({ args, home }));
      turn = asked.catch(() => {});
      return asked;
    },
    end: async () => {
      if (started === null) return;
      const ended = once(started, 'exit');
      started.disconnect();
      started = null;
      await ended;
    },
  };
}
