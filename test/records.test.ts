/** Records have the fields that `docs/reference/records.md` describes, and no other. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertEvents } from '../src/catalog/events.ts';
import { recordStep } from '../src/catalog/steps.ts';
import type { RecordEntry } from '../src/model/records/entry.ts';
import { recordGroups } from '../src/model/records.ts';
import { makeCheckpoint } from '../src/pipeline/custody/checkpoint.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { attempt, post } from './support/catalog.ts';
import { commandLine } from './support/command-line.ts';
import { urlOf } from './support/database.ts';

const described = new Map<string, RecordEntry>(
  Object.values(recordGroups).flatMap((group) => Object.entries(group)),
);

interface Described {
  schema: string;
  [field: string]: unknown;
}

/** Fields of a record that nobody describes, and described ones that it lacks. */
function differences(record: Described): string[] {
  const entry = described.get(record.schema);
  if (entry === undefined) return [`${record.schema} is not described`];
  const { schema: _, ...rest } = record;
  return compare(rest, '', entry);
}

function compare(value: object, path: string, entry: RecordEntry): string[] {
  const wanted = childrenOf(path, entry);
  const lacking = wanted.filter(
    (name) => !Object.hasOwn(value, name) && !entry.optional?.includes(`${path}${name}`),
  );
  const strange = Object.keys(value).filter((name) => !wanted.includes(name));
  const below = Object.entries(value).flatMap(([name, inner]) => {
    const [next, one] = Array.isArray(inner)
      ? [`${path}${name}[].`, inner[0]]
      : [`${path}${name}.`, inner];
    const isDeeper = one !== null && typeof one === 'object' && childrenOf(next, entry).length > 0;
    return isDeeper ? compare(one, next, entry) : [];
  });
  return [
    ...lacking.map((name) => `lacks ${path}${name}`),
    ...strange.map((name) => `${path}${name} is not described`),
    ...below,
  ];
}

/** Names right below `a.` or `a[].`; at the root all without a dot. */
function childrenOf(path: string, { fields }: RecordEntry): string[] {
  return Object.keys(fields)
    .filter((field) => field.startsWith(path))
    .map((field) => field.slice(path.length))
    .filter((name) => /^\w+$/.test(name));
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-records-'));
let archive: TestArchive;
/** What a verb prints with `--json`, as a list. */
let records: (...args: string[]) => Promise<Described[]>;
let capture = '';
let other = '';

beforeAll(async () => {
  archive = await testArchive();
  other = await archive.capture('other', { case: 'convoy' });
  capture = await archive.openCapture('a statement', { case: 'convoy', tags: ['a'] });
  const { database } = archive.parts;
  const about = attempt(capture, { step: 'page', state: 'failed', reason: 'dns' });
  await recordStep(database, about, { post: post() });
  await archive.seal(capture);
  await makeCheckpoint(archive.parts);
  await insertEvents(database, null, [
    { kind: 'removed', sourceKey: 'web:https://example.org/', detail: {}, at: new Date() },
  ]);
  const run = commandLine(folder);
  const { home } = archive.config;
  const settings = [`DATABASE_URL=${urlOf(archive.database.connection)}`, 'HOLDFAST_OPERATOR=test'];
  writeFileSync(join(folder, '.env'), settings.join('\n'));
  records = async (...args) => {
    const { stdout, stderr } = await run([...args, '--json'], { home });
    expect(stdout, stderr).not.toBe('');
    return [JSON.parse(stdout)].flat();
  };
});
afterAll(async () => {
  await archive?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const order = ['--authority', 'court', '--reference', '7'];

describe('as described is what', () => {
  test.each([
    ['show prints', () => ['show', capture], 'capture/1'],
    ['find prints', () => ['find'], 'found/1'],
    ['add prints', () => ['add', 'https://example.org/new'], 'submission/1'],
    ['verify prints', () => ['verify', '--all'], 'verification/1'],
    ['timeline prints', () => ['timeline', 'web:https://example.org/'], 'timeline-entry/1'],
    ['takedowns prints', () => ['takedowns'], 'takedown/1'],
    ['takedowns --by prints', () => ['takedowns', '--by', 'platform'], 'takedowns/1'],
    ['watch prints', () => ['watch', 'https://example.org/w', '6h'], 'watch/1'],
    ['status prints', () => ['status'], 'status/1'],
    ['keys prints', () => ['keys'], 'key/1'],
    ['config prints', () => ['config'], 'config/1'],
    ['hold prints', () => ['hold', '--case', 'other', ...order], 'hold/1'],
    ['a planned removal prints', () => ['removal', other, ...order], 'removal-plan/1'],
  ])('%s', async (_, args, noun) => {
    const found = await records(...args());
    expect(found.length).toBeGreaterThan(0);
    for (const record of found) {
      expect(record.schema).toBe(`holdfast.${noun}`);
      expect(differences(record)).toEqual([]);
    }
  });

  test('a removal prints', async () => {
    const [record] = await records('removal', other, ...order, '--yes');
    expect(record && differences(record)).toEqual([]);
  });

  test('a check prints, also where nothing answered', async () => {
    const [record] = await records('check', 'http://127.0.0.1/');
    expect(record?.schema).toBe('holdfast.check/1');
    expect(record && differences(record)).toEqual([]);
  });

  test('a manifest holds', async () => {
    const bytes = await archive.parts.vault.readRecord('manifests', capture);
    const manifest = JSON.parse(bytes?.toString('utf8') ?? '') as Described;
    expect(differences(manifest)).toEqual([]);
    expect(Object.keys(manifest)).toContain('collector');
  });

  test('and a field too many, or one too few, is found', () => {
    const home = { schema: 'holdfast.home/1', environment: 'live', more: 1 };
    expect(differences(home)).toEqual(['lacks createdAt', 'more is not described']);
  });
});
