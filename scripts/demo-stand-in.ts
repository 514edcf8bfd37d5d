/** The small internet of the demonstration, in a process of its own, as any program would use it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { UnreachableError } from '../src/base/errors.ts';

export interface StandIn extends AsyncDisposable {
  environment: Record<string, string>;
}

/** @throws UnreachableError `no-stand-in` */
export async function startStandIn(): Promise<StandIn> {
  const script = fileURLToPath(new URL('../test/internet/serve.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const environment: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [name = '', ...value] = line.split('=');
    environment[name] = value.join('=');
    if (Object.keys(environment).length === 2) break;
  }
  // Without it the demonstration would go to the real network.
  if (!environment.HOLDFAST_UPSTREAM_PROXY || !environment.HOLDFAST_EXTRA_CA) {
    throw new UnreachableError(
      'no-stand-in',
      'the small internet did not start: node test/internet/serve.ts says why',
    );
  }
  return {
    environment,
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit');
      if (child.kill()) await gone;
    },
  };
}
