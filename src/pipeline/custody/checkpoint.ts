/**
 * Checkpoints: the signed size and root of the log. Made after so many entries or seconds,
 * when no capture is under way, and before every export.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError, HoldfastError, IntegrityError } from '../../base/errors.ts';
import {
  type CheckpointRow,
  checkpointOf,
  insertCheckpoint,
  newestCheckpoint,
} from '../../catalog/checkpoints.ts';
import type { Queryable } from '../../catalog/database.ts';
import { unfinishedCount } from '../../catalog/feeder.ts';
import { uncovered } from '../../catalog/log-entries.ts';
import { catalogIdentity } from '../../catalog/migrate.ts';
import { currentSigner, privateKey, publicKeys, removePrivate } from '../../seal/keys.ts';
import { remember } from '../../seal/last-checkpoint.ts';
import { type LogStore, logRoot, recordName, takeLog } from '../../seal/log.ts';
import { checkpointText, type NoteSigner, signNote } from '../../seal/note-signing.ts';
import type { Parts } from '../parts.ts';
import { adoptDetail } from './restore-details.ts';

export function logStore(parts: Pick<Parts, 'vault' | 'home' | 'log'>): LogStore {
  const { vault, home } = parts;
  const adopt: LogStore['adopt'] = (tx, entry) => adoptDetail(parts, tx, entry);
  return { vault, keysFolder: join(home.folder, 'keys'), adopt };
}

/**
 * The name of the log: that of its key, once there is one. A demonstration is always
 * `demo.invalid`, so that nobody can take its log for another.
 * @throws ConfigError where the settings name another than the key carries
 */
export async function logOrigin(
  parts: Pick<Parts, 'config' | 'database' | 'home' | 'vault'>,
  db: Queryable = parts.database,
): Promise<string> {
  const { origin } = parts.config.seal;
  const demo = parts.home.environment === 'demo';
  const name = (await publicKeys(parts.vault)).at(-1)?.name;
  if (name === undefined) {
    return demo ? 'demo.invalid' : (origin ?? `holdfast.local/${await catalogIdentity(db)}`);
  }
  if (origin === null || origin === name || demo) return name;
  throw new ConfigError([
    `HOLDFAST_LOG_ORIGIN: this log is named ${name} by its key and can't be renamed`,
  ]);
}

/** A checkpoint where one is due. `null` where none is, or where this machine has no key for it. */
export async function checkpointIfDue(parts: Parts): Promise<CheckpointRow | null> {
  if (!(await isDue(parts))) return null;
  try {
    return await makeCheckpoint(parts);
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'signing-key-missing') throw error;
    parts.log.debug({ reason: error.message }, 'checkpoints are made on another machine');
    return null;
  }
}

async function isDue(parts: Pick<Parts, 'config' | 'database'>): Promise<boolean> {
  const { checkpointEntries, checkpointSeconds } = parts.config.seal;
  const covered = (await newestCheckpoint(parts.database))?.size ?? 0;
  const { count, oldestAt } = await uncovered(parts.database, covered);
  if (count === 0 || oldestAt === null) return false;
  if (count >= checkpointEntries) return true;
  if (Date.now() - oldestAt.getTime() >= checkpointSeconds * 1_000) return true;
  return (await unfinishedCount(parts.database)) === 0;
}

/**
 * A checkpoint over the whole log as it is now: the one that exists, or a new one.
 * @returns `null` while the log is empty
 * @throws IntegrityError `log-behind`, `log-differs`; StateError `signing-key-missing`
 */
export async function makeCheckpoint(parts: Parts): Promise<CheckpointRow | null> {
  const row = await parts.database.transaction((tx) => signWithin(parts, tx));
  if (row !== null) await keepInMind(parts, row);
  return row;
}

/**
 * A checkpoint over the log as a transaction leaves it, which must be followed by `keepInMind`
 * once that is committed.
 * @throws as `makeCheckpoint`
 */
export async function signWithin(parts: Parts, tx: Queryable): Promise<CheckpointRow | null> {
  const store = logStore(parts);
  const size = await takeLog(tx, store);
  if (size === 0) return null;
  const known = await checkpointOf(tx, size);
  if (known !== null) return known;
  await refuseWhereDiffers(tx);
  return sign(parts, store, tx, size);
}

/** Outside of the database: that there is such a checkpoint, and which keys have had their last one. */
export async function keepInMind(parts: Parts, row: CheckpointRow): Promise<void> {
  await remember(logStore(parts).keysFolder, row.note);
  await retireKeys(parts, row);
}

/** Nothing is signed on top of a history that is no longer the one that was signed before. */
async function refuseWhereDiffers(tx: Queryable): Promise<void> {
  const last = await newestCheckpoint(tx);
  if (last === null || (await logRoot(tx, last.size)).equals(last.root)) return;
  throw new IntegrityError(
    'log-differs',
    `the log in the database no longer has the root that was signed at ${last.size} entries: ` +
      'nothing more is signed. Run "holdfast verify --all" to see what changed',
  );
}

async function sign(
  parts: Parts,
  store: LogStore,
  tx: Queryable,
  size: number,
): Promise<CheckpointRow> {
  const signers = await signersNow(parts, store, tx);
  const root = await logRoot(tx, size);
  const text = checkpointText({ origin: signers[0]?.name ?? '', size, root });
  const left = await parts.vault.readRecord('checkpoints', recordName(size));
  if (left !== null && !left.toString('utf8').startsWith(`${text}\n`)) {
    throw new IntegrityError(
      'log-differs',
      `the vault holds a checkpoint over ${size} entries with another root than the database has`,
    );
  }
  const note = left ?? Buffer.from(signNote(text, signers));
  await parts.vault.keepRecord('checkpoints', recordName(size), note);
  const sha256 = createHash('sha256').update(note).digest('hex');
  const row = { size, root, note, sha256, madeAt: new Date() };
  await insertCheckpoint(tx, row);
  parts.log.info({ size, root: root.toString('hex') }, 'checkpoint signed');
  return row;
}

/** The key in use, and each one that was replaced since the last checkpoint: both sign the first after that. */
async function signersNow(parts: Parts, store: LogStore, tx: Queryable): Promise<NoteSigner[]> {
  const { vault } = parts;
  const signer = await currentSigner(vault, store.keysFolder, await logOrigin(parts, tx));
  const replaced = (await publicKeys(vault)).slice(0, -1).reverse();
  const older: NoteSigner[] = [];
  for (const { name, id } of replaced) {
    const key = await privateKey(store.keysFolder, id);
    if (key !== null) older.push({ name, key });
  }
  return [signer, ...older];
}

/** Replaced keys that have signed beside their successor are taken away. */
async function retireKeys(parts: Parts, row: CheckpointRow): Promise<void> {
  const folder = logStore(parts).keysFolder;
  const keys = await publicKeys(parts.vault);
  const newest = keys.at(-1);
  for (const { id } of keys.slice(0, -1)) {
    const both = [id, newest?.id ?? ''].every((one) => isSignedBy(row.note, one));
    if (both) await removePrivate(folder, id);
  }
}

function isSignedBy(note: Buffer, id: string): boolean {
  return note
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('\u2014 '))
    .some((line) => {
      const signature = Buffer.from(line.split(' ').at(-1) ?? '', 'base64');
      return signature.subarray(0, 4).toString('hex') === id;
    });
}
