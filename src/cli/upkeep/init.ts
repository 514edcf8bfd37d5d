/** Asks what an archive should know of whoever keeps it, and writes the answers beside it. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { UsageError } from '../../base/errors.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { replaceFile } from '../../base/synced-file.ts';
import { readConfig } from '../../config/config.ts';
import { openHome } from '../../config/home.ts';
import { configFor, globals, overridesFrom } from '../verb.ts';

interface InitFlags {
  operator?: string;
  organisation?: string;
  authority?: string;
  alerts?: string;
}

/** What is asked, and the setting that keeps the answer; alerts have a file of their own. */
const questions: { flag: keyof InitFlags; setting: string | null; asks: string }[] = [
  { flag: 'operator', setting: 'HOLDFAST_OPERATOR', asks: 'Who collects: a name or a role' },
  { flag: 'organisation', setting: 'HOLDFAST_ORGANISATION', asks: 'On whose behalf' },
  {
    flag: 'authority',
    setting: 'HOLDFAST_TSA_URLS',
    asks: 'Timestamp authority (RFC 3161; https://…; several with commas)',
  },
  { flag: 'alerts', setting: null, asks: 'Alerts go to (address of ntfy, Slack or Discord)' },
];

/** Makes the data folder where there is none. What was answered before stays unless it is answered anew. */
export async function init(command: Command): Promise<void> {
  const flags = command.opts<InitFlags>();
  const options = globals(command);
  const { home: folder, alerts } = await configFor(options);
  const answers = process.stdin.isTTY && process.stderr.isTTY ? await asked(flags) : flags;
  if (answers.alerts !== undefined) refuseUnlessWeb(answers.alerts);
  const settings = settingsFrom(answers);
  // What can't be one is told now, before it is kept for every verb that comes.
  readConfig({ ...overridesFrom(options), ...settings });
  const home = await openHome(folder, 'any');
  await keepSettings(join(home.folder, 'config.json'), settings);
  if (answers.alerts !== undefined) await keepChannel(alerts.file, answers.alerts);
  console.error(`${forTerminal(home.folder)} is ready; holdfast doctor says what is missing`);
}

async function asked(flags: InitFlags): Promise<InitFlags> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answers: InitFlags = { ...flags };
  try {
    for (const { flag, asks } of questions) {
      if (answers[flag] !== undefined) continue;
      const answer = (await lines.question(`${asks} (Enter: leave as it is): `)).trim();
      if (answer !== '') answers[flag] = answer;
    }
  } finally {
    lines.close();
  }
  return answers;
}

function settingsFrom(answers: InitFlags): Record<string, string> {
  const given = questions.flatMap(({ flag, setting }) => {
    const answer = answers[flag];
    return setting === null || answer === undefined ? [] : [[setting, answer] as const];
  });
  return Object.fromEntries(given);
}

async function keepSettings(path: string, settings: Record<string, string>): Promise<void> {
  if (Object.keys(settings).length === 0) return;
  const before: unknown = existsSync(path) ? JSON.parse(await readFile(path, 'utf8')) : {};
  const after = { ...(before as object), ...settings };
  await replaceFile(path, Buffer.from(`${JSON.stringify(after, null, 2)}\n`));
}

/** Channels that somebody wrote stay as they are. @throws UsageError `exists` */
async function keepChannel(file: string, url: string): Promise<void> {
  if (existsSync(file)) {
    throw new UsageError(
      'exists',
      `${file} names channels already: add this one there (docs/alerts.md)`,
    );
  }
  const channel = { name: 'alerts', kind: kindOf(new URL(url)), url };
  await replaceFile(file, Buffer.from(`${JSON.stringify({ channels: [channel] }, null, 2)}\n`));
}

function kindOf({ hostname }: URL): 'slack' | 'discord' | 'ntfy' {
  if (hostname === 'hooks.slack.com') return 'slack';
  return /(?:^|\.)discord(?:app)?\.com$/.test(hostname) ? 'discord' : 'ntfy';
}

/** @throws UsageError `bad-target` */
function refuseUnlessWeb(url: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return;
  throw new UsageError('bad-target', `--alerts: ${url} is not a web address (https://…)`);
}
