/** The help of every verb ends with two examples: they are parsed as a shell would, and run where no network is needed. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, openApp } from '../src/app.ts';
import { packageFolder } from '../src/base/own-package.ts';
import { commandTree } from '../src/cli/command-line.ts';
import { readConfig } from '../src/config/config.ts';
import type { Ran } from './support/command-line.ts';
import { holdfastCommands } from './support/shell-words.ts';

const noWorkers = () => Promise.reject(new Error('parsed, not run'));
const program = commandTree(noWorkers);
const verbs = program.commands.flatMap((verb) => [verb, ...verb.commands]).filter(isShown);

function isShown(verb: Command): boolean {
  const shown = verb.parent?.createHelp().visibleCommands(verb.parent) ?? [];
  return shown.includes(verb);
}

function nameOf(verb: Command): string {
  return verb.parent === program ? verb.name() : `${verb.parent?.name()} ${verb.name()}`;
}

function helpOf(verb: Command): string {
  let text = '';
  verb.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  verb.outputHelp();
  return text;
}

function examplesOf(verb: Command): string[] {
  const [, after = ''] = helpOf(verb).split('\nExamples:\n');
  return after
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** Which verb the arguments lead to. @throws what the command line says of wrong ones */
async function parsed(args: string[]): Promise<string> {
  const tree = commandTree(noWorkers);
  let reached = '';
  for (const verb of tree.commands.flatMap((one) => [one, ...one.commands])) {
    verb.exitOverride().configureOutput({ outputError: () => {} });
    verb.action(() => {
      reached = verb.parent === tree ? verb.name() : `${verb.parent?.name()} ${verb.name()}`;
    });
  }
  await tree.parseAsync(args, { from: 'user' });
  return reached;
}

describe('the help of', () => {
  test.each(verbs.map((verb) => [nameOf(verb), verb] as const))(
    '%s ends with two examples that parse',
    async (name, verb) => {
      const examples = examplesOf(verb);
      expect(examples).toHaveLength(2);
      const reached: string[] = [];
      for (const args of examples.flatMap(holdfastCommands)) reached.push(await parsed(args));
      // `case` and `tag` do nothing by themselves.
      const isGroup = name === 'case' || name === 'tag';
      expect(reached).toContain(isGroup ? `${name} add` : name);
    },
  );

  test('every verb is looked at', () => {
    expect(verbs.map(nameOf)).toEqual(expect.arrayContaining(['links', 'alerts ack', 'removal']));
  });

  test('a wrong example would be found', async () => {
    await expect(parsed(['archive', 'https://example.org/', '--no-such'])).rejects.toThrow(
      'unknown option',
    );
  });
});

/** What examples answer on an archive that holds two unfinished captures, where it is not 0. */
const otherCodes: Record<string, number> = {
  "holdfast find '(convoy or column) -bridge has:video' --case harbour": 3,
  'holdfast find --state partial --since 2026-11-01 --csv': 3,
  // Into an empty catalog only; the other example is for one that is not.
  'holdfast rebuild': 2,
};
/** These reach for the network, for a person who waits, for keys to give up or for ids that nobody has. */
const notRun =
  /^holdfast (?:archive|check|work|serve|alerts (?:show|ack|redeliver|test)|similar|derive|export|verify |verify-wacz|clusters --undo|removal|profile records|setup(?: --replay)?$|doctor)|archive -$|DATABASE_URL=|xargs|--profile|timeline/;

describe('examples that need no network', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-help-'));
  const home = join(folder, 'holdfast-data');
  let app: App;
  let captureId = '';

  beforeAll(async () => {
    mkdirSync(join(folder, 'bin'));
    symlinkSync(join(packageFolder, 'bin/holdfast'), join(folder, 'bin/holdfast'));
    mkdirSync(join(folder, '.local/share/bash-completion/completions'), { recursive: true });
    mkdirSync(join(folder, '.config/fish/completions'), { recursive: true });
    writeFileSync(join(folder, 'report.html'), '<a href="https://example.org/a">a</a>');
    writeFileSync(join(folder, 'links.csv'), 'link\nhttps://example.org/b\n');
    writeFileSync(join(folder, 'state.json'), JSON.stringify({ cookies: [], origins: [] }));
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toFile(join(folder, 'photo.jpg'));
    app = await openApp(
      { ...readConfig({ HOLDFAST_HOME: home }, {}), databaseUrl: null, redisUrl: null },
      { make: 'live' },
    );
    const { stdout } = await shell('holdfast add https://example.org/a --case harbour -q');
    captureId = stdout.trim();
    await shell('holdfast add https://example.org/statement --case harbour');
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  function shell(line: string): Promise<Ran> {
    const env = {
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      HOME: folder,
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    };
    return new Promise((resolve) => {
      execFile('/bin/sh', ['-c', line], { cwd: folder, env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  const lines = [...new Set(verbs.flatMap(examplesOf))].filter((line) => !notRun.test(line));

  test.each(lines)('%s', async (line) => {
    const { code, stderr } = await shell(line.replaceAll('6a0b9c3d', captureId));
    expect({ code, stderr: code === 0 ? '' : stderr }).toMatchObject({
      code: otherCodes[line] ?? 0,
    });
  });
});
