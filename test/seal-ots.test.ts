/** OpenTimestamps over checkpoints: calendars that keep their promises, and others that can't be relied on. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { checkpointOf } from '../src/catalog/checkpoints.ts';
import { entriesOfType, logEntriesFrom } from '../src/catalog/log-entries.ts';
import { captureRecord } from '../src/catalog/show.ts';
import { pendingTimestamps } from '../src/catalog/timestamp-schedule.ts';
import { readConfig } from '../src/config/config.ts';
import { showCapture } from '../src/pipeline/answers/show.ts';
import { otsRecord } from '../src/pipeline/custody/ots.ts';
import { sweepSeal } from '../src/pipeline/custody/stamp.ts';
import { exportBundle } from '../src/pipeline/export/bundle.ts';
import { replaceCatalog } from '../src/pipeline/rebuild/catalog.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { verifyOtsProofs } from '../src/pipeline/verify/ots.ts';
import { publicKeys } from '../src/seal/keys.ts';
import { BitcoinHeaders } from '../src/seal/verify/formats/bitcoin-headers.ts';
import { addCalendarHosts, type CalendarHosts } from './internet/calendar.ts';
import type { TestArchive } from './support/archive.ts';
import { flipBit, verified } from './support/bundles.ts';
import { type Outside, openOutside } from './support/outside.ts';

const opened = new AsyncDisposableStack();
const signal = new AbortController().signal;
let outside: Outside;
let hosts: CalendarHosts;

beforeAll(async () => {
  outside = opened.use(await openOutside());
  hosts = addCalendarHosts(outside.world);
});

afterAll(() => opened.disposeAsync());

function promisedBy(...calendars: string[]): Promise<TestArchive> {
  return outside.archive({ HOLDFAST_OTS_CALENDARS: calendars.join(',') });
}

/** The next round, when everything that was put off is due again. */
async function later({ parts }: TestArchive): Promise<void> {
  await parts.database.query('update timestamp_schedule set next_at = now()');
  await sweepSeal(parts, signal);
}

async function findings(
  { parts }: TestArchive,
  headers?: string,
): Promise<{ subject: string; ok: boolean; message: string }[]> {
  const given = headers === undefined ? null : await BitcoinHeaders.read(Buffer.from(headers));
  const found = [];
  for await (const finding of verifyOtsProofs(parts, given)) found.push(finding);
  return found;
}

async function shown(archive: TestArchive, headers?: string): Promise<string> {
  const own = (await findings(archive, headers)).find(
    ({ subject }) => subject === 'OpenTimestamps',
  );
  return own?.message ?? '';
}

async function faults(archive: TestArchive, headers?: string): Promise<string[]> {
  return (await findings(archive, headers))
    .filter(({ ok }) => !ok)
    .map(({ subject, message }) => `${subject}: ${message}`);
}

async function failures({ parts }: TestArchive): Promise<Record<string, string | undefined>> {
  const pending = await pendingTimestamps(parts.database);
  return Object.fromEntries(
    pending.map(({ authority, failure }) => [authority, failure?.split(':')[0]]),
  );
}

describe('a capture that is shown', () => {
  test('names the nearest promise that was kept, and looks at no proof of the log but those', async () => {
    await using archive = await promisedBy(hosts.honest);
    const { parts } = archive;
    const captures: string[] = [];
    const round = async (after: 'kept' | 'forgotten' | 'open') => {
      captures.push(await archive.capture());
      // Later than a calendar is asked again.
      const now = Date.now() + captures.length * 3_600_000;
      const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
      await sweepSeal(parts, signal).finally(() => clock.mockRestore());
      if (after === 'forgotten') await parts.database.query('delete from timestamp_schedule');
      if (after !== 'kept') return;
      hosts.mine();
      await later(archive);
    };
    for (const after of ['kept', 'forgotten', 'kept', 'open'] as const) await round(after);
    const asked = asksOf(archive);
    const proofOf = async (captureId = '') => {
      asked.length = 0;
      return (await showCapture(parts, captureId))?.seal?.openTimestamps;
    };
    const [first, second, third, last] = captures;
    expect(await proofOf(first)).toMatchObject([{ checkpoint: 1, state: 'complete' }]);
    expect(asked).toEqual([otsRecord(1, hosts.honest, 'complete')]);
    const [kept] = (await proofOf(third)) ?? [];
    expect(kept).toMatchObject({ state: 'complete' });
    expect(asked).toEqual([otsRecord(kept?.checkpoint ?? 0, hosts.honest, 'complete')]);
    expect(await proofOf(second)).toEqual([kept]);
    expect(await proofOf(last)).toMatchObject([{ state: 'pending', calendars: [hosts.honest] }]);
    expect(asked).toHaveLength(2);
    hosts.mine();
  });

  /** Names of the proofs that are looked at from now on. */
  function asksOf({ parts: { vault } }: TestArchive): string[] {
    const asked: string[] = [];
    const { readRecord, recordNames } = vault;
    vault.recordNames = (kind) => {
      asked.push(`all names of ${kind}`);
      return recordNames.call(vault, kind);
    };
    vault.readRecord = (kind, name) => {
      if (kind === 'ots-proofs') asked.push(name);
      return readRecord.call(vault, kind, name);
    };
    return asked;
  }
});

describe('a checkpoint', () => {
  test('is promised first, proved by a block later, and handed over with its proof', async () => {
    await using archive = await promisedBy(hosts.honest);
    const { database, vault } = archive.parts;
    const captureId = await archive.capture();
    const before = hosts.submitted.length;
    await sweepSeal(archive.parts, signal);
    expect(await shown(archive)).toMatch(
      /^0 .*, 0 .*, 1 is a calendar's promise, which proves nothing$/,
    );
    expect(await failures(archive)).toEqual({ [hosts.honest]: 'ots-pending' });
    // A promise is no timestamp.
    expect((await captureRecord(database, captureId))?.seal).toMatchObject({ stage: 'sealed' });
    await later(archive);
    expect(hosts.submitted.length).toBe(before + 1);
    const note = (await checkpointOf(database, 1))?.note;
    expect(hosts.submitted.at(-1)).not.toBe(String(note));

    const [block] = hosts.mine();
    await later(archive);
    expect(await failures(archive)).toEqual({});
    expect(
      await vault.readRecord('ots-proofs', otsRecord(1, hosts.honest, 'pending')),
    ).not.toBeNull();
    const types = (await logEntriesFrom(database, 0, 10)).map(({ type }) => type);
    expect(types).toEqual(['capture', 'ots-proof', 'ots-proof']);
    const root = Buffer.from(block?.header.subarray(36, 68) ?? [])
      .reverse()
      .toString('hex');
    expect(await shown(archive)).toContain(
      `Bitcoin block ${block?.height} must have the Merkle root ${root}`,
    );
    expect(await shown(archive)).toMatch(/^0 attestations agree/);
    expect(await shown(archive, block?.line)).toMatch(
      /^1 attestation agrees.*existed before Bitcoin block/,
    );
    expect(await faults(archive, block?.line)).toEqual([]);
    const wrong = block?.line.replace(/^\d+/, String((block?.height ?? 0) + 1)) ?? '';
    expect(await shown(archive, wrong)).toMatch(/^0 attestations agree.*no such header was given/);
    // Nothing more is asked for: only the last proof was added.
    await later(archive);
    expect(hosts.submitted.length).toBe(before + 1);

    const path = join(outside.folder, 'handed-over');
    const options = { by: 'test', restricted: false, roles: [], since: [] };
    await exportBundle(archive.parts, [captureId], path, options, signal);
    const question = { vkeys: (await publicKeys(vault)).map(({ vkey }) => vkey) };
    const without = await verified(path, question);
    expect(without.faults).toEqual([]);
    expect(without.findings.filter(({ kind }) => kind === 'ots')).toEqual([
      expect.objectContaining({ result: 'note', message: expect.stringContaining(root) }),
    ]);
    const proved = await verified(path, {
      ...question,
      bitcoinHeaders: Buffer.from(block?.line ?? ''),
    });
    expect(proved.faults).toEqual([]);
    expect(proved.findings).toContainEqual(
      expect.objectContaining({ kind: 'time', message: expect.stringContaining('Bitcoin block') }),
    );
    expect(await readFile(join(path, 'data/README.txt'), 'utf8')).toMatch(
      /\n {2}ots --no-bitcoin verify -f /,
    );
  });

  test('is promised by the honest calendar whatever the others do', async () => {
    const { honest, garbage, elsewhere, down } = hosts;
    await using archive = await promisedBy(down, garbage, elsewhere, honest);
    hosts.isDown = true;
    await archive.capture();
    await sweepSeal(archive.parts, signal);
    expect(await failures(archive)).toEqual({
      [honest]: 'ots-pending',
      [garbage]: 'ots-garbage',
      [elsewhere]: 'ots-elsewhere',
      [down]: 'ots-status',
    });
    const { rows } = await archive.parts.database.query<{ kind: string }>(
      'select kind from events',
    );
    expect(rows.map(({ kind }) => kind)).toEqual(Array(3).fill('timestamp.failed'));
    const kept: string[] = [];
    for await (const name of archive.parts.vault.recordNames('ots-proofs')) kept.push(name);
    expect(kept).toEqual([otsRecord(1, honest, 'pending')]);
    hosts.isDown = false;
    await later(archive);
    expect(await failures(archive)).toMatchObject({ [down]: 'ots-pending' });
    expect(await faults(archive)).toEqual([]);
  });

  test('is not proved by a calendar that lies: the header of its block says so', async () => {
    await using archive = await promisedBy(hosts.lying);
    await archive.capture();
    await sweepSeal(archive.parts, signal);
    const blocks = hosts.mine();
    await later(archive);
    expect(await shown(archive)).toMatch(/^0 attestations agree.*not proved here/);
    expect(await faults(archive)).toEqual([]);
    const [fault = ''] = await faults(archive, blocks.map(({ line }) => line).join('\n'));
    expect(fault).toMatch(/^OpenTimestamps proof .*\.complete: .*the proof or the header is wrong/);
  });

  test('has its proofs and open promises after a rebuild; a flipped or missing one is found', async () => {
    await using archive = await promisedBy(hosts.honest);
    const { database, vault } = archive.parts;
    await archive.capture();
    await sweepSeal(archive.parts, signal);
    await replaceCatalog(archive.parts);
    expect(await pendingTimestamps(database)).toEqual([
      { authority: hosts.honest, pending: 1, failure: null },
    ]);
    hosts.mine();
    await later(archive);
    expect((await entriesOfType(database, 'ots-proof')).length).toBe(2);
    await replaceCatalog(archive.parts);
    expect(await pendingTimestamps(database)).toEqual([]);
    expect(await faults(archive)).toEqual([]);
    const name = otsRecord(1, hosts.honest, 'complete');
    const path = join(archive.config.home, 'vault', 'records', 'ots-proofs', name);
    for (const bit of [3, 300, 700, 1_100, 1_600]) {
      await flipBit(path, bit);
      expect((await faults(archive)).join()).toContain('is missing or was exchanged');
      await flipBit(path, bit);
    }
    const proof = await vault.readRecord('ots-proofs', name);
    await rm(path);
    expect((await faults(archive)).join()).toContain('is missing or was exchanged');
    await writeFile(path, proof ?? '');
    const all: string[] = [];
    for await (const { ok, message } of verifyAll(archive.parts)) if (!ok) all.push(message);
    expect(all).toEqual([]);
  });

  test('whose proof a killed process left is entered in the log, and asked for only once', async () => {
    await using archive = await promisedBy(hosts.honest);
    const { parts } = archive;
    await archive.capture();
    const keepRecord = parts.vault.keepRecord.bind(parts.vault);
    parts.vault.keepRecord = async (kind, name, bytes) => {
      const stored = await keepRecord(kind, name, bytes);
      if (kind === 'ots-proofs') throw new Error('killed');
      return stored;
    };
    const before = hosts.submitted.length;
    await sweepSeal(parts, signal);
    expect((await entriesOfType(parts.database, 'ots-proof')).length).toBe(0);
    parts.vault.keepRecord = keepRecord;
    await later(archive);
    expect((await entriesOfType(parts.database, 'ots-proof')).length).toBe(1);
    expect(hosts.submitted.length).toBe(before + 1);
  });

  test('a moment after another is not submitted too, and without calendars nothing is', async () => {
    await using archive = await promisedBy(hosts.honest);
    await archive.capture();
    await sweepSeal(archive.parts, signal);
    const before = hosts.submitted.length;
    await archive.capture();
    await later(archive);
    expect(hosts.submitted.length).toBe(before);
    archive.parts.config.seal.otsCalendars = [];
    await later(archive);
    expect(hosts.submitted.length).toBe(before);
  });
});

test('calendars are https addresses with nothing to hide', () => {
  const read = (list: string) => readConfig({ HOLDFAST_OTS_CALENDARS: list }).seal.otsCalendars;
  expect(read('https://a.example/, https://b.example/c')).toEqual([
    'https://a.example',
    'https://b.example/c',
  ]);
  for (const bad of ['http://a.example', 'https://u:p@a.example', 'https://a.example/?k=1', 'a'])
    expect(() => read(bad)).toThrow(/HOLDFAST_OTS_CALENDARS/);
});
