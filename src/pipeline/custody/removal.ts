/**
 * Removal by order. The order is written down first, in the log and with all its words;
 * then the bytes go, here and in the second store, and the words read from them go from
 * what is searched; then that they are gone is written down too. The log keeps the digests,
 * so every other proof stays what it was.
 *
 * What stays: the manifest and what the catalog has from it, a post's text among it. They say
 * what was there.
 */
import { uuidv7 } from 'uuidv7';
import { NotFoundError, StateError, StorageError, UsageError } from '../../base/errors.ts';
import { captureById, casesAskedFor, manifestsOf } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import {
  derivationsByRecord,
  filesOfDerivation,
  forgetDerivations,
  lockDerivations,
  madeOf,
} from '../../catalog/derivations.ts';
import { forgetFingerprints } from '../../catalog/fingerprints.ts';
import { holdersOf } from '../../catalog/fixity.ts';
import { namesOf } from '../../catalog/held-objects.ts';
import { holdsOn } from '../../catalog/holds.ts';
import { keepSearchable } from '../../catalog/keep-searchable.ts';
import {
  forgetWords,
  insertRemoval,
  objectsOnlyOf,
  type RemovalRow,
  unfinishedRemovals,
} from '../../catalog/removals.ts';
import { forgetSounds } from '../../catalog/sounds.ts';
import { openFileVault } from '../../vault/files.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Parts } from '../parts.ts';
import { noteCustody } from './custody-event.ts';

/** As many digests as one entry of the log has room for. */
const mostTargets = 800;

export interface RemovalOrder {
  /** Everything that these captures alone hold … */
  captureIds: string[];
  /** … and these objects, whoever holds them. */
  sha256s: string[];
  authority: string;
  reference: string;
  reason: string | null;
  by: string;
}

export interface Removed {
  row: RemovalRow;
  /** Objects of the captures that stay, because other captures hold them too. */
  shared: string[];
}

/**
 * What an order would take, without taking it.
 * @throws StateError `on-hold` (77) while a legal hold is on any of it
 * @throws UsageError `nothing-to-remove`, NotFoundError `no-capture`, `no-file`
 */
export async function whatWouldGo(
  parts: Parts,
  { captureIds, sha256s }: Pick<RemovalOrder, 'captureIds' | 'sha256s'>,
): Promise<{ targets: string[]; shared: string[]; names: Record<string, string> }> {
  for (const id of captureIds) {
    if ((await captureById(parts.database, id)) === null)
      throw new NotFoundError('no-capture', `there is no capture ${id}`);
  }
  for (const sha256 of sha256s) await refuseUnheld(parts, sha256);
  const { own, shared } = await objectsOnlyOf(parts.database, captureIds);
  // A rendering shows what the capture holds: it goes with the capture, as made of its manifest.
  const manifests = await manifestsOf(parts.database, captureIds);
  const rendered = await withWhatWasMade(parts.database, manifests);
  const made = rendered.filter((sha256) => !manifests.includes(sha256));
  const named = [...new Set([...own, ...sha256s, ...made])];
  const targets = await withWhatWasMade(parts.database, named);
  if (targets.length === 0) {
    throw new UsageError(
      'nothing-to-remove',
      'other captures hold everything that these hold; name the files by their SHA-256 to remove them everywhere',
    );
  }
  await refuseWhereHeld(parts.database, targets, captureIds);
  const names = await namesOf(parts.database, [...targets, ...shared]);
  return {
    targets,
    shared: shared.filter((one) => !targets.includes(one)),
    names: Object.fromEntries(names),
  };
}

/** With an original goes everything that was made of it, and the records that say so. */
async function withWhatWasMade(db: Queryable, named: string[]): Promise<string[]> {
  const targets = new Set(named);
  for (const { id, recordSha256 } of await madeOf(db, named)) {
    targets.add(recordSha256);
    for (const { sha256 } of await filesOfDerivation(db, id)) targets.add(sha256);
  }
  return [...targets].sort();
}

/** "Removed" would be said of what was never there, for good. */
async function refuseUnheld(
  parts: Pick<Parts, 'database' | 'vault'>,
  sha256: string,
): Promise<void> {
  if ((await holdersOf(parts.database, sha256)).length > 0) return;
  if (await parts.vault.has(sha256)) return;
  throw new NotFoundError(
    'no-file',
    `nothing here has the SHA-256 ${sha256}: nothing was removed. holdfast show prints those of a capture's files`,
  );
}

/** @throws as `whatWouldGo` */
export async function removeByOrder(parts: Parts, order: RemovalOrder): Promise<Removed> {
  const { targets, shared } = await whatWouldGo(parts, order);
  const { captureIds, authority, reference, reason, by } = order;
  const row: RemovalRow = {
    id: uuidv7(),
    change: 'ordered',
    targets,
    captureIds,
    authority,
    reference,
    reason,
    byWhom: by,
    detail: { alsoHeldBy: await otherHolders(parts, targets, captureIds) },
    at: new Date(),
  };
  // Looked at once more with the log taken: whoever set a hold meanwhile comes first.
  await write(parts, row, (tx) => refuseWhereHeld(tx, targets, captureIds));
  return { row: await carryOut(parts, row), shared };
}

/** Ends what a killed process began. @returns how many orders */
export async function finishRemovals(parts: Parts): Promise<number> {
  const left = await unfinishedRemovals(parts.database);
  for (const row of left) await carryOut(parts, row);
  return left.length;
}

async function carryOut(parts: Parts, ordered: RemovalRow): Promise<RemovalRow> {
  await orderWhatCameLate(parts, ordered);
  const { secondVault } = parts.config.seal;
  const stores: [name: string, vault: Vault][] = [['vault', parts.vault]];
  if (secondVault !== null) stores.push(['second store', await openFileVault(secondVault)]);
  const removedFrom: Record<string, number> = {};
  for (const [name, vault] of stores) {
    removedFrom[name] = 0;
    for (const sha256 of ordered.targets) {
      if (await vault.remove(sha256)) removedFrom[name] += 1;
      if (await vault.has(sha256)) {
        throw new StorageError('not-removed', `the ${name} still has ${sha256}`);
      }
    }
  }
  await forgetDerived(parts, stores, ordered.targets);
  await forgetWords(parts.database, ordered.targets);
  // Rows lost their words with the files; now they get those back that stay.
  await keepSearchable(parts.database, { most: 2_000, wait: true });
  const detail = {
    removedFrom,
    lookedAgain: true,
    method: 'file deleted; older backups are not reached',
  };
  const done: RemovalRow = { ...ordered, change: 'done', detail, at: new Date() };
  await write(parts, done);
  parts.log.info({ id: done.id, objects: done.targets.length }, 'removed by order');
  return done;
}

/** What a derive job made of it while the order was written down falls under an order of its own. */
async function orderWhatCameLate(parts: Parts, ordered: RemovalRow): Promise<void> {
  const all = await parts.database.transaction(async (tx) => {
    await lockDerivations(tx);
    return withWhatWasMade(tx, ordered.targets);
  });
  const late = all.filter((sha256) => !ordered.targets.includes(sha256));
  if (late.length === 0) return;
  const row = { ...ordered, id: uuidv7(), targets: late, detail: { follows: ordered.id } };
  await write(parts, { ...row, at: new Date() });
  await carryOut(parts, row);
}

/**
 * Records, words and fingerprints of what was made of the removed. In turn with derive jobs:
 * what one of them added after the order was written down is found here as well.
 */
async function forgetDerived(
  parts: Pick<Parts, 'database'>,
  stores: [name: string, vault: Vault][],
  targets: string[],
): Promise<void> {
  await parts.database.transaction(async (tx) => {
    await lockDerivations(tx);
    const derivations = await derivationsByRecord(tx, targets);
    for (const { id } of derivations)
      for (const [, vault] of stores) await vault.removeRecord('derivations', id);
    await forgetDerivations(tx, derivations);
    await forgetFingerprints(tx, targets);
    await forgetSounds(tx, targets);
  });
}

/** @throws StateError `on-hold` */
async function refuseWhereHeld(
  db: Queryable,
  targets: string[],
  captureIds: string[],
): Promise<void> {
  const [hold] = await holdsOn(db, targets, captureIds);
  if (hold === undefined) return;
  throw new StateError(
    'on-hold',
    `the ${hold.scopeKind} ${hold.scope} is under a legal hold (${hold.authority}, ${hold.reference}, hold ${hold.id}): release it first, or leave it`,
  );
}

async function otherHolders(
  parts: Pick<Parts, 'database'>,
  targets: string[],
  captureIds: string[],
): Promise<string[]> {
  const holders = await Promise.all(targets.map((sha256) => holdersOf(parts.database, sha256)));
  return [...new Set(holders.flat())].filter((id) => !captureIds.includes(id)).sort();
}

/** In the chain of the case, where all of it is of one. */
async function write(
  parts: Parts,
  row: RemovalRow,
  unless: (tx: Queryable) => Promise<void> = async () => {},
): Promise<void> {
  const cases = await casesAskedFor(parts.database, row.captureIds);
  const event = {
    type: 'removal' as const,
    by: row.byWhom,
    // The log's own where it is of several: it names what belongs to each of them.
    ...(cases.length === 1 ? { caseName: cases[0] ?? null } : {}),
    detail: { ...row, at: row.at.toISOString() },
  };
  // An entry is small, and a long video has many frames: all entries name the same details.
  const slices = Math.ceil(row.targets.length / mostTargets);
  for (let slice = 1; slice <= slices; slice += 1) {
    const targets = row.targets.slice((slice - 1) * mostTargets, slice * mostTargets);
    const first = slice === 1 ? { unless } : {};
    await noteCustody(parts, { ...event, ...first, targets }, async (tx) => {
      if (slice === slices) await insertRemoval(tx, row);
    });
  }
}
