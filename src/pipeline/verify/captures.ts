/**
 * Checks closed captures against their manifests: every stored byte is hashed again, and
 * every row of the catalog is compared with what the manifest says. It proves that vault
 * and catalog still agree with the manifests that lie in the vault; what the log adds to
 * that is checked by `verify/log.ts`.
 */

import { createHash } from 'node:crypto';
import { plural } from '../../base/plural.ts';
import { artifactsOf } from '../../catalog/artifacts.ts';
import { captureById, outcomeOf } from '../../catalog/captures.ts';
import { checkpointCovering } from '../../catalog/checkpoints.ts';
import { entryOfManifest } from '../../catalog/log-entries.ts';
import { pagesOf } from '../../catalog/pages.ts';
import { postColumnsAgree } from '../../catalog/posts.ts';
import { type RemovalRow, removalOver } from '../../catalog/removals.ts';
import type { Finding } from '../../model/finding.ts';
import { canonicalJson } from '../../seal/canonical-json.ts';
import { type Manifest, readManifest } from '../../seal/manifest.ts';
import type { BitcoinHeaders } from '../../seal/verify/formats/bitcoin-headers.ts';
import { describeCapture } from '../capture/describe-capture.ts';
import { removedByOrder } from '../capture/removed-files.ts';
import type { Parts } from '../parts.ts';
import { messageOf } from '../run-step.ts';
import { verifyCatalog } from './catalog.ts';
import { faultOfTimes } from './claimed-times.ts';
import { verifyDerivations } from './derivations.ts';
import { verifyLog } from './log.ts';
import { verifyOtsProofs } from './ots.ts';
import { verifyRecords } from './records.ts';
import { verifyVault } from './vault.ts';

/** Subject of the one finding of a capture that is not closed. */
export const unfinished = 'unfinished';

export const verifyStatement =
  'A pass proves that the files and catalog rows of the closed captures agree with the manifests in the vault, ' +
  'and with --all that the log over them is complete, in order and signed by its own key. ' +
  'It does not prove that what was captured is true, or that nothing was made up before it was captured. ' +
  'When something existed is shown only by the timestamps and witnesses of others.';

/** Yields one line a finding. Never throws for what it finds; throws when aborted. */
export function verifyCapture(
  parts: Parts,
  captureId: string,
  signal?: AbortSignal,
): AsyncGenerator<Finding> {
  return carryingOn('manifest', findingsOf(parts, captureId, signal), signal, captureId);
}

async function* findingsOf(
  parts: Parts,
  captureId: string,
  signal?: AbortSignal,
): AsyncGenerator<Finding> {
  const finding = (subject: string, ok: boolean, message: string): Finding => ({
    captureId,
    subject,
    ok,
    message,
  });
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(captureId)) {
    yield finding('manifest', false, 'the record has a name that is not a capture id');
    return;
  }
  const bytes = await parts.vault.readRecord('manifests', captureId);
  const outcome = await outcomeOf(parts.database, captureId);
  if (bytes === null) {
    yield outcome === null
      ? finding(unfinished, true, 'not closed yet: nothing to compare')
      : finding('manifest', false, 'the manifest is missing');
    return;
  }
  const manifest = parsed(bytes);
  if (manifest === null || manifest.captureId !== captureId) {
    yield finding('manifest', false, 'the stored manifest is not one of this capture');
    return;
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const digestAgrees = outcome === null || outcome.manifestSha256 === sha256;
  yield finding(
    'manifest',
    digestAgrees,
    digestAgrees ? `SHA-256 ${sha256}` : 'digest differs from the catalog',
  );
  for (const artifact of manifest.artifacts) {
    const fault = await faultOf(parts, artifact, signal);
    const order = fault === missing ? await orderOver(parts, manifest, artifact) : null;
    yield order === null
      ? finding(artifact.name, fault === null, fault ?? `SHA-256 ${artifact.sha256}`)
      : finding(
          artifact.name,
          true,
          `removed under the order ${order.reference} (removal ${order.id})`,
        );
  }
  for await (const found of verifyDerivations(parts, captureId, signal))
    yield finding(found.subject, found.ok, found.message);
  if (outcome !== null) yield await entryFinding(parts, manifest, sha256, finding);
  yield await catalogFinding(parts, manifest, outcome !== null, finding);
}

const missing = 'missing from the vault';

/** What came back after a removal and is missing now was lost: that order does not explain it. */
function orderOver(
  { database }: Pick<Parts, 'database'>,
  { events }: Manifest,
  { sha256, storedAt }: Manifest['artifacts'][number],
): Promise<RemovalRow | null> {
  const wasGone = events.some(
    ({ kind, detail }) => kind === removedByOrder && detail.sha256 === sha256,
  );
  return removalOver(database, sha256, wasGone ? undefined : new Date(storedAt));
}

/** Whether the log has this manifest, and at a time that fits: what was never entered can't be proven to have been here. */
async function entryFinding(
  parts: Pick<Parts, 'database'>,
  manifest: Manifest,
  manifestSha256: string,
  finding: (subject: string, ok: boolean, message: string) => Finding,
): Promise<Finding> {
  const entry = await entryOfManifest(parts.database, manifestSha256);
  // Since there is a log, a capture is closed and entered in one transaction.
  if (entry === null && manifest.nonce !== undefined)
    return finding('log', false, 'no entry of the log carries the digest of this manifest');
  if (entry === null)
    return finding('log', true, 'not entered in the log yet: the next sweep does');
  const fault = await faultOfTimes(parts, manifest, entry);
  if (fault !== null) return finding('log', false, fault);
  const covering = await checkpointCovering(parts.database, entry.idx);
  const words =
    covering === null
      ? 'no checkpoint yet'
      : `signed at ${plural(covering.size, 'entry', 'entries')}`;
  return finding('log', true, `entry ${entry.idx}, ${words}`);
}

/** What is wrong with a stored file; a disk that can't read it is a fault too, not the end of the run. */
async function faultOf(
  parts: Pick<Parts, 'vault'>,
  { sha256, sizeBytes }: { sha256: string; sizeBytes: number },
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    const found = await parts.vault.rehash(sha256, signal);
    if (found === null) return missing;
    return found.sha256 === sha256 && found.sizeBytes === sizeBytes
      ? null
      : `hashes to ${found.sha256}`;
  } catch (error) {
    signal?.throwIfAborted();
    return `can't be read: ${messageOf(error)}`;
  }
}

function parsed(bytes: Buffer): Manifest | null {
  try {
    return readManifest(bytes);
  } catch {
    return null;
  }
}

/** The catalog, described anew, must say what the manifest says. */
async function catalogFinding(
  parts: Parts,
  manifest: Manifest,
  closed: boolean,
  finding: (subject: string, ok: boolean, message: string) => Finding,
): Promise<Finding> {
  if (!closed || (await captureById(parts.database, manifest.captureId)) === null) {
    return finding(
      'catalog',
      false,
      'the catalog does not hold this capture as closed: run rebuild',
    );
  }
  const now = await describeCapture(
    parts,
    manifest.captureId,
    await artifactsOf(parts.database, manifest.captureId),
  ).catch(() => null);
  if (now === null)
    return finding('catalog', false, 'the catalog can no longer describe this capture');
  const outcome = await outcomeOf(parts.database, manifest.captureId);
  const fromCatalog: Manifest = {
    // What only the sealing knew is in no row.
    ...manifest,
    ...now,
    startedAt: outcome?.startedAt.toISOString() ?? '',
    finishedAt: outcome?.finishedAt.toISOString() ?? '',
    state: outcome?.state ?? 'failed',
    source: outcome?.sourceKey ?? '',
    conditions: manifest.conditions,
    tools: manifest.tools,
  };
  const differing = Object.entries(manifest).flatMap(([field, value]) =>
    canonicalJson(value) === canonicalJson(Reflect.get(fromCatalog, field)) ? [] : [field],
  );
  if (!(await postColumnsAgree(parts.database, manifest.captureId))) differing.push('post columns');
  for (const { view, body } of await pagesOf(parts.database, manifest.captureId)) {
    const kept = manifest.pages.find((page) => page.view === view)?.textSha256 ?? null;
    const now = createHash('sha256').update(body).digest('hex');
    if (kept === null || kept === now) continue;
    // A rebuild has no words for a text that was removed by order.
    if (body === '' && (await removalOver(parts.database, kept)) !== null) continue;
    differing.push(`text of the view ${view}`);
  }
  return differing.length === 0
    ? finding('catalog', true, 'agrees with the manifest')
    : finding('catalog', false, `differs from the manifest in: ${differing.join(', ')}`);
}

/** Every capture, then what is about no capture alone. */
export async function* verifyAll(parts: Parts, signal?: AbortSignal): AsyncGenerator<Finding> {
  for await (const captureId of verifiableCaptures(parts)) {
    yield* verifyCapture(parts, captureId, signal);
  }
  yield* verifyRest(parts, signal);
}

/**
 * The log as a whole, and every row that a claim rests on.
 * @param headers Bitcoin headers to hold OpenTimestamps proofs against; `null`: none were given
 */
export async function* verifyRest(
  parts: Parts,
  signal?: AbortSignal,
  headers: BitcoinHeaders | null = null,
): AsyncGenerator<Finding> {
  yield* carryingOn('log', verifyLog(parts, signal), signal);
  yield* carryingOn('records', verifyRecords(parts, signal), signal);
  yield* carryingOn('OpenTimestamps', verifyOtsProofs(parts, headers, signal), signal);
  yield* carryingOn('vault', verifyVault(parts, signal), signal);
  yield* carryingOn('catalog', verifyCatalog(parts, signal), signal);
}

/** What is so broken that a check ends in an error is a fault, and not the end of the run. */
async function* carryingOn(
  subject: string,
  findings: AsyncIterable<Omit<Finding, 'captureId'>>,
  signal?: AbortSignal,
  captureId: string | null = null,
): AsyncGenerator<Finding> {
  try {
    for await (const finding of findings) yield { captureId, ...finding };
  } catch (error) {
    signal?.throwIfAborted();
    const message = `can't be checked: ${messageOf(error)}`;
    yield { captureId, subject, ok: false, message };
  }
}

/** Every capture that has a manifest in the vault or an outcome in the catalog. */
export async function* verifiableCaptures(
  parts: Pick<Parts, 'database' | 'vault'>,
): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const name of parts.vault.recordNames('manifests')) {
    seen.add(name);
    // Whatever else lies in that folder is no capture; `verifyCapture` says so.
    yield name;
  }
  const { rows } = await parts.database.query<{ capture_id: string }>(
    'select capture_id from capture_outcomes order by capture_id',
  );
  for (const { capture_id } of rows) if (!seen.has(capture_id)) yield capture_id;
}
