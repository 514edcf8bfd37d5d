/**
 * Last stage: read every stored byte back, write the manifest, close the capture, and enter
 * it in the log. Manifest and entry go to the vault before their rows, under names of their
 * own, once: a stage that is run again finds them there and ends with the same bytes.
 */
import { createHash } from 'node:crypto';
import { IntegrityError, NotFoundError } from '../../base/errors.ts';
import { aliasesFrom } from '../../catalog/aliases.ts';
import { type ArtifactRow, artifactsOf } from '../../catalog/artifacts.ts';
import { closeCapture, lockCapture, outcomeOf } from '../../catalog/captures.ts';
import { keepSearchable } from '../../catalog/keep-searchable.ts';
import { attemptsOf } from '../../catalog/steps.ts';
import { type Manifest, readManifest, writeManifest } from '../../seal/manifest.ts';
import { digestOfLargeWarc } from '../../warc/large-warc.ts';
import { checkpointIfDue } from '../custody/checkpoint.ts';
import { enterCapture } from '../custody/enter-capture.ts';
import { askForDerivations } from '../derive/ask-for-derivations.ts';
import type { Parts, StageRun } from '../parts.ts';
import { largePartsOf } from '../warc-parts.ts';
import { followWatches } from '../watching/watch.ts';
import { describeCapture, startOf, subjectOf } from './describe-capture.ts';
import { noteRemovals } from './removed-files.ts';
import { type SealFacts, sealFacts } from './seal-facts.ts';

export async function sealCapture(parts: Parts, run: StageRun): Promise<void> {
  for (;;) {
    const artifacts = await artifactsOf(parts.database, run.captureId);
    const gone = await noteRemovals(parts, run.captureId, artifacts);
    const there = artifacts.filter(({ sha256 }) => !gone.has(sha256));
    const sha512 = await readBack(parts, there, run.signal);
    await parts.tools(); // asks the database, which must not happen inside the transaction
    const largeWarc = gone.size > 0 ? null : await digestOfLarge(parts, artifacts, run.signal);
    const draft = { ...(await factsFor(parts, run.captureId)), sha512, largeWarc };
    if (await close(parts, run.captureId, draft, artifacts.length)) break;
    run.signal.throwIfAborted();
  }
  await keepSearchable(parts.database, { most: 200 });
  await followWatches(parts, await aliasesFrom(parts.database, run.captureId));
  // The capture is closed: what keeps a checkpoint from being made is the sweep's to report.
  await checkpointIfDue(parts).catch((error: unknown) => {
    parts.log.error({ err: error }, 'no checkpoint could be made');
  });
}

/** Of what no file holds as a whole, so that every later export can be held against it. */
async function digestOfLarge(
  parts: Parts,
  artifacts: ArtifactRow[],
  signal: AbortSignal,
): Promise<Manifest['largeWarc']> {
  const found = await largePartsOf(parts, { artifacts });
  if (found.size === 0) return null;
  return digestOfLargeWarc([...found.values()], async (sha256, onChunk) => {
    if ((await parts.vault.rehash(sha256, signal, onChunk)) === null)
      throw new NotFoundError('object-missing', `the vault has no object ${sha256}`);
  });
}

/** Whether it is closed now; not when files came in after the reading back. */
async function close(
  parts: Parts,
  captureId: string,
  facts: SealFacts,
  readBackCount: number,
): Promise<boolean> {
  const { database, vault, log } = parts;
  return database.transaction(async (tx) => {
    await lockCapture(tx, captureId);
    if ((await outcomeOf(tx, captureId)) !== null) return true;
    const artifacts = await artifactsOf(tx, captureId);
    if (artifacts.length !== readBackCount) return false;
    const kept = await vault.readRecord('manifests', captureId);
    const manifest =
      kept === null
        ? { ...(await describeCapture(parts, captureId, artifacts, tx)), ...facts }
        : readManifest(kept);
    const written = kept === null ? writeManifest(manifest) : { bytes: kept, sha256: sha256(kept) };
    await vault.keepRecord('manifests', captureId, written.bytes);
    await enterCapture(parts, tx, manifest, written.sha256, facts);
    await closeCapture(tx, {
      captureId,
      sourceKey: manifest.source,
      state: manifest.state,
      manifestSha256: written.sha256,
      startedAt: new Date(manifest.startedAt),
      finishedAt: new Date(manifest.finishedAt),
    });
    await askForDerivations(parts, tx, captureId);
    log.info({ captureId, state: manifest.state, source: manifest.source }, 'capture closed');
    return true;
  });
}

/**
 * Hashes everything again. @returns SHA-512 of what came from outside, by SHA-256
 * @throws IntegrityError when a stored byte is not what it was: such a capture is not closed
 */
async function readBack(
  parts: Pick<Parts, 'vault'>,
  artifacts: ArtifactRow[],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const sizes = new Map(artifacts.map((artifact) => [artifact.sha256, artifact]));
  const sha512: Record<string, string> = {};
  for (const [sha256, { sizeBytes }] of sizes) {
    const original = artifacts.some((one) => one.sha256 === sha256 && one.derivedFrom === null);
    const second = original ? createHash('sha512') : null;
    const found = await parts.vault.rehash(sha256, signal, (chunk) => second?.update(chunk));
    if (found?.sha256 === sha256 && found.sizeBytes === sizeBytes) {
      if (second !== null) sha512[sha256] = second.digest('hex');
      continue;
    }
    const what = found === null ? 'is missing from the vault' : `now hashes to ${found.sha256}`;
    throw new IntegrityError('stored-bytes-differ', `object ${sha256} ${what}`);
  }
  return sha512;
}

async function factsFor(parts: Parts, captureId: string): Promise<SealFacts> {
  const { capture, submission, source } = await subjectOf(parts, captureId, parts.database);
  const attempts = await attemptsOf(parts.database, captureId);
  return sealFacts(parts, {
    captureId,
    source,
    openedAt: capture.openedAt,
    startedAt: startOf(attempts),
    submission: {
      by: submission.submittedBy,
      case: submission.caseName,
      reason: submission.reason,
      origin: submission.origin,
    },
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
