/**
 * One bit changed anywhere that a claim rests on is found: in a file of every role, in a
 * manifest, an entry, a checkpoint, a token, in every column of every table, and in a
 * bundle whose lists were made to fit. Untouched, nothing is raised.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exportBundle } from '../../src/pipeline/export/bundle.ts';
import { verifyAll } from '../../src/pipeline/verify/captures.ts';
import { verifyCatalog } from '../../src/pipeline/verify/catalog.ts';
import { publicKeys } from '../../src/seal/keys.ts';
import { readManifest } from '../../src/seal/manifest.ts';
import { listAnew, verified } from '../support/bundles.ts';
import type { Proof, ProofRun } from './proof.ts';
import { type SealedArchive, sealedArchive } from './sealed-archive.ts';
import { columnsOf, dropGuards, flipInFile, flipInRow, type PutBack, seeded } from './tamper.ts';

/** Records of the vault that vouch for something. */
const evidence = [
  'submissions',
  'observations',
  'watch-plans',
  'cluster-decisions',
  'graphic-marks',
  'manifests',
  'log-entries',
  'log-details',
  'checkpoints',
  'timestamps',
  'ots-proofs',
  'keys',
  'pseudonyms',
];

/** Size: captures. 200 random changes at full size, fewer below. */
export const proof: Proof = {
  fullSize: 50,
  async prove(run) {
    await using sealed = await sealedArchive(run.size);
    const flips = run.size >= 50 ? 200 : 4 * run.size;
    await untouched(sealed, run);
    const folder = await exported(sealed, run);
    await bundleFlips(folder, sealed, run, flips);
    await fileFlips(sealed, run);
    await columnFlips(sealed, run);
    await randomFlips(sealed, run, flips);
    // The guards are gone for good, which is told.
    const left = (await faultsOf(sealed)).filter((fault) => !fault.startsWith('guards: '));
    assert.deepEqual(left, [], 'put back, nothing is raised');
  },
};

async function faultsOf({ archive }: SealedArchive): Promise<string[]> {
  const faults: string[] = [];
  for await (const { ok, subject, message } of verifyAll(archive.parts))
    if (!ok) faults.push(`${subject}: ${message}`);
  return faults;
}

async function untouched(sealed: SealedArchive, { say }: ProofRun): Promise<void> {
  assert.deepEqual(await faultsOf(sealed), []);
  say(`untouched: no fault in ${sealed.captureIds.length} captures, log and catalog`);
}

async function exported(sealed: SealedArchive, { say }: ProofRun): Promise<string> {
  const { archive, captureIds, folder } = sealed;
  const path = join(folder, 'bundle');
  const options = { by: 'Jane Roe', restricted: false, roles: [], since: [] };
  await exportBundle(archive.parts, captureIds, path, options, new AbortController().signal);
  const { verdict, faults, findings } = await verified(path, await questionOf(sealed));
  assert.deepEqual(faults, []);
  assert.equal(verdict, 'valid');
  const stamped = findings.filter(
    ({ kind, subject, result }) =>
      kind === 'time' && captureIds.includes(subject) && result === 'ok',
  );
  assert.equal(stamped.length, captureIds.length, 'every capture lies between two trusted times');
  say(`bundle: ${findings.length} findings, ${verdict}; untouched, nothing is raised`);
  return path;
}

async function questionOf({ archive, rootsFile }: SealedArchive) {
  const keys = await publicKeys(archive.parts.vault);
  return { vkeys: keys.map(({ vkey }) => vkey), tsaRoots: await readFile(rootsFile, 'utf8') };
}

/** By one who makes the lists of the bag fit again. */
async function bundleFlips(
  folder: string,
  sealed: SealedArchive,
  { seed, say }: ProofRun,
  flips: number,
): Promise<void> {
  const question = await questionOf(sealed);
  const { findings } = await verified(folder, question);
  // Lists that were made anew name other digests of what was changed, and have others themselves.
  const beyondDigests = (all: typeof findings) =>
    all.filter(({ kind }) => kind !== 'file' && kind !== 'bag');
  const uncovered = new Set(
    findings.flatMap(({ subject, message }) =>
      /not covered by the log$/.test(message) ? [subject] : [],
    ),
  );
  const random = seeded(seed);
  const names = (await readdir(join(folder, 'data'), { recursive: true })).map(
    (one) => `data/${one}`,
  );
  const files: string[] = [];
  for (const name of names.sort()) {
    // Another line of a witness than ours is passed over, as the specification demands.
    if (uncovered.has(name) || name.endsWith('.cosigned')) continue;
    const found = await stat(join(folder, name));
    if (found.isFile() && found.size > 0) files.push(name);
  }
  let unbound = 0;
  for (let flip = 0; flip < flips; flip += 1) {
    const name = files[random(files.length)] ?? '';
    const putBack = await flipInFile(join(folder, name), random);
    if (flip % 2 === 1) await listAnew(folder);
    const { verdict, findings: now } = await verified(folder, question);
    const which = `a bit of ${name} in the bundle, seed ${seed}, flip ${flip}`;
    // Of the newest token, which no entry records yet, a quarter is bound by nothing: what it brings along.
    if (verdict === 'valid' && name.endsWith('.tst'))
      assert.deepEqual(beyondDigests(now), beyondDigests(findings), which);
    else assert.notEqual(verdict, 'valid', which);
    unbound += verdict === 'valid' ? 1 : 0;
    await putBack();
    if (flip % 2 === 1) await listAnew(folder);
  }
  assert.equal((await verified(folder, question)).verdict, 'valid');
  const same =
    unbound === 0 ? '' : `; ${unbound} in what a token brings along, which changes nothing`;
  say(
    `bundle: ${flips - unbound} of ${flips} changed bits found, half behind lists that fit${same}`,
  );
}

/** One bit in a file of every role, and in a record of every kind. */
async function fileFlips(sealed: SealedArchive, { seed, say }: ProofRun): Promise<void> {
  const random = seeded(seed + 1);
  const { vault } = sealed.archive.parts;
  const manifest = readManifest(
    (await vault.readRecord('manifests', sealed.captureIds[0] ?? '')) ?? Buffer.of(),
  );
  const found: string[] = [];
  for (const { role, sha256 } of manifest.artifacts) {
    await mustFind(sealed, role, await flipInFile(objectPath(sealed, sha256), random));
    found.push(role);
  }
  for (const kind of evidence) {
    const [path = ''] = await recordsOf(sealed, kind);
    await mustFind(sealed, kind, await flipInFile(path, random));
    found.push(kind);
  }
  say(`one bit in each, all found: ${found.join(', ')}`);
}

/** The guards are off, and an event of another id is missing from the stream as well. */
const besides = new Set(['guards', 'table event_stream']);

/** One column of every table at a time: each table must say so. */
async function columnFlips(sealed: SealedArchive, { size, seed, say }: ProofRun): Promise<void> {
  const random = seeded(seed + 2);
  const { database } = sealed.archive.parts;
  await dropGuards(database, database.schema);
  const byTable = Map.groupBy(await columnsOf(database, database.schema), ({ table }) => table);
  const rounds = Math.max(...[...byTable.values()].map(({ length }) => length));
  const empty: string[] = [];
  let found = 0;
  // Each round makes the catalog anew: a small proof has one in three, which ones by the seed.
  const step = size >= 50 ? 1 : 3;
  for (let round = seed % step; round < rounds; round += step) {
    const changed = new Map<string, { column: string; putBack: PutBack }>();
    for (const [table, columns] of byTable) {
      const column = columns[round];
      if (column === undefined) continue;
      const putBack = await flipInRow(database, column, random);
      if (putBack === null) empty.push(`${table}.${column.column}`);
      else changed.set(table, { column: column.column, putBack });
    }
    const faulty = new Set<string>();
    for await (const { ok, subject } of verifyCatalog(sealed.archive.parts, undefined, 0))
      if (!ok && !besides.has(subject)) faulty.add(subject);
    for (const [table, { column, putBack }] of changed) {
      assert.ok(faulty.delete(`table ${table}`), `a bit of ${table}.${column}, seed ${seed}`);
      await putBack();
      found += 1;
    }
    assert.deepEqual([...faulty], [], 'no table is blamed that was not changed');
  }
  say(
    `one bit in each of ${found} columns, all found; without a value: ${empty.join(', ') || 'none'}`,
  );
}

async function randomFlips(
  sealed: SealedArchive,
  { seed, say }: ProofRun,
  flips: number,
): Promise<void> {
  const random = seeded(seed + 3);
  const { database, vault } = sealed.archive.parts;
  const columns = await columnsOf(database, database.schema);
  const files: string[] = [];
  for (const kind of evidence) files.push(...(await recordsOf(sealed, kind)));
  for await (const sha256 of vault.objects()) files.push(objectPath(sealed, sha256));
  for (let flip = 0; flip < flips; flip += 1) {
    const column = columns[random(columns.length)];
    const path = files[random(files.length)] ?? '';
    const inRow = flip % 2 === 0 && column !== undefined;
    const what = inRow ? `${column.table}.${column.column}` : path;
    const putBack = inRow
      ? await flipInRow(database, column, random)
      : await flipInFile(path, random);
    if (putBack !== null) await mustFind(sealed, `${what}, seed ${seed}, flip ${flip}`, putBack);
  }
  say(`${flips} bits changed at random in files and rows, all found`);
}

/** Looks until the first fault. */
async function mustFind(
  { archive: { parts } }: SealedArchive,
  what: string,
  putBack: PutBack,
): Promise<void> {
  let found = false;
  for await (const { ok, subject } of verifyAll(parts)) {
    // They were switched off by this proof itself.
    found = !ok && subject !== 'guards';
    if (found) break;
  }
  await putBack();
  assert.ok(found, `a bit of ${what}`);
}

function objectPath({ archive }: SealedArchive, sha256: string): string {
  return join(archive.config.home, 'vault', 'objects', sha256.slice(0, 2), sha256);
}

async function recordsOf({ archive }: SealedArchive, kind: string): Promise<string[]> {
  const folder = join(archive.config.home, 'vault', 'records', kind);
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}
