/** Keys that change, bytes that rot, holds that bind and orders that remove: all of it in one log. */

import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { artifactsOf } from '../src/catalog/artifacts.ts';
import { outcomeOf } from '../src/catalog/captures.ts';
import { newestCheckpoint } from '../src/catalog/checkpoints.ts';
import { eventsOf } from '../src/catalog/events.ts';
import { findCaptures } from '../src/catalog/find.ts';
import { type FixityRow, fixityState } from '../src/catalog/fixity.ts';
import { activeHolds } from '../src/catalog/holds.ts';
import { entriesOfType, logSize } from '../src/catalog/log-entries.ts';
import { insertPages } from '../src/catalog/pages.ts';
import { removals, unfinishedRemovals } from '../src/catalog/removals.ts';
import { captureRecord } from '../src/catalog/show.ts';
import { recordStep } from '../src/catalog/steps.ts';
import { insertTexts } from '../src/catalog/texts.ts';
import type { Role } from '../src/model/roles.ts';
import { logStore, makeCheckpoint } from '../src/pipeline/custody/checkpoint.ts';
import { noteCustody } from '../src/pipeline/custody/custody-event.ts';
import { sweepFixity } from '../src/pipeline/custody/fixity.ts';
import { releaseHold, setHold } from '../src/pipeline/custody/hold.ts';
import { finishRemovals, removeByOrder } from '../src/pipeline/custody/removal.ts';
import { rotateKey } from '../src/pipeline/custody/rotate-key.ts';
import { exportBundle } from '../src/pipeline/export/bundle.ts';
import type { Parts } from '../src/pipeline/parts.ts';
import { replaceCatalog } from '../src/pipeline/rebuild/catalog.ts';
import { verifyAll, verifyCapture } from '../src/pipeline/verify/captures.ts';
import { publicKeys } from '../src/seal/keys.ts';
import { appendEntry } from '../src/seal/log.ts';
import { type EntryType, readEntry } from '../src/seal/log-entry.ts';
import {
  parseCheckpoint,
  parseNote,
  parseVkey,
  verifyNote,
} from '../src/seal/verify/formats/note.ts';
import type { Vault } from '../src/vault/vault.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { verified } from './support/bundles.ts';
import { attempt } from './support/catalog.ts';
import { anyBytes } from './support/seed.ts';

const signal = new AbortController().signal;
const opened = new AsyncDisposableStack();
const court = { authority: 'District Court', reference: '7 C 12/26', reason: null, by: 'Jane Roe' };
let second: string;
let archive: TestArchive;

beforeAll(async () => {
  second = await mkdtemp(join(tmpdir(), 'holdfast-second-'));
  opened.defer(() => rm(second, { recursive: true, force: true }));
  archive = opened.use(await testArchive({ variables: { HOLDFAST_SECOND_VAULT: second } }));
});

afterAll(() => opened.disposeAsync());

async function checks(of: TestArchive = archive) {
  const found: string[] = [];
  const faults: string[] = [];
  for await (const { ok, subject, message } of verifyAll(of.parts)) {
    (ok ? found : faults).push(`${subject}: ${message}`);
  }
  return { found, faults };
}

async function fileOf(captureId: string): Promise<string> {
  return (await artifactsOf(archive.parts.database, captureId))[0]?.sha256 ?? '';
}

function pathOf(sha256: string): string {
  return join(archive.config.home, 'vault', 'objects', sha256.slice(0, 2), sha256);
}

async function rot(sha256: string): Promise<void> {
  await chmod(pathOf(sha256), 0o600);
  const bytes = await readFile(pathOf(sha256));
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(pathOf(sha256), bytes);
}

/** The process dies when it would do this. */
function dyingVault(vault: Vault, at: keyof Vault = 'remove', about?: string): Vault {
  return new Proxy(vault, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) =>
        name === at && (about === undefined || given[0] === about)
          ? Promise.reject(new Error('killed here'))
          : value.apply(target, given);
    },
  });
}

/** Everything is due. */
async function fixityOf(
  sha256: string,
): Promise<Pick<FixityRow, 'result' | 'mended' | 'detail'>[]> {
  const { rows } = await archive.parts.database.query<
    Pick<FixityRow, 'result' | 'mended' | 'detail'>
  >(
    `select result, mended, detail from fixity_checks
     where sha256 = $1 order by checked_at desc, id desc`,
    [sha256],
  );
  return rows;
}

const now = () => ({ signal, before: new Date(Date.now() + 1_000) });

async function events(kind: string): Promise<Record<string, unknown>[]> {
  const { rows } = await archive.parts.database.query<{ detail: Record<string, unknown> }>(
    'select detail from events where kind = $1 order by at',
    [kind],
  );
  return rows.map(({ detail }) => detail);
}

describe('a key that is replaced', () => {
  test('vouches for the next one, signs once beside it, and is gone afterwards', async () => {
    await archive.capture();
    await makeCheckpoint(archive.parts);
    const before = await newestCheckpoint(archive.parts.database);
    const [old, next] = await rotateKey(archive.parts, { by: 'Jane Roe', reason: 'yearly' });
    expect(old?.name).toBe(next?.name);
    const [oldKey, newKey] = await Promise.all(
      [old, next].map((key) => parseVkey(key?.vkey ?? '')),
    );
    if (oldKey === undefined || newKey === undefined) throw new Error('two keys were expected');
    const [entry] = await entriesOfType(archive.parts.database, 'key-rotated');
    const detail = await archive.parts.vault.readRecord('log-details', entry?.detailSha256 ?? '');
    const { statement } = JSON.parse(detail?.toString() ?? '{}');
    expect(await verifyNote(parseNote(Buffer.from(statement)), [oldKey])).toHaveLength(1);
    expect(statement).toContain(`new ${next?.vkey}`);
    const both = await newestCheckpoint(archive.parts.database);
    expect(both?.size).toBe((before?.size ?? 0) + 1);
    const signed = parseCheckpoint(both?.note ?? Buffer.alloc(0));
    expect(await verifyNote(signed, [oldKey, newKey])).toHaveLength(2);
    const left = await readdir(join(archive.config.home, 'keys'));
    expect(left.filter((name) => name.endsWith('.pem'))).toEqual([`log-${next?.id}.pem`]);
    await archive.capture();
    const alone = parseCheckpoint((await makeCheckpoint(archive.parts))?.note ?? Buffer.alloc(0));
    expect(await verifyNote(alone, [oldKey])).toEqual([]);
    expect(await verifyNote(alone, [newKey])).toHaveLength(1);
    expect((await checks()).faults).toEqual([]);
  });

  test('by a process that is killed before it publishes the next one is replaced all the same', async () => {
    await using own = await testArchive();
    await own.capture();
    await makeCheckpoint(own.parts);
    const dying = { ...own.parts, vault: dyingVault(own.parts.vault, 'keepRecord', 'keys') };
    await expect(rotateKey(dying, { by: 'Jane Roe', reason: 'yearly' })).rejects.toThrow('killed');
    const [old] = await publicKeys(own.parts.vault);
    await own.capture();
    await makeCheckpoint(own.parts);
    const keys = await publicKeys(own.parts.vault);
    expect(keys).toHaveLength(2);
    const [entry] = await entriesOfType(own.parts.database, 'key-rotated');
    const detail = await own.parts.vault.readRecord('log-details', entry?.detailSha256 ?? '');
    expect(JSON.parse(String(detail))).toMatchObject({ old: old?.vkey, new: keys[1]?.vkey });
    const left = await readdir(join(own.config.home, 'keys'));
    expect(left.filter((name) => name.endsWith('.pem'))).toEqual([`log-${keys[1]?.id}.pem`]);
    expect((await checks(own)).faults).toEqual([]);
  });

  test('by two at once is replaced by one of them, and the log says so once', async () => {
    await using own = await testArchive();
    await own.capture();
    const rotations = atOnce(own.parts, ['Jane Roe', 'John Doe']);
    const ended = await Promise.allSettled(rotations);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(ended).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'key-rotated-meanwhile' }),
    });
    const [, next] = await publicKeys(own.parts.vault);
    const left = await readdir(join(own.config.home, 'keys'));
    expect(left.filter((name) => name.endsWith('.pem'))).toEqual([`log-${next?.id}.pem`]);
    expect(await entriesOfType(own.parts.database, 'key-rotated')).toHaveLength(1);
    expect((await checks(own)).faults).toEqual([]);
  });

  /** Each has read which key is in use, and made its successor, before any of them goes on. */
  function atOnce(parts: Parts, people: string[]) {
    const ready = people.map(() => Promise.withResolvers<void>());
    const all = Promise.all(ready.map(({ promise }) => promise));
    return people.map((by, index) => {
      let isReady = false;
      const given = {
        by,
        get reason() {
          isReady = true;
          ready[index]?.resolve();
          return 'yearly';
        },
      };
      const { database } = parts;
      const transaction: typeof database.transaction = async (work) => {
        if (isReady) await all;
        return database.transaction(work);
      };
      return rotateKey({ ...parts, database: { ...database, transaction } }, given);
    });
  }

  test('that lies on another machine stops checkpoints, not captures', async () => {
    const folder = join(archive.config.home, 'keys');
    const id = (await publicKeys(archive.parts.vault)).at(-1)?.id;
    const file = join(folder, `log-${id}.pem`);
    const kept = await readFile(file);
    await rm(file);
    await archive.capture();
    await expect(makeCheckpoint(archive.parts)).rejects.toMatchObject({
      code: 'signing-key-missing',
      message: expect.stringContaining(file),
    });
    await writeFile(file, kept, { mode: 0o400 });
    expect(await makeCheckpoint(archive.parts)).not.toBeNull();
  });
});

describe('fixity', () => {
  test('looks at everything that is due, writes each result down and fills the second store', async () => {
    const sha256 = await fileOf(await archive.capture('a file that stays'));
    const run = await sweepFixity(archive.parts, now());
    const { objects, faults } = await fixityState(archive.parts.database);
    expect(run).toMatchObject({ checked: objects, faults: 0 });
    expect(faults).toBe(0);
    expect(await fixityOf(sha256)).toMatchObject([{ result: 'ok' }]);
    expect(await readFile(join(second, 'objects', sha256.slice(0, 2), sha256), 'utf8')).toBe(
      'a file that stays',
    );
    // Nothing is due so soon by the settings.
    expect(await sweepFixity(archive.parts, { signal })).toMatchObject({ checked: 0 });
  });

  test('mends a rotten file from the second store, sets the bad bytes aside and raises an alarm', async () => {
    const captureId = await archive.capture('a file that rots');
    const sha256 = await fileOf(captureId);
    await sweepFixity(archive.parts, now());
    await rot(sha256);
    expect(await sweepFixity(archive.parts, now())).toMatchObject({ faults: 1, mended: 1 });
    expect(await readFile(pathOf(sha256), 'utf8')).toBe('a file that rots');
    const aside = await readdir(join(archive.config.home, 'vault', 'set-aside'));
    expect(aside.filter((name) => name.startsWith(sha256))).toHaveLength(1);
    expect((await events('verify.failed')).at(-1)).toMatchObject({
      sha256,
      mended: true,
      captures: [captureId],
    });
    const entry = (await entriesOfType(archive.parts.database, 'fixity')).at(-1);
    expect(entry?.targets).toEqual([sha256]);
    expect((await checks()).faults).toEqual([]);
  });

  test('does not mend from a copy that is bad itself, and says so', async () => {
    const sha256 = await fileOf(await archive.capture('bad twice'));
    await sweepFixity(archive.parts, now());
    await rot(sha256);
    const copy = join(second, 'objects', sha256.slice(0, 2), sha256);
    await chmod(copy, 0o600);
    await writeFile(copy, 'bad as well');
    expect(await sweepFixity(archive.parts, now())).toMatchObject({ faults: 1, mended: 0 });
    const [result] = await fixityOf(sha256);
    expect(result).toMatchObject({
      result: 'differs',
      mended: false,
      detail: expect.stringContaining('second'),
    });
    await rm(pathOf(sha256));
    await archive.parts.vault.put('bad twice');
  });
});

describe('what a process leaves that is killed', () => {
  test('between the results of a fixity run and their record is nothing at all', async () => {
    await archive.capture('looked at in vain');
    const { database, vault } = archive.parts;
    const before = await database.query('select * from fixity_checks order by id');
    const dying = { ...archive.parts, vault: dyingVault(vault, 'keepRecord') };
    await expect(sweepFixity(dying, now())).rejects.toThrow('killed here');
    expect(await database.query('select * from fixity_checks order by id')).toEqual(before);
  });

  test('between the entry of a hold and its row is a hold that binds, once anybody adds to the log', async () => {
    const captureId = await archive.capture('held in the log');
    const { database } = archive.parts;
    await database.query(`create function die() returns trigger language plpgsql as
      $$ begin raise exception 'killed here'; end $$`);
    await database.query('create trigger die before insert on holds execute function die()');
    const order = { scopeKind: 'capture', scope: captureId, ...court } as const;
    await expect(setHold(archive.parts, order)).rejects.toThrow('killed here');
    await database.query('drop trigger die on holds');
    await database.query('drop function die()');
    await expect(
      removeByOrder(archive.parts, { captureIds: [captureId], sha256s: [], ...court }),
    ).rejects.toMatchObject({ code: 'on-hold' });
    await archive.capture();
    const [hold] = await activeHolds(database);
    expect(hold).toMatchObject({ scope: captureId, reference: court.reference });
    expect((await checks()).faults).toEqual([]);
    await releaseHold(archive.parts, hold?.id ?? '', court);
  });

  test('with details that nobody can read does not stop the log', async () => {
    await using own = await testArchive();
    const { database } = own.parts;
    await database.query('alter table holds rename to elsewhere');
    const order = { scopeKind: 'object', scope: '0'.repeat(64), ...court } as const;
    await expect(setHold(own.parts, order)).rejects.toThrow('holds');
    const captureId = await own.capture();
    expect(await outcomeOf(database, captureId)).toMatchObject({ state: 'complete' });
    expect(await logSize(database)).toBe(2);
  });
});

describe('removal by order', () => {
  test('gives way to a hold that is set while it is being prepared', async () => {
    const captureId = await archive.capture('held just now');
    const { database } = archive.parts;
    let hold: { id: string } | null = null;
    const query: typeof database.query = async (sql, params) => {
      const answer = await database.query(sql, params);
      if (hold === null && sql.includes('from holds')) {
        hold = { id: '' };
        hold = await setHold(archive.parts, { scopeKind: 'capture', scope: captureId, ...court });
      }
      return answer as never;
    };
    const overtaken = { ...archive.parts, database: { ...database, query } };
    const before = await logSize(database);
    await expect(
      removeByOrder(overtaken, { captureIds: [captureId], sha256s: [], ...court }),
    ).rejects.toMatchObject({ code: 'on-hold' });
    expect(await archive.parts.vault.has(await fileOf(captureId))).toBe(true);
    // The hold is in the log, and no order.
    expect(await logSize(database)).toBe(before + 1);
    await releaseHold(archive.parts, (hold ?? { id: '' }).id, court);
  });

  test('is blocked by a hold on the file, its capture or its case, until each is released', async () => {
    const captureId = await archive.capture('held', { case: 'The Case' });
    const sha256 = await fileOf(captureId);
    const scopes = [
      { scopeKind: 'object', scope: sha256 },
      { scopeKind: 'capture', scope: captureId },
      { scopeKind: 'case', scope: 'The Case' },
    ] as const;
    const order = { captureIds: [captureId], sha256s: [], ...court };
    for (const scope of scopes) {
      const hold = await setHold(archive.parts, { ...scope, ...court });
      await expect(removeByOrder(archive.parts, order)).rejects.toMatchObject({
        code: 'on-hold',
        exitCode: 77,
      });
      await expect(
        removeByOrder(archive.parts, { ...order, captureIds: [], sha256s: [sha256] }),
      ).rejects.toMatchObject({ code: 'on-hold' });
      await releaseHold(archive.parts, hold.id, court);
      await expect(releaseHold(archive.parts, hold.id, court)).rejects.toMatchObject({
        code: 'no-hold',
      });
    }
    expect(await activeHolds(archive.parts.database)).toEqual([]);
    expect(await archive.parts.vault.has(sha256)).toBe(true);
  });

  test('takes the bytes here and in the second store; every other proof stays, and verify names the order', async () => {
    const captureId = await archive.capture('to be removed');
    const other = await archive.capture('to be kept');
    const sha256 = await fileOf(captureId);
    await sweepFixity(archive.parts, now());
    const sizeBefore = await logSize(archive.parts.database);
    const { row } = await removeByOrder(archive.parts, {
      captureIds: [captureId],
      sha256s: [],
      ...court,
    });
    expect(await archive.parts.vault.has(sha256)).toBe(false);
    expect(await readdir(join(second, 'objects', sha256.slice(0, 2)))).not.toContain(sha256);
    expect(await logSize(archive.parts.database)).toBe(sizeBefore + 2);
    const entries = (await entriesOfType(archive.parts.database, 'removal')).slice(-2);
    expect(entries.map(({ body }) => readEntry(body).targets)).toEqual([[sha256], [sha256]]);
    expect(entries.map(({ body }) => body.toString()).join()).not.toMatch(/Jane|Court|7 C/);
    await makeCheckpoint(archive.parts);
    const { found, faults } = await checks();
    expect(faults).toEqual([]);
    expect(found.join()).toContain(`removed under the order 7 C 12/26 (removal ${row.id})`);
    expect(await archive.parts.vault.has(await fileOf(other))).toBe(true);
    expect(await sweepFixity(archive.parts, now())).toMatchObject({ faults: 0 });
    const shown = await captureRecord(archive.parts.database, captureId);
    expect(shown?.warnings).toEqual([
      expect.stringMatching(
        /^1 of 1 file is no longer kept: removed by order on 20.*7 C 12\/26\)$/,
      ),
    ]);
    expect(shown?.artifacts).toMatchObject([{ sha256, removed: { reference: '7 C 12/26' } }]);
    const kept = await captureRecord(archive.parts.database, other);
    expect(kept).toMatchObject({ warnings: [], artifacts: [{ role: 'text' }] });
    expect(kept?.artifacts[0]).not.toHaveProperty('removed');
  });

  test('takes the words read from the files too, and nothing else may', async () => {
    const { database, vault } = archive.parts;
    const captureId = await archive.openCapture('kept so far');
    const keep = async (role: Role, name: string, bytes: string) => {
      const stored = await vault.put(bytes);
      return { role, name, mediaType: 'text/plain', derivedFrom: null, ...stored };
    };
    const shown = await keep('text', 'page/text.txt', 'words on the page');
    const read = await keep('ocr', 'ocr/media-1.jpg.json', 'words in the picture');
    await recordStep(database, attempt(captureId, { step: 'page' }), { artifacts: [shown, read] });
    const page = { view: 'page', finalUrl: 'https://example.org/', httpStatus: 200, title: 'T' };
    await insertPages(database, captureId, [{ ...page, body: 'words on the page' }]);
    await insertTexts(database, captureId, [
      { name: read.name, kind: 'ocr', readFrom: 'a'.repeat(64), body: 'words in the picture' },
    ]);
    const found = async (text: string) =>
      (await findCaptures(database, { text, limit: 10 })).rows.map(({ id }) => id);
    await archive.seal(captureId);
    expect(await found('words on the page')).toEqual([captureId]);
    expect(await found('words in the picture')).toEqual([captureId]);
    for (const change of [
      `update captured_pages set body = '' where capture_id = $1`,
      `delete from captured_texts where capture_id = $1`,
    ])
      await expect(database.query(change, [captureId])).rejects.toMatchObject({
        code: 'append-only',
      });
    await removeByOrder(archive.parts, { captureIds: [captureId], sha256s: [], ...court });
    expect(await found('words')).toEqual([]);
    for (const change of [
      `update captured_pages set title = 'other' where capture_id = $1`,
      `delete from captured_pages where capture_id = $1`,
    ])
      await expect(database.query(change, [captureId])).rejects.toMatchObject({
        code: 'append-only',
      });
    expect((await checks()).faults).toEqual([]);
  });

  test('leaves what another capture holds too, unless the file itself is named', async () => {
    const [one, other] = [await archive.capture('shared'), await archive.capture('shared')];
    const sha256 = await fileOf(one);
    const order = { captureIds: [one], sha256s: [] as string[], ...court };
    await expect(removeByOrder(archive.parts, order)).rejects.toMatchObject({
      code: 'nothing-to-remove',
    });
    const { row } = await removeByOrder(archive.parts, { ...order, sha256s: [sha256] });
    const [ordered] = (await removals(archive.parts.database)).filter(({ id }) => id === row.id);
    expect(ordered?.detail).toEqual({ alsoHeldBy: [other] });
  });

  test('of a file by its digest explains in a bundle why it is missing, and tells of no other capture', async () => {
    const [named, other] = [await archive.capture('both'), await archive.capture('both')];
    const order = { captureIds: [], sha256s: [await fileOf(named)], ...court };
    await removeByOrder(archive.parts, order);
    const path = join(archive.config.home, 'bundle');
    const options = { by: 'test', restricted: false, roles: [], since: [] };
    await exportBundle(archive.parts, [named], path, options, signal);
    const vkeys = (await publicKeys(archive.parts.vault)).map(({ vkey }) => vkey);
    const { verdict, findings: found } = await verified(path, { vkeys });
    expect(found).toContainEqual(expect.objectContaining({ kind: 'removal', result: 'ok' }));
    expect(verdict).toBe('valid');
    const details = join(path, 'data', 'log', 'details');
    for (const name of await readdir(details))
      expect(await readFile(join(details, name), 'utf8')).not.toContain(other);
  });

  test('of more files than an entry has room for is entered in pieces, and nothing is left out', async () => {
    const sha256s = Array.from({ length: 900 }, () => anyBytes(32).toString('hex')).sort();
    const artifacts = sha256s.map((sha256, index) => ({
      ...{ role: 'keyframe' as const, name: `keyframes/${index}.jpg`, mediaType: 'image/jpeg' },
      ...{ derivedFrom: null, sha256, sizeBytes: 1 },
    }));
    const step = attempt(await archive.openCapture(), { step: 'keyframes' });
    await recordStep(archive.parts.database, step, { artifacts });
    const before = (await entriesOfType(archive.parts.database, 'removal')).length;
    const { row } = await removeByOrder(archive.parts, { captureIds: [], sha256s, ...court });
    const entries = (await entriesOfType(archive.parts.database, 'removal')).slice(before);
    expect(entries.map(({ targets }) => targets.length)).toEqual([800, 100, 800, 100]);
    expect(entries.slice(0, 2).flatMap(({ targets }) => targets)).toEqual(sha256s);
    expect(row.targets).toEqual(sha256s);
  });

  describe('and a capture that is under way', () => {
    const bytes = (text: string) => archive.parts.vault.put(text);
    const order = (sha256: string) => ({ captureIds: [], sha256s: [sha256], ...court });
    const eventsIn = async (captureId: string) =>
      (await eventsOf(archive.parts.database, captureId)).map(({ kind, detail }) => [
        kind,
        detail.sha256,
      ]);
    const faultsOf = async (captureId: string) => {
      const faults: string[] = [];
      for await (const { ok, subject, message } of verifyCapture(archive.parts, captureId))
        if (!ok) faults.push(`${subject}: ${message}`);
      return faults;
    };

    test('whose file is removed is closed without it, and says so', async () => {
      const captureId = await archive.openCapture('removed while it is under way');
      const sha256 = await fileOf(captureId);
      const { row } = await removeByOrder(archive.parts, order(sha256));
      await archive.seal(captureId);
      await archive.seal(captureId);
      expect(await eventsIn(captureId)).toEqual([['removed-by-order', sha256]]);
      const shown = await captureRecord(archive.parts.database, captureId);
      expect(shown?.warnings.join()).toContain(`7 C 12/26 (removal ${row.id})`);
      expect(await faultsOf(captureId)).toEqual([]);
    });

    test('that had put the same bytes just before, and has no row yet, is closed without them', async () => {
      const other = await archive.capture('in two captures');
      const captureId = await archive.openCapture();
      const stored = await bytes('in two captures');
      await removeByOrder(archive.parts, { captureIds: [other], sha256s: [], ...court });
      const file = {
        role: 'text' as const,
        name: 'two.txt',
        mediaType: 'text/plain',
        derivedFrom: null,
      };
      await recordStep(archive.parts.database, attempt(captureId, { step: 'page' }), {
        artifacts: [{ ...file, ...stored }],
      });
      await archive.seal(captureId);
      expect(await eventsIn(captureId)).toEqual([['removed-by-order', stored.sha256]]);
      expect(await faultsOf(captureId)).toEqual([]);
    });

    test('whose file is removed after it was read back names the order all the same', async () => {
      const { parts } = archive;
      const captureId = await archive.openCapture('removed after the reading back');
      const sha256 = await fileOf(captureId);
      const { rehash } = parts.vault;
      parts.vault.rehash = async (asked, ...more) => {
        const found = await rehash.call(parts.vault, asked, ...more);
        parts.vault.rehash = rehash;
        await removeByOrder(parts, order(sha256));
        return found;
      };
      await archive.seal(captureId);
      expect(await parts.vault.has(sha256)).toBe(false);
      expect(await faultsOf(captureId)).toEqual([]);
    });

    test('that brings removed bytes again says so, and their loss is a loss then', async () => {
      const { parts } = archive;
      const first = await archive.capture('there again');
      const sha256 = await fileOf(first);
      await removeByOrder(parts, order(sha256));
      const again = await archive.capture('there again');
      expect(await eventsIn(again)).toEqual([['back-after-removal', sha256]]);
      expect(await faultsOf(again)).toEqual([]);
      const shown = await captureRecord(parts.database, again);
      expect(shown?.artifacts.filter(({ removed }) => removed !== undefined)).toEqual([]);
      const { checked } = await sweepFixity(parts, now());
      expect(checked).toBeGreaterThan(0);
      expect(await fixityOf(sha256)).toMatchObject([{ result: 'ok' }]);
      await parts.vault.remove(sha256);
      expect(await faultsOf(again)).toEqual(['text.txt: missing from the vault']);
      expect(await faultsOf(first)).toEqual([]);
      await bytes('there again');
      await removeByOrder(parts, order(sha256));
      expect(await faultsOf(again)).toEqual([]);
    });
  });

  test('killed between the order and the deed is carried out by the next sweep', async () => {
    const captureId = await archive.capture('killed in between');
    const sha256 = await fileOf(captureId);
    const { vault } = archive.parts;
    const dying = { ...archive.parts, vault: dyingVault(vault) };
    await expect(
      removeByOrder(dying, { captureIds: [captureId], sha256s: [], ...court }),
    ).rejects.toThrow('killed here');
    expect(await vault.has(sha256)).toBe(true);
    expect(await unfinishedRemovals(archive.parts.database)).toHaveLength(1);
    expect(await finishRemovals(archive.parts)).toBe(1);
    expect(await vault.has(sha256)).toBe(false);
    expect(await unfinishedRemovals(archive.parts.database)).toEqual([]);
  });
});

describe('on the command line', () => {
  const program = fileURLToPath(new URL('../scripts/holdfast.ts', import.meta.url));
  const run = (...args: string[]) => {
    const { config } = archive;
    const done = spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        HOLDFAST_HOME: config.home,
        DATABASE_URL: config.databaseUrl ?? '',
        HOLDFAST_SECOND_VAULT: second,
      },
    });
    return { code: done.status, out: done.stdout, err: done.stderr };
  };
  const ordered = [
    '--authority',
    court.authority,
    '--reference',
    court.reference,
    '--by',
    'Jane Roe',
  ];

  test('keys shows what is to be published, and nothing secret', async () => {
    const { code, out } = run('keys', '--json');
    expect(code).toBe(0);
    const keys = JSON.parse(out) as { vkey: string; state: string; publicKeyPem: string }[];
    expect(keys.map(({ vkey }) => vkey)).toEqual(
      (await publicKeys(archive.parts.vault)).map(({ vkey }) => vkey),
    );
    expect(keys.at(-1)?.state).toBe('signs here');
    expect(keys[0]?.publicKeyPem).toContain('BEGIN PUBLIC KEY');
    expect(out).not.toContain('PRIVATE');
  });

  test('removal says what would go, is stopped by a hold (77), and removes with --yes', async () => {
    const captureId = await archive.capture('removed from the shell');
    const sha256 = await fileOf(captureId);
    expect(run('removal', captureId, ...ordered)).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`^would remove  ${sha256}  \\S+\\.txt\\n$`)),
    });
    expect(await archive.parts.vault.has(sha256)).toBe(true);
    const held = JSON.parse(run('hold', captureId, ...ordered, '--jsonl').out) as { id: string };
    expect(run('removal', captureId, ...ordered, '--yes')).toMatchObject({
      code: 77,
      err: expect.stringContaining(held.id),
    });
    await releaseHold(archive.parts, held.id, court);
    expect(run('removal', captureId, ...ordered, '--yes').code).toBe(0);
    expect(await archive.parts.vault.has(sha256)).toBe(false);
  }, 60_000);

  test('tombstone, as the verb was called, names the new one and does nothing', async () => {
    const captureId = await archive.capture('asked for by the old name');
    expect(run('tombstone', captureId, ...ordered, '--yes')).toEqual({
      code: 2,
      out: '',
      err: 'holdfast: tombstone is now called removal: run holdfast removal [renamed-verb]\n',
    });
    expect(await archive.parts.vault.has(await fileOf(captureId))).toBe(true);
  });
});

test('an export is an entry in the chain of its case', async () => {
  const { entry, idx } = await noteCustody(archive.parts, {
    type: 'exported',
    by: 'Jane Roe',
    caseName: 'The Case',
    detail: { format: 'bundle' },
  });
  expect(entry).toMatchObject({ type: 'exported', case: expect.any(String) });
  expect(entry.case_seq).toBeGreaterThan(0);
  expect(idx).toBe((await logSize(archive.parts.database)) - 1);
});

test('a rebuilt catalog knows the removals that version 0.1.0 entered as tombstones', async () => {
  const { parts } = archive;
  const captureId = await archive.capture('removed by version 0.1.0');
  const { row } = await removeByOrder(parts, { captureIds: [captureId], sha256s: [], ...court });
  const [, entered] = (await entriesOfType(parts.database, 'removal')).slice(-2);
  const old = { ...row, id: uuidv7(), at: row.at.toISOString() };
  await parts.database.transaction((tx) =>
    appendEntry(tx, logStore(parts), {
      type: 'tombstone' as EntryType,
      actor: readEntry(entered?.body ?? Buffer.of()).actor,
      case: null,
      targets: old.targets,
      detail: { schema: 'holdfast.tombstone/1', by: 'Jane Roe', ...old },
    }),
  );
  expect((await removals(parts.database)).map(({ id }) => id)).not.toContain(old.id);
  await replaceCatalog(parts);
  expect(await removals(parts.database)).toContainEqual({ ...row, id: old.id });
});

test('a rebuilt catalog knows the same holds, removals, results and keys', async () => {
  const { database } = archive.parts;
  await setHold(archive.parts, { scopeKind: 'case', scope: 'The Case', ...court });
  await makeCheckpoint(archive.parts);
  const answers = async () => ({
    holds: await activeHolds(database),
    removals: await removals(database),
    fixity: (await database.query('select * from fixity_checks order by id')).rows,
    size: await logSize(database),
    keys: await publicKeys(archive.parts.vault),
  });
  const before = await answers();
  await replaceCatalog(archive.parts);
  expect(await answers()).toEqual(before);
  expect((await checks()).faults).toEqual([]);
});
