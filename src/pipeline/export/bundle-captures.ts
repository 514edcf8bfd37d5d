/** The captures that a bundle hands over: closed ones only, each with its files and its web archive. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { HoldfastError, UsageError } from '../../base/errors.ts';
import { captureById } from '../../catalog/captures.ts';
import { captureRecord } from '../../catalog/show.ts';
import { submissionById } from '../../catalog/submissions.ts';
import type { BundleCapture, BundleFile, HandedOrder } from '../../seal/bundle/bundle-content.ts';
import { type Manifest, readManifest } from '../../seal/manifest.ts';
import { isRestricted } from '../../seal/verify/sealed-records.ts';
import type { Parts } from '../parts.ts';
import type { CaseScope } from './case-scope.ts';
import { recordWithin } from './handed-order.ts';
import { exportWacz } from './wacz.ts';

export interface ClosedCapture {
  manifest: Manifest;
  bytes: Buffer;
  sha256: string;
  caseName: string | null;
}

/** @throws UsageError `unfinished` */
export async function closedCapture(
  parts: Pick<Parts, 'database' | 'vault'>,
  captureId: string,
): Promise<ClosedCapture> {
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

/** Which files of a capture are handed over. */
export interface HandedRoles {
  /** Also what may hold passwords and cookies. */
  restricted: boolean;
  /** Only artifacts of these roles; all when empty. */
  roles: string[];
}

export async function* handedCaptures(
  parts: Parts,
  captures: ClosedCapture[],
  { restricted, roles }: HandedRoles,
  scope: CaseScope | null,
  signal: AbortSignal,
): AsyncGenerator<BundleCapture> {
  await using scratch = await parts.vault.scratch('bundle');
  const cases =
    scope === null ? [...new Set(captures.map((one) => one.caseName))] : [scope.caseName];
  const shared = new Set(scope?.shared);
  for (const { manifest, bytes, sha256: manifestSha256 } of captures) {
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
    const order = await orderOf(parts, captureId, cases, shared.has(manifestSha256));
    yield { captureId, manifest: bytes, files, webArchive, order };
  }
}

async function orderOf(
  { database }: Pick<Parts, 'database'>,
  captureId: string,
  handed: (string | null)[],
  isShared: boolean,
): Promise<HandedOrder | null> {
  const record = await captureRecord(database, captureId);
  if (record === null) return null;
  const { cases, submissions, filings } = recordWithin(record, handed);
  return { cases, submissions, filings, isShared };
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
