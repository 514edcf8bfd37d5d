/**
 * Archives the founding story from the small internet: the real program, queue, browser
 * and ffmpeg against a stand-in for the outside. Everything it keeps is a demonstration
 * and says so: own home, marked for life, own key space, the word on every picture.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openApp } from '../src/app.ts';
import { homeNamed, readConfig } from '../src/config.ts';
import { UnreachableError } from '../src/errors.ts';
import { reportFailure } from '../src/failure.ts';
import { readLinks } from '../src/links/read-links.ts';
import { addLinks } from '../src/pipeline/add.ts';
import { storyText } from '../test/internet/founding-story.ts';
import { workUntilClosed } from './commands/archive.ts';
import { printCaptures } from './commands/capture-report.ts';
import { write } from './commands/output.ts';

const json = process.argv.includes('--json');
const home = resolve(homeNamed() ?? 'holdfast-demo');

async function demo(): Promise<void> {
  await using internet = await startStandIn();
  const config = {
    ...readConfig(
      {
        HOLDFAST_HOME: home,
        ...internet.environment,
        HOLDFAST_OPERATOR: 'demonstration',
        // Nobody real is asked, so nobody needs to be spared.
        HOLDFAST_HOST_INTERVAL_MS: '0',
        // What answers at once is quiet sooner than a network is.
        HOLDFAST_PAGE_QUIET_MS: '500',
      },
      { HOLDFAST_LOG_LEVEL: 'error' },
    ),
    // Whatever servers an operator has, a demonstration never writes to them.
    databaseUrl: null,
    redisUrl: null,
  };
  await using app = await openApp(config, { make: 'demo' });
  console.error(`a demonstration: the outside is played by this machine; data folder ${home}\n`);
  console.error(`the text that goes in:\n${storyText}\n`);
  const submitted = await addLinks(app.parts, await app.queue(), readLinks(storyText), {
    case: 'demonstration',
    reason: 'demonstration',
    again: true,
  });
  const records = await workUntilClosed(
    app,
    submitted.flatMap((row) => row.captureId ?? []),
  );
  if (json) write(JSON.stringify({ captures: records }, null, 2));
  else printCaptures(records, 'table');
  console.error(`\nlook around:
  npm run holdfast -- --home ${home} find
  npm run holdfast -- --home ${home} show ${records[0]?.id ?? 'ID'}
  npm run holdfast -- --home ${home} verify --all
  npm run holdfast -- --home ${home} export ${records[0]?.id ?? 'ID'} --to ./exported`);
  if (records.some((record) => record.state !== 'complete')) process.exitCode = 4;
}

interface StandIn extends AsyncDisposable {
  environment: Record<string, string>;
}

/** The small internet in a process of its own, as any program would use it. */
async function startStandIn(): Promise<StandIn> {
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

try {
  await demo();
} catch (error) {
  process.exitCode = await reportFailure(error);
}
