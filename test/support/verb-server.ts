/** A process that runs verbs, one after another, as its parent asks: what they import is read once. */
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { Ran, VerbAsked } from './verbs-in-one-process.ts';

async function run({ args, home }: VerbAsked): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    process[name].write = (text: string | Uint8Array) => {
      said[name] += typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
      return true;
    };
  process.argv = [process.execPath, 'holdfast', ...args];
  process.env.HOLDFAST_HOME = home;
  process.exitCode = 0;
  await runCommandLine(() => Promise.reject(new Error('no workers in this process')));
  process.stdout.removeAllListeners('error');
  const { exitCode } = process;
  process.exitCode = 0;
  return { code: Number(exitCode), ...said };
}

process.on('message', (asked: VerbAsked) => {
  run(asked).then(
    (ran) => process.send?.(ran),
    (error: unknown) => process.send?.({ code: 1, stdout: '', stderr: String(error) }),
  );
});
