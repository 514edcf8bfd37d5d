/** The log on real PostgreSQL and a real vault: what it keeps, what it refuses, what it finds. */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outcomeOf } from '../src/catalog/captures.ts';
import { newestCheckpoint } from '../src/catalog/checkpoints.ts';
import {
  entriesOfCase,
  entryOfManifest,
  logEntriesFrom,
  logSize,
} from '../src/catalog/log-entries.ts';
import { pseudonymOf } from '../src/catalog/pseudonyms.ts';
import { captureRecord } from '../src/catalog/show.ts';
import { recordStep } from '../src/catalog/steps.ts';
import { cancelCapture } from '../src/pipeline/capture/cancel.ts';
import { landMedia } from '../src/pipeline/capture/land-media.ts';
import { makeCheckpoint } from '../src/pipeline/custody/checkpoint.ts';
import { enterUnlogged } from '../src/pipeline/custody/enter-capture.ts';
import { sweepSeal } from '../src/pipeline/custody/stamp.ts';
import { planOf, storeJson, storePlan } from '../src/pipeline/plan-file.ts';
import { replaceCatalog } from '../src/pipeline/rebuild/catalog.ts';
import { runStep } from '../src/pipeline/run-step.ts';
import { verifyAll, verifyCapture } from '../src/pipeline/verify/captures.ts';
import { verifyLog } from '../src/pipeline/verify/log.ts';
import type { Queue } from '../src/queue/queue.ts';
import { publicKeys } from '../src/seal/keys.ts';
import { logRoot, readNodes, recordName } from '../src/seal/log.ts';
import { readEntry } from '../src/seal/log-entry.ts';
import { readManifest } from '../src/seal/manifest.ts';
import { consistencyProof, inclusionProof, leafHash } from '../src/seal/merkle-tree.ts';
import { verifyConsistency, verifyInclusion } from '../src/seal/verify/formats/merkle.ts';
import { parseCheckpoint, parseVkey, verifyNote } from '../src/seal/verify/formats/note.ts';
import { stageRun, type TestArchive, testArchive } from './support/archive.ts';
import { attempt } from './support/catalog.ts';

let archive: TestArchive;

beforeAll(async () => {
  archive = await testArchive();
});

afterAll(() => archive[Symbol.asyncDispose]());

async function faults(of: TestArchive = archive): Promise<string[]> {
  const found: string[] = [];
  for await (const finding of verifyLog(of.parts)) {
    if (!finding.ok) found.push(`${finding.subject}: ${finding.message}`);
  }
  return found;
}

async function bodyAt(idx: number): Promise<Buffer> {
  const [entry] = await logEntriesFrom(archive.parts.database, idx, 1);
  return entry?.body ?? Buffer.alloc(0);
}

/** As somebody does who may do everything in the database. */
async function asSuperuser(of: TestArchive, table: string, sql: string): Promise<void> {
  const { database } = of.parts;
  await database.query(`alter table ${table} disable trigger all`);
  await database.query(sql);
  await database.query(`alter table ${table} enable always trigger append_only`);
}

async function manifestOf(of: TestArchive, captureId: string) {
  const bytes = await of.parts.vault.readRecord('manifests', captureId);
  return readManifest(bytes ?? Buffer.alloc(0));
}

/** The commit fails: manifest and entry are in the vault, and the catalog has the capture as open. */
async function killedSeal(captureId: string): Promise<void> {
  const { database } = archive.parts;
  await database.query(`create function die() returns trigger language plpgsql as
    $$ begin raise exception 'killed here'; end $$`);
  await database.query(
    'create trigger killed before insert on capture_outcomes execute function die()',
  );
  await expect(archive.seal(captureId)).rejects.toThrow('killed here');
  await database.query('drop function die cascade');
}

describe('closing a capture', () => {
  test('enters its manifest in the log, in the chain of its case, without a name or a link', async () => {
    const ids = [
      await archive.capture('one', { case: 'secret case', by: 'Jane Roe' }),
      await archive.capture('two', { case: 'secret case', by: 'Jane Roe' }),
    ];
    const caseId = await pseudonymOf(archive.parts.database, 'case', 'secret case');
    const rows = await entriesOfCase(archive.parts.database, caseId);
    const entries = rows.map(({ body }) => readEntry(body));
    const outcomes = await Promise.all(ids.map((id) => outcomeOf(archive.parts.database, id)));
    expect(entries.map((entry) => entry.manifest_sha256)).toEqual(
      outcomes.map((outcome) => outcome?.manifestSha256),
    );
    expect(entries.map((entry) => entry.case_seq)).toEqual([0, 1]);
    expect(entries[0]?.case_prev).toBeNull();
    expect(entries[1]?.case_prev).toBe(leafHash(rows[0]?.body ?? Buffer.alloc(0)).toString('hex'));
    expect(rows.map(({ body }) => body.toString()).join()).not.toMatch(/secret|Jane|example\.org/);
  });

  test('writes who, for what, with which clock and tools, and after which checkpoint', async () => {
    await archive.capture();
    const checkpoint = await makeCheckpoint(archive.parts);
    const captureId = await archive.capture('later', { case: 'one', reason: 'because' });
    const manifest = await manifestOf(archive, captureId);
    expect(manifest.nonce).toMatch(/^[0-9a-f]{64}$/);
    expect(manifest.collector).toMatchObject({ name: 'test', reason: 'because' });
    expect(manifest.case?.name).toBe('one');
    expect(manifest.clock).toMatchObject({ source: expect.any(String) });
    expect(manifest.tools).toMatchObject({
      holdfast: expect.any(String),
      digests: expect.any(Object),
    });
    expect(manifest.priorCheckpoint).toEqual({
      origin: expect.stringMatching(/^holdfast\.local\/[0-9a-f]{8}$/),
      size: checkpoint?.size,
      root: checkpoint?.root.toString('base64'),
      sha256: checkpoint?.sha256,
    });
    expect(Object.keys(manifest.sha512 ?? {})).toEqual(manifest.artifacts.map((a) => a.sha256));
    expect(manifest.notCollected).toContain('domain-registration');
  });

  test('gives each manifest a secret number of its own', async () => {
    const [one, other] = [await archive.capture('same'), await archive.capture('same')];
    const nonces = await Promise.all(
      [one, other].map(async (id) => (await manifestOf(archive, id)).nonce),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  test('of many at once leaves no gap and no doublet', async () => {
    const before = await logSize(archive.parts.database);
    const opened = await Promise.all(Array.from({ length: 12 }, () => archive.openCapture()));
    await Promise.all([...opened, ...opened].map((id) => archive.seal(id)));
    expect(await logSize(archive.parts.database)).toBe(before + 12);
    expect(await faults()).toEqual([]);
  });

  test('killed between entry and rows ends with the same bytes when it is run again', async () => {
    const captureId = await archive.openCapture();
    const { database } = archive.parts;
    const idx = await logSize(database);
    await killedSeal(captureId);
    const left = await archive.parts.vault.readRecord('log-entries', recordName(idx));
    expect(left).not.toBeNull();
    expect(await logSize(database)).toBe(idx);
    // Another capture comes first: it makes room for what was left.
    await archive.capture();
    expect((await bodyAt(idx)).equals(left ?? Buffer.alloc(0))).toBe(true);
    await archive.seal(captureId);
    const outcome = await outcomeOf(database, captureId);
    const entry = await entryOfManifest(database, outcome?.manifestSha256 ?? '');
    expect(entry?.idx).toBe(idx);
    expect(await logSize(database)).toBe(idx + 2);
    expect(await faults()).toEqual([]);
  });
});

describe('a capture whose seal was killed', () => {
  async function faultsOf(captureId: string): Promise<string[]> {
    expect(await outcomeOf(archive.parts.database, captureId)).not.toBeNull();
    const found: string[] = [];
    for await (const { ok, subject, message } of verifyCapture(archive.parts, captureId))
      if (!ok) found.push(`${subject}: ${message}`);
    return found;
  }

  test('takes nothing more in, and is closed as its manifest has it', async () => {
    const { parts } = archive;
    const captureId = await archive.openCapture();
    // The file comes from a step that was under way while the seal was killed, or is run again after.
    const late = async () => ({
      ...{
        role: 'record.raw' as const,
        name: 'late.json',
        mediaType: 'application/json',
        derivedFrom: null,
      },
      ...(await parts.vault.put('read too late')),
    });
    const begun = runStep(
      parts,
      stageRun(captureId),
      { name: 'wayback', required: false },
      async () => {
        await killedSeal(captureId);
        return { state: 'done', artifacts: [await late()] };
      },
    );
    const closed = { code: 'capture-closed', next: 'give-up' };
    await expect(begun).rejects.toMatchObject(closed);
    const again = runStep(parts, stageRun(captureId), { name: 'page', required: true }, () => {
      throw new Error('was run');
    });
    await expect(again).rejects.toMatchObject(closed);
    await expect(landMedia(parts, stageRun(captureId), [await late()])).rejects.toMatchObject(
      closed,
    );
    await archive.seal(captureId);
    expect(await faultsOf(captureId)).toEqual([]);
  });

  test('is closed as its manifest has it by whoever gives it up', async () => {
    const { parts } = archive;
    const captureId = await archive.openCapture();
    const plan = await storePlan(parts, {
      ...{ schema: 'holdfast.plan/1', source: 'web:https://example.org/', platform: 'web' },
      ...{ shape: 'page', steps: [{ name: 'page', required: true }], pages: [], media: [] },
    });
    await recordStep(parts.database, attempt(captureId, { step: 'resolve' }), {
      artifacts: [plan],
    });
    await killedSeal(captureId);
    const queue = { cancel: async () => undefined } as unknown as Queue;
    expect(await cancelCapture(parts, queue, captureId, new AbortController().signal)).toBe(true);
    expect(await faultsOf(captureId)).toEqual([]);
  });
});

describe('a checkpoint', () => {
  test('is signed by the key that the vault publishes, and covers every entry', async () => {
    const captureId = await archive.capture();
    const row = await makeCheckpoint(archive.parts);
    const checkpoint = parseCheckpoint(row?.note ?? Buffer.alloc(0));
    const keys = await publicKeys(archive.parts.vault);
    const verified = await verifyNote(checkpoint, [await parseVkey(keys[0]?.vkey ?? '')]);
    expect(verified).toHaveLength(1);
    const { database } = archive.parts;
    const shown = await captureRecord(database, captureId);
    expect(shown?.seal).toMatchObject({
      stage: 'sealed',
      checkpoint: checkpoint.size,
      timestamps: [],
    });
    const index = shown?.seal?.logIndex ?? -1;
    const proof = await inclusionProof(index, checkpoint.size, readNodes(database));
    const leaf = leafHash(await bodyAt(index));
    const claim = { index, size: checkpoint.size, leaf, proof };
    expect(await verifyInclusion(claim, checkpoint.root)).toBe(true);
  });

  test('continues the one before, and is not made twice over the same entries', async () => {
    const { database } = archive.parts;
    const old = await makeCheckpoint(archive.parts);
    expect(await makeCheckpoint(archive.parts)).toEqual(old);
    await archive.capture();
    const next = await makeCheckpoint(archive.parts);
    const claim = {
      oldSize: old?.size ?? 0,
      oldRoot: old?.root ?? Buffer.alloc(0),
      size: next?.size ?? 0,
      root: next?.root ?? Buffer.alloc(0),
      proof: await consistencyProof(old?.size ?? 0, next?.size ?? 0, readNodes(database)),
    };
    expect(await verifyConsistency(claim)).toBe(true);
  });

  test('is due after so many entries, or when nothing is under way', async () => {
    await using own = await testArchive({ variables: { HOLDFAST_CHECKPOINT_ENTRIES: '3' } });
    const waiting = await own.openCapture();
    await own.capture();
    await own.capture();
    expect(await newestCheckpoint(own.parts.database)).toBeNull();
    await own.capture();
    expect((await newestCheckpoint(own.parts.database))?.size).toBe(3);
    await own.seal(waiting);
    expect((await newestCheckpoint(own.parts.database))?.size).toBe(4);
  });

  test('of a demonstration names itself demo.invalid, whatever the settings say', async () => {
    await using demo = await testArchive({
      demo: true,
      variables: { HOLDFAST_LOG_ORIGIN: 'archive.example.org/log' },
    });
    await demo.capture();
    const row = await makeCheckpoint(demo.parts);
    expect(row?.note.toString().split('\n')[0]).toBe('demo.invalid');
  });
});

describe('keys', () => {
  test('lie in the data folder for its owner alone, and no record holds the private one', async () => {
    await makeCheckpoint(archive.parts);
    const folder = join(archive.config.home, 'keys');
    const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.pem'));
    expect(((await stat(join(folder, name))).mode & 0o777).toString(8)).toBe('400');
    expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700');
    const secret = (await readFile(join(folder, name), 'utf8')).split('\n')[1] ?? 'none';
    for await (const { bytes } of archive.parts.vault.records('keys')) {
      expect(bytes.toString()).not.toContain(secret);
    }
  });
});

describe('what an insider can do', () => {
  test('a superuser edits an entry: verify names it', async () => {
    await using own = await testArchive();
    await own.capture();
    await own.capture();
    await makeCheckpoint(own.parts);
    expect(await faults(own)).toEqual([]);
    await asSuperuser(
      own,
      'log_entries',
      `update log_entries set body = convert_to(replace(convert_from(body, 'UTF8'), '"v":1', '"v":1 '), 'UTF8') where idx = 1`,
    );
    expect((await faults(own)).join()).toContain(
      'log entry 1: the database and the vault hold different bytes',
    );
  });

  test('a superuser rewrites database and vault alike: the signed root tells, and nothing more is signed', async () => {
    await using own = await testArchive();
    await own.capture();
    await own.capture();
    await makeCheckpoint(own.parts);
    const path = join(own.config.home, 'vault', 'records', 'log-entries', recordName(1));
    const changed = (await readFile(path, 'utf8')).replace(/"at":"20/, '"at":"19');
    await rm(path);
    await writeFile(path, changed);
    const { database } = own.parts;
    await database.query('alter table log_entries disable trigger all');
    await database.query('update log_entries set body = $1 where idx = 1', [Buffer.from(changed)]);
    await database.query('alter table log_nodes disable trigger all');
    await database.query(
      'update log_nodes set hash = (select leaf_hash from log_entries where idx = 1) where level = 0 and idx = 1',
    );
    await database.query(
      `update log_nodes set hash = sha256('\\x01'::bytea || a.leaf_hash || b.leaf_hash)
       from log_entries a, log_entries b where level = 1 and log_nodes.idx = 0 and a.idx = 0 and b.idx = 1`,
    );
    expect((await faults(own)).join()).toContain(
      'the entries no longer have the root that was signed',
    );
    await own.capture();
    await expect(makeCheckpoint(own.parts)).rejects.toMatchObject({ code: 'log-differs' });
    for (let sweep = 0; sweep < 2; sweep += 1) {
      await expect(sweepSeal(own.parts, new AbortController().signal)).rejects.toThrow();
    }
    const { rows: told } = await database.query(
      `select detail ->> 'code' as code from events where kind = 'verify.failed'`,
    );
    expect(told).toEqual([{ code: 'log-differs' }]);
  });

  test('a superuser drops the newest entry: nothing is added, and the message says what to do', async () => {
    await using own = await testArchive();
    await own.capture();
    await own.capture();
    await makeCheckpoint(own.parts);
    const { database } = own.parts;
    await database.query('alter table log_entries disable trigger all');
    await database.query('alter table log_nodes disable trigger all');
    await database.query('delete from log_entries where idx = 1');
    await database.query('delete from log_nodes where idx = 1 or level = 1');
    const captureId = await own.openCapture();
    await expect(own.seal(captureId)).rejects.toMatchObject({
      code: 'log-behind',
      message: expect.stringContaining('rebuild'),
    });
    expect(await faults(own)).not.toEqual([]);
  });

  test('every column that a question relies on is compared', async () => {
    await using own = await testArchive();
    await own.capture();
    await makeCheckpoint(own.parts);
    const changes: [table: string, set: string, back: string][] = [
      ['log_entries', `type = 'viewed'`, `type = 'capture'`],
      ['log_entries', `at = at + interval '1 second'`, `at = at - interval '1 second'`],
      ['log_entries', 'case_seq = 7', 'case_seq = 0'],
      ['log_entries', `targets = '{ff}'`, `targets = '{}'`],
      ['log_nodes', `hash = sha256('x')`, 'hash = (select leaf_hash from log_entries)'],
      ['checkpoints', `sha256 = repeat('0', 64)`, `sha256 = encode(sha256(note), 'hex')`],
      ['checkpoints', `root = sha256('x')`, 'root = (select leaf_hash from log_entries)'],
    ];
    for (const [table, set, back] of changes) {
      await asSuperuser(own, table, `update ${table} set ${set}`);
      expect(await faults(own), `${table}: ${set}`).not.toEqual([]);
      await asSuperuser(own, table, `update ${table} set ${back}`);
      expect(await faults(own)).toEqual([]);
    }
  });
});

test('an old backup of the database, put back, is refused until it is rebuilt', async () => {
  await using own = await testArchive();
  const ids = [await own.capture()];
  const { database, vault } = own.parts;
  const old = await logEntriesFrom(database, 0, 10);
  ids.push(await own.capture(), await own.capture());
  await makeCheckpoint(own.parts);
  // Put back as it was: schema made anew, with the one entry that the backup had.
  const tables = ['log_entries', 'log_nodes', 'checkpoints', 'capture_outcomes'];
  for (const table of tables) await database.query(`alter table ${table} disable trigger all`);
  await database.query('delete from checkpoints');
  await database.query('delete from log_entries where idx > 0');
  await database.query('delete from log_nodes where idx > 0 or level > 0');
  expect(await logEntriesFrom(database, 0, 10)).toEqual(old);
  // Even where the data folder forgot, the vault remembers.
  await rm(join(own.config.home, 'keys', 'newest-checkpoint.note'));
  const captureId = await own.openCapture();
  await expect(own.seal(captureId)).rejects.toMatchObject({ code: 'log-behind' });
  await expect(makeCheckpoint(own.parts)).rejects.toMatchObject({ code: 'log-behind' });
  await replaceCatalog(own.parts);
  // It was closed by its manifest; the sweep enters it.
  await own.seal(captureId);
  expect(await enterUnlogged(own.parts, new AbortController().signal)).toBe(1);
  expect(await logSize(database)).toBe(4);
  expect(await faults(own)).toEqual([]);
  for (const id of ids) {
    for await (const finding of verifyCapture(own.parts, id))
      expect(finding).toMatchObject({ ok: true });
  }
  expect((await vault.readRecord('log-entries', recordName(3)))?.length).toBeGreaterThan(0);
});

test('a catalog that was dropped and rebuilt has the same log, checkpoints and answers', async () => {
  const { database } = archive.parts;
  await makeCheckpoint(archive.parts);
  const answers = async () => {
    const size = await logSize(database);
    const entries = await logEntriesFrom(database, 0, 1_000);
    const manifests = entries.flatMap(({ manifestSha256 }) => manifestSha256 ?? []);
    const { rows } = await database.query<{ id: string }>(
      'select capture_id as id from capture_outcomes order by capture_id',
    );
    return {
      size,
      entries,
      manifests: manifests.length,
      root: await logRoot(database, size),
      note: (await newestCheckpoint(database))?.note,
      shown: await Promise.all(rows.map(({ id }) => captureRecord(database, id))),
    };
  };
  const before = await answers();
  expect(before.manifests).toBeGreaterThan(10);
  const rebuilt = await replaceCatalog(archive.parts);
  expect(rebuilt.logEntries).toBe(before.size);
  expect(await answers()).toEqual(before);
  expect(await faults()).toEqual([]);
});

test('a capture whose manifest was taken away before a rebuild is missed by the log', async () => {
  await using robbed = await testArchive();
  const captureId = await robbed.capture();
  const sha256 = (await outcomeOf(robbed.parts.database, captureId))?.manifestSha256;
  await makeCheckpoint(robbed.parts);
  await rm(join(robbed.config.home, 'vault', 'records', 'manifests', captureId));
  await replaceCatalog(robbed.parts);
  expect((await faults(robbed))[0]).toContain(
    `no closed capture has the manifest that it records (SHA-256 ${sha256})`,
  );
});

test('a folder among the manifests is a fault, and the rest is verified', async () => {
  await using own = await testArchive();
  const captureId = await own.capture();
  const manifests = join(own.config.home, 'vault', 'records', 'manifests');
  const other = captureId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  await mkdir(join(manifests, 'folder'));
  await mkdir(join(manifests, other));
  const findings = [];
  for await (const finding of verifyAll(own.parts)) findings.push(finding);
  const faulty = findings.flatMap(({ captureId, ok }) => (ok ? [] : captureId));
  expect(faulty).toEqual(expect.arrayContaining(['folder', other]));
  expect(findings).toContainEqual(
    expect.objectContaining({ captureId, subject: 'manifest', ok: true }),
  );
});

test('a plan that was altered in the vault is named', async () => {
  await using own = await testArchive();
  const captureId = await own.openCapture();
  const kept = await storeJson(own.parts, 'plan', 'plan.json', { schema: 'holdfast.plan/1' });
  await recordStep(
    own.parts.database,
    { ...attempt(captureId), step: 'resolve' },
    {
      artifacts: [kept],
    },
  );
  await expect(planOf(own.parts, captureId)).rejects.toMatchObject({ code: 'plan-unreadable' });
});
