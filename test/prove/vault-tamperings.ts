/** What who may write to the disk can do to a vault; and who may write to disk and database, to both. */
import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BatchedKind, batchedKinds } from '../../src/pipeline/keep-record.ts';
import type { RecordKind } from '../../src/vault/vault.ts';
import type { SealedArchive } from './sealed-archive.ts';
import { changeRows, putRowsBack, type Undoable } from './table-tamperings.ts';

const vouching: RecordKind[] = [
  'submissions',
  'manifests',
  'watch-plans',
  'observations',
  'events',
  'log-entries',
  'checkpoints',
  'timestamps',
  'ots-proofs',
  'cosignatures',
  'log-details',
  'keys',
  'pseudonyms',
  'cluster-decisions',
];

export function vaultTamperings(): Undoable[] {
  return [
    ...vouching.flatMap((kind) => [
      onFile(`vault records/${kind}: one flipped`, (target) => firstRecord(target, kind), flip),
      onFile(`vault records/${kind}: one deleted`, (target) => firstRecord(target, kind), gone),
    ]),
    ...objects(),
    ...strays(),
    ...batchedKinds.map(goneFromBoth),
  ];
}

function inVault({ archive }: SealedArchive, ...path: string[]): string {
  return join(archive.config.home, 'vault', ...path);
}

async function firstRecord(target: SealedArchive, kind: RecordKind): Promise<string> {
  const [name] = (await readdir(inVault(target, 'records', kind))).sort();
  if (name === undefined) throw new Error(`the archive has no record of ${kind}`);
  return inVault(target, 'records', kind, name);
}

/** As it was before, so that it can be put back. */
interface Kept {
  path: string;
  bytes: Buffer;
}

function onFile(
  name: string,
  pathIn: (target: SealedArchive) => Promise<string>,
  change: (path: string, target: SealedArchive) => Promise<void>,
): Undoable {
  let kept: Kept | null = null;
  return {
    name,
    notFindable: null,
    apply: async (target) => {
      const path = await pathIn(target);
      kept = { path, bytes: await readFile(path) };
      await change(path, target);
    },
    undo: async () => {
      if (kept === null) return;
      await rm(kept.path, { recursive: true, force: true });
      await writeFile(kept.path, kept.bytes, { mode: 0o400 });
    },
  };
}

async function gone(path: string): Promise<void> {
  await rm(path);
}

const flip = (path: string) =>
  rewrite(path, (bytes) => {
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  });

async function rewrite(path: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  const bytes = change(await readFile(path));
  await rm(path);
  await writeFile(path, bytes, { mode: 0o400 });
}

function objects(): Undoable[] {
  const changes: [string, Parameters<typeof onFile>[2]][] = [
    ['flipped', flip],
    ['deleted', gone],
    ['cut short', (path) => rewrite(path, (bytes) => bytes.subarray(0, -1))],
    ['with a byte more', (path) => rewrite(path, (bytes) => Buffer.concat([bytes, Buffer.of(0)]))],
    ['that others may write', (path) => chmod(path, 0o646)],
    ['that a group may write', (path) => chmod(path, 0o660)],
    ['that is a link to the same bytes', linkAway],
    ['that is a folder', inItsPlaceAFolder],
  ];
  return changes.map(([change, apply]) => onFile(`vault objects: one ${change}`, anObject, apply));
}

async function anObject(target: SealedArchive): Promise<string> {
  const { rows } = await target.archive.parts.database.query<{ sha256: string }>(
    `select sha256 from artifacts where capture_id = $1 and role = 'html.received'`,
    [target.captureIds[0]],
  );
  const sha256 = rows[0]?.sha256 ?? '';
  return inVault(target, 'objects', sha256.slice(0, 2), sha256);
}

async function inItsPlaceAFolder(path: string): Promise<void> {
  await rm(path);
  await mkdir(path);
}

async function linkAway(path: string, { folder }: SealedArchive): Promise<void> {
  const elsewhere = join(folder, 'elsewhere');
  await rename(path, elsewhere);
  await symlink(elsewhere, path);
}

function strays(): Undoable[] {
  const zeros = `ab${'0'.repeat(62)}`;
  const mine = Buffer.from('mine');
  const own = createHash('sha256').update(mine).digest('hex');
  const found: [what: string, ...path: string[]][] = [
    ['a file of another name beside the objects', 'notes.txt'],
    ['a file of another name among the shelves', 'objects', 'notes.txt'],
    ['a file of another name on a shelf', 'objects', 'ab', 'notes.txt'],
    ['an object under the name of other bytes', 'objects', 'ab', zeros],
    ['an object on the shelf of others', 'objects', 'ff', own],
    ['a kind of record that there is not', 'records', 'more'],
    ['a record of a check that nobody made', 'records', 'observations', `${randomUUID()}.json`],
  ];
  const reason = 'interrupted work leaves objects that nothing names as well: they are counted';
  return [
    ...found.map(([what, ...path]) => stray(what, path, mine, null)),
    stray('an object that nothing names', ['objects', own.slice(0, 2), own], mine, reason),
  ];
}

function stray(what: string, path: string[], bytes: Buffer, reason: string | null): Undoable {
  return {
    name: `vault: ${what}`,
    notFindable: reason,
    apply: async (target) => {
      await mkdir(dirname(inVault(target, ...path)), { recursive: true, mode: 0o700 });
      await writeFile(inVault(target, ...path), bytes, { mode: 0o400 });
    },
    undo: (target) => rm(inVault(target, ...path)),
  };
}

/** By kind of record the table of the rows that are made of it, and which of them the record `NAME` tells of. */
const rowsOf: Record<BatchedKind, [table: string, rows: string]> = {
  submissions: ['submissions', `batch_id::text = 'NAME'`],
  observations: ['checks', `id::text = 'NAME'`],
  events: ['events', `capture_id is null and kind = 'worker.down'`],
  'watch-plans': ['watches', `link = 'https://example.org/'`],
  'cluster-decisions': ['cluster_decisions', `id::text = 'NAME'`],
  'graphic-marks': ['graphic_marks', `id::text = 'NAME'`],
};

/** The record and the rows that were made of it: only the log still knows. */
function goneFromBoth(kind: BatchedKind): Undoable {
  const [table, rows] = rowsOf[kind];
  const record = onFile('', (target) => firstRecord(target, kind), gone);
  return {
    name: `records/${kind} and table ${table}: one gone from both`,
    notFindable: null,
    apply: async (target) => {
      const [name = ''] = ((await firstRecord(target, kind)).split('/').at(-1) ?? '').split('.');
      const where = rows.replace('NAME', name);
      await changeRows(target.archive.parts.database, table, [
        `delete from ${table} where ${where}`,
      ]);
      await record.apply(target);
    },
    undo: async (target) => {
      await record.undo(target);
      await putRowsBack(target.archive.parts.database, table);
    },
  };
}
