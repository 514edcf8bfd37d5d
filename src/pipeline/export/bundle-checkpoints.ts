/** The checkpoints that a bundle hands over, with everything that others said of them. */

import { UsageError } from '../../base/errors.ts';
import {
  type CheckpointRow,
  checkpointOf,
  checkpointsFrom,
  newestCheckpoint,
} from '../../catalog/checkpoints.ts';
import { entryOfManifest } from '../../catalog/log-entries.ts';
import { firstStampedAfter, lastStampRecordedBefore } from '../../catalog/stamped.ts';
import type { BundleCheckpoint, BundleToken } from '../../seal/bundle/bundle-content.ts';
import { recordName } from '../../seal/log.ts';
import { describeToken } from '../../seal/verify/formats/timestamp-token.ts';
import { authorityName, tokenRecord } from '../custody/stamp.ts';
import type { Parts } from '../parts.ts';
import type { ClosedCapture } from './bundle-captures.ts';
import { firstProvedAfter, handedOtsProofs, type OtsNames } from './ots-proofs.ts';

/** More checkpoints than this are thinned out to those that the captures need. */
const mostCheckpoints = 200;

/**
 * What the receiver has kept must be a checkpoint of this log: one that it doesn't know is a
 * mistake, or from a log that was put back to an earlier state since.
 */
export async function refuseUnknownSizes(
  { database }: Pick<Parts, 'database'>,
  since: number[],
): Promise<void> {
  for (const size of since) {
    if ((await checkpointOf(database, size)) !== null) continue;
    const newest = (await newestCheckpoint(database))?.size ?? 0;
    throw new UsageError(
      'no-such-checkpoint',
      `--since ${size}: this log has no checkpoint over ${size} entries (its newest is over ${newest}). Look at the second line of the checkpoint that was kept; if it is signed by this log, run "holdfast verify --all"`,
    );
  }
}

/** Every checkpoint of a short log; of a long one those that the captures rest on. */
export async function checkpointsFor(
  parts: Pick<Parts, 'database'>,
  captures: ClosedCapture[],
  newest: CheckpointRow,
  proofs: OtsNames,
  since: number[],
): Promise<CheckpointRow[]> {
  const { database } = parts;
  const first = await checkpointsFrom(database, 1, mostCheckpoints + 1);
  if (first.length <= mostCheckpoints) return first.filter(({ size }) => size <= newest.size);
  const sizes = new Set<number | null>([newest.size, ...since]);
  for (const { manifest, sha256 } of captures) {
    const prior = manifest.priorCheckpoint?.size;
    if (prior !== undefined) sizes.add(prior).add(await lastStampRecordedBefore(database, prior));
    const entry = await entryOfManifest(database, sha256);
    if (entry === null) continue;
    sizes.add(await firstStampedAfter(database, entry.idx));
    sizes.add(firstProvedAfter(proofs, entry.idx));
  }
  const wanted = [...sizes].filter((size) => size !== null && size <= newest.size);
  const rows = await Promise.all(wanted.map((size) => checkpointOf(database, size ?? 0)));
  return rows.filter((row) => row !== null).sort((one, other) => one.size - other.size);
}

/** Names of records about checkpoints, by the digits of their size. */
async function namesBySize(
  parts: Pick<Parts, 'vault'>,
  kind: 'timestamps' | 'cosignatures',
): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  for await (const name of parts.vault.recordNames(kind)) {
    const size = name.split('.')[0] ?? '';
    names.set(size, [...(names.get(size) ?? []), name]);
  }
  return names;
}

/** With everything that others said of them, as it lies in the vault. */
export async function handedCheckpoints(
  parts: Parts,
  rows: CheckpointRow[],
  proofs: OtsNames,
): Promise<BundleCheckpoint[]> {
  const tokens = await namesBySize(parts, 'timestamps');
  const lines = await namesBySize(parts, 'cosignatures');
  return Promise.all(
    rows.map(async ({ size, note }) => ({
      size,
      note,
      tokens: await handedTokens(parts, tokens.get(recordName(size)) ?? []),
      otsProofs: await handedOtsProofs(parts, proofs.get(size) ?? [], note),
      cosignatures: await Promise.all(
        (lines.get(recordName(size)) ?? []).map(async (name) =>
          String((await parts.vault.readRecord('cosignatures', name)) ?? ''),
        ),
      ),
    })),
  );
}

async function handedTokens(
  parts: Pick<Parts, 'config' | 'vault'>,
  names: string[],
): Promise<BundleToken[]> {
  const addresses = new Map(
    parts.config.seal.tsaUrls.map((url) => [tokenRecord(0, url).split('.')[1], authorityName(url)]),
  );
  const tokens: BundleToken[] = [];
  for (const name of names) {
    const bytes = await parts.vault.readRecord('timestamps', name);
    if (bytes === null) continue;
    const authority = name.split('.')[1] ?? '';
    const { genTime, authority: signer } = await describeToken(bytes);
    tokens.push({ authority, address: addresses.get(authority) ?? signer, bytes, genTime });
  }
  return tokens;
}
