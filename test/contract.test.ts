/** What scripts and other programs rely on is written down, and is as it is written. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { referencePages } from '../scripts/reference/pages.ts';
import type { CodeEntry } from '../src/base/codes/entry.ts';
import { cancelledReasons, excludedReasons, notKeptReasons } from '../src/base/codes/exchanges.ts';
import { extractorOutcomes } from '../src/base/codes/extractor.ts';
import { mediaNotes, pageNotes } from '../src/base/codes/notes.ts';
import { rejections } from '../src/base/codes/rejections.ts';
import { errorCodes } from '../src/base/error-codes.ts';
import { exits } from '../src/base/exit-codes.ts';
import { stepReasons } from '../src/base/reasons.ts';
import { aboutSetting } from '../src/config/setting-in-words.ts';
import { type SettingName, settings } from '../src/config/settings.ts';
import { eventKinds } from '../src/model/event-kinds.ts';
import { recordGroups } from '../src/model/records.ts';
import { roles } from '../src/model/roles.ts';
import { availabilityMeanings, signalMeanings } from '../src/model/signal-meanings.ts';
import { entryMeanings } from '../src/seal/entry-meanings.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs/reference');

/** Source by path; `tables` hold the words themselves and are no use of them. */
const tables =
  /^src\/(base\/codes|model\/(records|roles|event-kinds|signal-meanings))|-meanings\.ts$/;
const sources = ['src', 'workers', 'scripts'].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path: join(top, path), text: readFileSync(join(root, top, path), 'utf8') })),
);
const using = sources.filter(({ path }) => !tables.test(path));

function isUsed(code: string): boolean {
  return using.some(({ text }) => text.includes(`'${code}'`) || text.includes(`${code}:`));
}

/** Every table of codes, by a name for the test. */
const codeTables: Record<string, Readonly<Record<string, CodeEntry>>> = {
  ...errorCodes,
  ...stepReasons,
  excludedReasons,
  cancelledReasons,
  notKeptReasons,
  extractorOutcomes,
  pageNotes,
  mediaNotes,
  rejections,
  eventKinds,
  entryMeanings,
  signalMeanings,
  availabilityMeanings,
  exits,
};

describe('the reference', () => {
  const made = referencePages();

  test.each(Object.keys(made))('%s is as the code makes it', (file) => {
    const kept = readFileSync(join(folder, file), 'utf8');
    expect(kept, 'run: node scripts/build-reference.ts').toBe(made[file]);
  });

  test('has no page that nobody makes', () => {
    expect(readdirSync(folder).sort()).toEqual(Object.keys(made).sort());
  });

  test('names only verbs and flags that there are', () => {
    const cli = sources.filter(({ path }) => path.startsWith('src/cli/'));
    const all = cli.map(({ text }) => text).join('\n');
    const verbs = new Set([...all.matchAll(/\.command\('([a-z-]+)/g)].map(([, verb]) => verb));
    const flags = new Set([...all.matchAll(/(--[a-z0-9-]+)/g)].map(([flag]) => flag));
    const text = Object.values(made).join('\n');
    const namedVerbs = [...text.matchAll(/`holdfast ([a-z-]+)/g)].map(([, verb]) => verb);
    const namedFlags = [...text.matchAll(/`[^`\n]*?(--[a-z-]+)[^`\n]*`/g)].map(([, flag]) => flag);
    expect(namedVerbs.filter((verb) => !verbs.has(verb))).toEqual([]);
    expect(namedFlags.filter((flag) => !flags.has(flag ?? '') && flag !== '--help')).toEqual([]);
  });
});

describe('every code', () => {
  test.each(Object.entries(codeTables))(
    'of %s says what it means, when, and what to do',
    (_, table) => {
      for (const [code, { meaning, when, todo }] of Object.entries(table)) {
        for (const words of [meaning, when, todo]) expect(words, code).toMatch(/^[^ ].{3,}[.…)]$/s);
      }
    },
  );

  test('arises somewhere', () => {
    const codes = Object.values(codeTables).flatMap((table) => Object.keys(table));
    const idle = [...new Set(codes)].filter((code) => !isUsed(code));
    // Made from the name of the tool.
    const composed = ['ffmpeg-killed', 'ffprobe-failed', 'ffprobe-killed'];
    expect(idle.filter((code) => !composed.includes(code) && !Object.hasOwn(exits, code))).toEqual(
      [],
    );
  });

  test('that an error may pass on is in the table of its class where it is raised by name', () => {
    const raised = using.flatMap(({ path, text }) =>
      [...text.matchAll(/new TransientError\(\s*'([a-z-]+)'/g)].map(([, code = '']) => ({
        path,
        code,
      })),
    );
    expect(raised.length).toBeGreaterThan(10);
    expect(raised.filter(({ code }) => !Object.hasOwn(errorCodes.TransientError, code))).toEqual(
      [],
    );
  });

  test('with which a command ends is one of the list, by its name', () => {
    const bare = using
      .filter(({ path }) => /^(src|workers)\//.test(path))
      .filter(({ text }) => /process\.exitCode (\|\|)?= \d/.test(text))
      .map(({ path }) => path);
    expect(bare).toEqual([]);
    const codes = Object.values(exits).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});

describe('every other word', () => {
  test('for what a file is says who makes it, and arises somewhere', () => {
    for (const [role, { meaning, when, use }] of Object.entries(roles)) {
      for (const words of [meaning, when, use]) expect(words, role).toMatch(/^.{5,}\.$/s);
    }
    expect(Object.keys(roles).filter((role) => !isUsed(role))).toEqual([]);
  });

  test('in the settings says what it is for', () => {
    for (const name of Object.keys(settings.shape) as SettingName[])
      expect(aboutSetting(name), name).toMatch(/[.…]$/);
  });

  test('that names a record is described, and no record is described that is none', () => {
    const described = Object.values(recordGroups).flatMap((group) => Object.keys(group));
    const named = using.flatMap(({ text }) => text.match(/holdfast\.[a-z-]+\/\d+/g) ?? []);
    expect([...new Set(named)].sort()).toEqual([...new Set(described)].sort());
    expect(new Set(described).size).toBe(described.length);
  });
});
