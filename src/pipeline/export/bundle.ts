/**
 * Hands captures over as a bundle that a stranger can check. The export is entered in the
 * log of each case first, so that a later, shorter one contradicts it; then a checkpoint is
 * made over that entry, and what it covers is written out. Where that fails, another entry
 * says so: the first can't be taken back.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { captureById } from '../../catalog/captures.ts';
import {
  type CheckpointRow,
  checkpointOf,
  checkpointsFrom,
  newestCheckpoint,
} from '../../catalog/checkpoints.ts';
import {
  entriesOfCase,
  entryOfManifest,
  type LogEntryRow,
  logEntriesFrom,
} from '../../catalog/log-entries.ts';
import { firstStampedAfter, lastStampRecordedBefore } from '../../catalog/stamped.ts';
import { submissionById } from '../../catalog/submissions.ts';
import { errorCode, HoldfastError, IntegrityError, UsageError } from '../../errors.ts';
import type {
  BundleCapture,
  BundleCheckpoint,
  BundleContent,
  BundleEntry,
  BundleFile,
  BundleToken,
} from '../../seal/bundle/bundle-content.ts';
import { type WrittenBundle, writeBundle } from '../../seal/bundle/write-bundle.ts';
import { publicKeys } from '../../seal/keys.ts';
import { readNodes, recordName } from '../../seal/log.ts';
import { type Manifest, readManifest } from '../../seal/manifest.ts';
import { consistencyProof, inclusionProof } from '../../seal/merkle-tree.ts';
import { isRestricted } from '../../seal/verify/sealed-records.ts';
import { describeToken } from '../../seal/verify/timestamp-token.ts';
import { errno } from '../../vault/disk.ts';
import { enterUnlogged } from '../capture/seal.ts';
import { logOrigin, makeCheckpoint } from '../custody/checkpoint.ts';
import { caseHead, noteCustody } from '../custody/custody-event.ts';
import { authorityName, stampDue, tokenRecord } from '../custody/stamp.ts';
import { chosenRoots } from '../custody/timestamp-roots.ts';
import { witnessKeys } from '../custody/witness.ts';
import type { Parts } from '../parts.ts';
import { ownVersion } from '../tool-versions.ts';
import { refuseBadNames } from './artifact-names.ts';
import {
  firstProvedAfter,
  handedOtsProofs,
  type OtsNames,
  recordedOtsProofs,
} from './ots-proofs.ts';
import { makePlaceFor } from './target.ts';
import { exportWacz } from './wacz.ts';

export interface BundleOptions {
  /** Name of who hands it over. */
  by: string;
  /** Also what may hold passwords and cookies. */
  restricted: boolean;
  /** Only artifacts of these roles; all when empty. */
  roles: string[];
  /** Sizes of checkpoints that the receiver has kept: the bundle shows that it goes on from them. */
  since: number[];
}

/** More checkpoints than this are thinned out to those that the captures need. */
const mostCheckpoints = 200;

/**
 * @throws UsageError `exists`, `unfinished`, `no-such-checkpoint`; IntegrityError `stored-bytes-differ`,
 *   `log-behind`, `unsafe-name`, `names-clash`; ConfigError; HoldfastError `signing-key-missing`
 */
export async function exportBundle(
  parts: Parts,
  captureIds: string[],
  path: string,
  options: BundleOptions,
  signal: AbortSignal,
): Promise<WrittenBundle> {
  const captures = await Promise.all(
    [...new Set(captureIds)].map((id) => closedCapture(parts, id)),
  );
  await refuseUnknownSizes(parts, options.since);
  // Settings that can't be read are told before anything is entered.
  await witnessKeys(parts);
  await chosenRoots(parts);
  for (const { manifest } of captures) refuseBadNames(manifest.artifacts.map(({ name }) => name));
  await makePlaceFor(path);
  await enterUnlogged(parts, signal);
  const exported = await enterExport(parts, captures, options);
  try {
    const newest = await makeCheckpoint(parts);
    if (newest === null) throw new TypeError('an export is an entry, so there is a checkpoint');
    await stampDue(parts, signal);
    const content = await contentOf(parts, captures, exported, newest, options, signal);
    return await writeBundle(path, content, signal);
  } catch (error) {
    const reason = signal.aborted ? 'interrupted' : (errno(error) ?? errorCode(error));
    await enterFailure(parts, exported, options.by, reason);
    throw error;
  }
}

/**
 * What the receiver has kept must be a checkpoint of this log: one that it doesn't know is a
 * mistake, or from a log that was put back to an earlier state since.
 */
async function refuseUnknownSizes({ database }: Parts, since: number[]): Promise<void> {
  for (const size of since) {
    if ((await checkpointOf(database, size)) !== null) continue;
    const newest = (await newestCheckpoint(database))?.size ?? 0;
    throw new UsageError(
      'no-such-checkpoint',
      `--since ${size}: this log has no checkpoint over ${size} entries (its newest is over ${newest}). Look at the second line of the checkpoint that was kept; if it is signed by this log, run "holdfast verify --all"`,
    );
  }
}

interface ClosedCapture {
  manifest: Manifest;
  bytes: Buffer;
  sha256: string;
  caseName: string | null;
}

async function closedCapture(parts: Parts, captureId: string): Promise<ClosedCapture> {
  const bytes = await parts.vault.readRecord('manifests', captureId);
  const capture = await captureById(parts.database, captureId);
  const submission = capture && (await submissionById(parts.database, capture.submissionId));
  if (bytes === null || submission === null)
    throw new UsageError(
      'unfinished',
      `the capture ${captureId} isn't closed yet: wait until it is (holdfast status), or cancel it`,
    );
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { manifest: readManifest(bytes), bytes, sha256, caseName: submission.caseName };
}

interface EnteredExport {
  /** Of the last entry. */
  at: Date;
  caseIds: string[];
  /** Place in the log of each case's entry. */
  entries: { caseName: string | null; idx: number }[];
}

/** One entry a case. */
async function enterExport(
  parts: Parts,
  captures: ClosedCapture[],
  options: BundleOptions,
): Promise<EnteredExport> {
  const byCase = Map.groupBy(captures, ({ caseName }) => caseName);
  const caseIds: string[] = [];
  const entries: EnteredExport['entries'] = [];
  let at = new Date();
  for (const [caseName, own] of byCase) {
    const { entry, idx } = await noteCustody(parts, {
      type: 'exported',
      by: options.by,
      caseName,
      // An entry is small; all of them are in the detail.
      targets: own.slice(0, 500).map(({ sha256 }) => sha256),
      detail: {
        format: 'bundle',
        captures: own.map(({ manifest }) => manifest.captureId),
        manifests: own.map(({ sha256 }) => sha256),
        restricted: options.restricted,
        roles: options.roles,
        head: await caseHead(parts, caseName),
      },
    });
    at = new Date(entry.at);
    entries.push({ caseName, idx });
    if (entry.case !== null) caseIds.push(entry.case);
  }
  return { at, caseIds, entries };
}

/** Nothing was handed over. Why is what the caller must hear, also where this can't be written. */
async function enterFailure(
  parts: Parts,
  { entries }: EnteredExport,
  by: string,
  reason: string,
): Promise<void> {
  for (const { caseName, idx } of entries) {
    const detail = { format: 'bundle', entry: idx, reason };
    await noteCustody(parts, { type: 'export-failed', by, caseName, detail }).catch(
      (error: unknown) => parts.log.error({ error, ...detail }, 'failed export not in the log'),
    );
  }
}

async function contentOf(
  parts: Parts,
  captures: ClosedCapture[],
  exported: EnteredExport,
  newest: CheckpointRow,
  options: BundleOptions,
  signal: AbortSignal,
): Promise<BundleContent> {
  const { witnesses } = parts.config.seal;
  const proofs = await recordedOtsProofs(parts, newest.size);
  const rows = await checkpointsFor(parts, captures, newest, proofs, options.since);
  const checkpoints = await handedCheckpoints(parts, rows, proofs);
  const entries = await entriesFor(parts, exported.caseIds, checkpoints, newest);
  return {
    exportedAt: exported.at,
    origin: await logOrigin(parts),
    version: await ownVersion(),
    captures: handedCaptures(parts, captures, options, signal),
    entries: provenEntries(parts, entries, newest),
    details: detailsOf(parts, entries),
    checkpoints,
    consistency: await Promise.all(
      rows
        .slice(1)
        .map(({ size }, place) => consistencyBetween(parts, rows[place]?.size ?? 0, size)),
    ),
    vkeys: (await publicKeys(parts.vault)).map(({ vkey }) => vkey),
    tsaRoots: await chosenRoots(parts),
    witnesses: witnesses.map((line) => line.split(/\s+/)[0] ?? ''),
  };
}

/** Every checkpoint of a short log; of a long one those that the captures rest on. */
async function checkpointsFor(
  parts: Parts,
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
  parts: Parts,
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
async function handedCheckpoints(
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

async function handedTokens(parts: Parts, names: string[]): Promise<BundleToken[]> {
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

/** All of each case, and of the log's own entries those about keys and about tokens and proofs that are handed over. */
async function entriesFor(
  parts: Parts,
  caseIds: string[],
  checkpoints: BundleCheckpoint[],
  newest: CheckpointRow,
): Promise<LogEntryRow[]> {
  const tokens = new Set(
    checkpoints.flatMap(({ tokens: own, otsProofs }) =>
      [...own, ...otsProofs].map(({ bytes }) => createHash('sha256').update(bytes).digest('hex')),
    ),
  );
  const entries: LogEntryRow[] = [];
  for (const caseId of caseIds) entries.push(...(await entriesOfCase(parts.database, caseId)));
  for (let from = 0; from < newest.size; from += 1_000) {
    for (const entry of await logEntriesFrom(parts.database, from, 1_000)) {
      if (entry.caseId !== null) continue;
      const aboutToken =
        ['timestamped', 'ots-proof'].includes(entry.type) &&
        entry.targets.some((one) => tokens.has(one));
      if (aboutToken || entry.type === 'key-rotated') entries.push(entry);
    }
  }
  return entries.filter(({ idx }) => idx < newest.size).sort((one, other) => one.idx - other.idx);
}

/** The bytes are those of the vault. */
async function* provenEntries(
  parts: Parts,
  entries: LogEntryRow[],
  { size }: CheckpointRow,
): AsyncGenerator<BundleEntry> {
  const read = readNodes(parts.database);
  for (const { idx } of entries) {
    const bytes = await parts.vault.readRecord('log-entries', recordName(idx));
    if (bytes === null)
      throw new IntegrityError(
        'entry-missing',
        `entry ${idx} of the log is missing from the vault`,
      );
    yield { index: idx, bytes, proof: await inclusionProof(idx, size, read), checkpointSize: size };
  }
}

async function* detailsOf(
  parts: Parts,
  entries: LogEntryRow[],
): AsyncGenerator<{ sha256: string; bytes: Buffer }> {
  const digests = new Set(entries.map(({ detailSha256 }) => detailSha256));
  for (const sha256 of digests) {
    const bytes = sha256 && (await parts.vault.readRecord('log-details', sha256));
    if (sha256 && bytes) yield { sha256, bytes };
  }
}

async function consistencyBetween(parts: Parts, oldSize: number, size: number) {
  const proof = await consistencyProof(oldSize, size, readNodes(parts.database));
  return { oldSize, size, proof };
}

async function* handedCaptures(
  parts: Parts,
  captures: ClosedCapture[],
  { restricted, roles }: BundleOptions,
  signal: AbortSignal,
): AsyncGenerator<BundleCapture> {
  await using scratch = await parts.vault.scratch('bundle');
  for (const { manifest, bytes } of captures) {
    const { captureId } = manifest;
    const files: BundleFile[] = [];
    for (const { name, role, sha256 } of manifest.artifacts) {
      if (isRestricted(role) && !restricted) continue;
      if (roles.length > 0 && !roles.includes(role)) continue;
      // What was removed by order is not there; the verifier tells that from what is missing.
      if (!(await parts.vault.has(sha256))) continue;
      files.push({ name, sha256, open: () => parts.vault.open(sha256) });
    }
    const path = join(scratch.folder, `${captureId}.wacz`);
    const hasArchive = roles.length === 0 && (await madeWebArchive(parts, captureId, path, signal));
    const webArchive = hasArchive ? async () => createReadStream(path) : null;
    yield { captureId, manifest: bytes, files, webArchive };
  }
}

/** Captures from before there were WARCs have none, and one with removed parts can't be packed. */
async function madeWebArchive(
  parts: Parts,
  captureId: string,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await exportWacz(parts, captureId, path, signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const none =
      error instanceof HoldfastError && ['no-warc', 'object-missing'].includes(error.code);
    if (none) return false;
    throw error;
  }
}
