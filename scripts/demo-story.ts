/** The founding story, given to the program as it is: everything that it keeps says that it is a demonstration. */
import { join, relative, resolve } from 'node:path';
import { openApp } from '../src/app.ts';
import { exits } from '../src/base/exit-codes.ts';
import { packageFolder } from '../src/base/own-package.ts';
import { archiveWithProgress } from '../src/cli/capture/archive.ts';
import { printCaptures } from '../src/cli/terminal/capture-report.ts';
import { write } from '../src/cli/terminal/output.ts';
import { homeNamed, readConfig } from '../src/config/config.ts';
import { readLinks } from '../src/links/read-links.ts';
import { addLinks } from '../src/pipeline/intake/add.ts';
import { storyText } from '../test/internet/founding-story.ts';
import { startWorkers } from '../workers/main.ts';
import type { StandIn } from './demo-stand-in.ts';

const json = process.argv.includes('--json');
const home = resolve(homeNamed() ?? 'holdfast-demo');
/** As it is typed here: its path, where no other `holdfast` is on the way. */
const program = relative(process.cwd(), join(packageFolder, 'bin/holdfast'));

/** Captures the story, prints what was kept, and closes the stand-in whatever happens. */
export async function captureStory(standIn: Promise<StandIn>): Promise<void> {
  await using internet = await standIn;
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
  console.error(`demonstration: this machine plays the network; data folder ${home}\n`);
  console.error(`the text to archive:\n${storyText}\n`);
  const submitted = await addLinks(app.parts, await app.queue(), readLinks(storyText), {
    case: 'demonstration',
    reason: 'demonstration',
    again: true,
  });
  const records = await archiveWithProgress(
    app,
    startWorkers,
    submitted.flatMap((row) => row.captureId ?? []),
  );
  if (json) write(JSON.stringify({ captures: records }, null, 2));
  else printCaptures(records, 'table');
  console.error(`\nlook around with:
  ${program} --home ${home} find
  ${program} --home ${home} show ${records[0]?.id ?? 'ID'}
  ${program} --home ${home} verify --all
  ${program} --home ${home} export ${records[0]?.id ?? 'ID'} --to ./exported`);
  if (records.some((record) => record.state !== 'complete'))
    process.exitCode = exits.someFailed.code;
}
