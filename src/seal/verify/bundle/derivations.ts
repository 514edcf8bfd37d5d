/**
 * What was made of the captures in a bundle: every record is named by an entry of the log, and
 * every file is the one that its record names. None of it is evidence, and a fault in it takes
 * nothing from the evidence that it was made of.
 */
import { type BundleFinding, finding } from '../findings.ts';
import { readSealedDerivation, type SealedDerivation } from '../sealed-records.ts';
import type { VerifiedFiles } from './bag.ts';

import { type BundleFiles, readWhole } from './files.ts';
import { longestRecordBytes, messageOf } from './log.ts';
import type { DerivationJob, LogFacts } from './log-facts.ts';
import { derivationName, paths } from './paths.ts';

/** What a derivation may be made of. */
export interface HandedEvidence {
  /** SHA-256 of manifests. */
  manifests: ReadonlySet<string>;
  /** SHA-256 of the files that they name. */
  files: ReadonlySet<string>;
}

/** @returns the paths that records vouch for */
export async function* verifyDerivations(
  files: BundleFiles,
  verified: VerifiedFiles,
  facts: LogFacts,
  evidence: HandedEvidence,
  signal?: AbortSignal,
): AsyncGenerator<BundleFinding, Set<string>> {
  const known = new Set<string>();
  const named = new Map<string, number>();
  for (const job of facts.derivations) yield* jobFindings(files, facts, evidence, job, named);
  for (const { index, derivations } of facts.exports.values())
    yield* recordFindings(files, facts, { index, records: derivations }, named);
  const present = await readAll(files, verified, signal);
  const made = new Set(
    [...present.values()].flatMap(({ record }) => record?.files.map(({ sha256 }) => sha256) ?? []),
  );
  for (const [path, { sha256, folder, record, fault }] of present) {
    signal?.throwIfAborted();
    known.add(path);
    const index = named.get(sha256);
    if (record === null) yield finding('derivation', path, 'invalid', fault);
    else if (folder !== sha256)
      yield finding('derivation', path, 'invalid', `is not the record ${folder}: it was altered`);
    else if (index === undefined)
      yield finding('derivation', path, 'invalid', 'no entry of the log names this record');
    else {
      yield recordFinding(path, index, record, evidence, made);
      yield* fileFindings(record, sha256, { files, verified, facts, known });
    }
  }
  return known;
}

interface PresentRecord {
  sha256: string;
  /** The digest that its path names. */
  folder: string;
  record: SealedDerivation | null;
  fault: string;
}

async function readAll(
  files: BundleFiles,
  verified: VerifiedFiles,
  signal?: AbortSignal,
): Promise<Map<string, PresentRecord>> {
  const present = new Map<string, PresentRecord>();
  for (const path of files.sizes().keys()) {
    signal?.throwIfAborted();
    const folder = derivationName.exec(path)?.[1];
    const sha256 = verified.get(path);
    if (folder === undefined || sha256 === undefined) continue; // the bag has said so
    try {
      const record = readSealedDerivation(await readWhole(files, path, longestRecordBytes));
      present.set(path, { sha256, folder, record, fault: '' });
    } catch (error) {
      present.set(path, { sha256, folder, record: null, fault: messageOf(error) });
    }
  }
  return present;
}

/** Every record of a job of a capture that is here must be here too, or be removed by order. */
function* jobFindings(
  files: BundleFiles,
  facts: LogFacts,
  { manifests }: HandedEvidence,
  { index, manifestSha256, records }: DerivationJob,
  named: Map<string, number>,
): Generator<BundleFinding> {
  for (const record of records) if (!named.has(record)) named.set(record, index);
  // The chain of a case holds jobs of its other captures as well; that a detail lacks is told by its entry.
  if (manifestSha256 === null || !manifests.has(manifestSha256)) return;
  yield* recordFindings(files, facts, { index, records }, named);
}

/** What this entry names must be here, or be removed by order. */
function* recordFindings(
  files: BundleFiles,
  facts: LogFacts,
  { index, records }: Pick<DerivationJob, 'index' | 'records'>,
  named: Map<string, number>,
): Generator<BundleFinding> {
  const subject = `entry ${index}`;
  for (const record of records) {
    if (!named.has(record)) named.set(record, index);
    if (files.sizes().has(paths.derivation(record))) continue;
    const removal = facts.removed.get(record);
    yield removal === undefined
      ? finding('derivation', subject, 'incomplete', `its record ${record} is not supplied`)
      : finding(
          'removal',
          subject,
          'ok',
          `its record was removed by order, entry ${removal.index}`,
        );
  }
}

function recordFinding(
  path: string,
  index: number,
  { kind, state, inputs }: SealedDerivation,
  evidence: HandedEvidence,
  made: ReadonlySet<string>,
): BundleFinding {
  const stray = inputs.find(
    (one) => !evidence.files.has(one) && !evidence.manifests.has(one) && !made.has(one),
  );
  return stray === undefined
    ? finding('derivation', path, 'ok', `${kind} ${state}, entry ${index} of the log; not evidence`)
    : finding('derivation', path, 'note', `${kind}: made of ${stray}, which is not in this bundle`);
}

function* fileFindings(
  { files: made }: SealedDerivation,
  recordSha256: string,
  bundle: { files: BundleFiles; verified: VerifiedFiles; facts: LogFacts; known: Set<string> },
): Generator<BundleFinding> {
  for (const { name, sha256, sizeBytes } of made) {
    const path = paths.derivedFile(recordSha256, name);
    bundle.known.add(path);
    const sizeHere = bundle.files.sizes().get(path);
    const removal = bundle.facts.removed.get(sha256);
    if (sizeHere === undefined)
      yield removal === undefined
        ? finding('derivation', path, 'incomplete', 'named by its record, but not supplied')
        : finding('removal', path, 'ok', `removed by order, entry ${removal.index}`);
    else if (bundle.verified.get(path) !== sha256 || sizeHere !== sizeBytes)
      yield finding(
        'derivation',
        path,
        'invalid',
        `is not the file that its record names (${sha256})`,
      );
  }
}
