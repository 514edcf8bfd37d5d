/** The captures in a bundle: each manifest is in the log, and each file is the one that its manifest names. */
import { plural } from '../../../base/plural.ts';
import { type BundleFinding, finding } from '../findings.ts';
import { textOf } from '../formats/bytes.ts';
import {
  isRestricted,
  type PriorCheckpoint,
  readSealedCapture,
  type SealedCapture,
  type SealedFile,
} from '../sealed-records.ts';
import { warningsOf } from '../warnings.ts';
import type { VerifiedFiles } from './bag.ts';
import type { HandedEvidence } from './derivations.ts';
import type { BundleFiles } from './files.ts';
import { linesOf, readWhole } from './files.ts';
import { longestRecordBytes, messageOf } from './log.ts';
import type { LogFacts } from './log-facts.ts';
import { manifestName, paths } from './paths.ts';

/** What the time bounds need of a capture. */
export interface CaptureTimes {
  captureId: string;
  startedAt: Date;
  finishedAt: Date;
  /** Place of its entry. */
  index: number;
  enteredAt: Date;
  prior: PriorCheckpoint | null | undefined;
}

export interface VerifiedCaptures extends HandedEvidence {
  times: CaptureTimes[];
  /** Paths that a manifest vouches for. */
  known: ReadonlySet<string>;
  /** Whether one of them says that it is a demonstration. */
  isDemo: boolean;
}

export async function* verifyCaptures(
  files: BundleFiles,
  verified: VerifiedFiles,
  facts: LogFacts,
  signal?: AbortSignal,
): AsyncGenerator<BundleFinding, VerifiedCaptures> {
  const times: CaptureTimes[] = [];
  const known = new Set<string>();
  const seen = new Set<string>();
  const named = new Set<string>();
  let isDemo = false;
  const sha512 = await secondDigests(files);
  for (const path of files.sizes().keys()) {
    const folder = manifestName.exec(path)?.[1];
    if (folder === undefined) continue;
    signal?.throwIfAborted();
    known.add(path);
    const sha256 = verified.get(path);
    if (sha256 === undefined) continue; // the bag has said so
    try {
      const capture = readSealedCapture(await readWhole(files, path, longestRecordBytes));
      seen.add(sha256);
      isDemo ||= capture.environment !== 'live';
      const entry = facts.captures.get(sha256);
      yield manifestFinding(path, folder, capture, entry);
      for (const warning of warningsOf(capture))
        yield finding('warning', capture.captureId, 'note', warning);
      for (const file of capture.files) {
        const at = paths.file(folder, file.name);
        known.add(at);
        named.add(file.sha256);
        yield* fileFindings(
          at,
          file,
          { capture, manifestSha256: sha256, entry },
          verified,
          files,
          facts,
        );
        const second = capture.sha512.get(file.sha256);
        if (
          second !== undefined &&
          verified.get(at) === file.sha256 &&
          (sha512.get(at) ?? second) !== second
        )
          yield finding('file', at, 'invalid', 'the manifest names another SHA-512');
      }
      if (entry !== undefined) times.push(timesOf(capture, entry));
    } catch (error) {
      yield finding('manifest', path, 'invalid', messageOf(error));
    }
  }
  yield* verifyHandedOver(facts, seen);
  return { times, known, isDemo, manifests: seen, files: named };
}

function manifestFinding(
  path: string,
  folder: string,
  capture: SealedCapture,
  entry: { index: number; caseId: string | null } | undefined,
): BundleFinding {
  if (capture.captureId !== folder)
    return finding('manifest', path, 'invalid', `is the manifest of ${capture.captureId}`);
  if (entry === undefined)
    return finding(
      'manifest',
      path,
      'invalid',
      'no entry of the log carries its digest: it was altered or never entered',
    );
  if (capture.caseId !== null && capture.caseId !== entry.caseId)
    return finding('manifest', path, 'invalid', 'names another case than its entry does');
  return finding(
    'manifest',
    path,
    'ok',
    `${capture.state} capture, entry ${entry.index} of the log`,
  );
}

interface Sealed {
  capture: SealedCapture;
  manifestSha256: string;
  entry: { index: number } | undefined;
}

/** Whether the export says that it handed over what may hold passwords, this file among it. */
function wasHanded({ role }: SealedFile, { manifestSha256 }: Sealed, facts: LogFacts): boolean {
  return [...facts.exports.values()].some(
    ({ manifests, restricted, roles }) =>
      restricted &&
      manifests.includes(manifestSha256) &&
      (roles.length === 0 || roles.includes(role)),
  );
}

/**
 * The entry by which this file was removed. An order that was carried out before it was stored
 * took other bytes like these: it doesn't explain why these are missing, unless the capture
 * itself says so.
 */
function removalOver(
  { sha256, storedAt }: SealedFile,
  { capture, entry }: Sealed,
  facts: LogFacts,
): number | undefined {
  const order = facts.removed.get(sha256);
  if (order === undefined) return undefined;
  const isOver =
    order.isOpen ||
    order.at >= storedAt ||
    (entry !== undefined && order.index > entry.index) ||
    capture.goneBefore.has(sha256);
  return isOver ? order.index : undefined;
}

function* fileFindings(
  path: string,
  file: SealedFile,
  sealed: Sealed,
  verified: VerifiedFiles,
  files: BundleFiles,
  facts: LogFacts,
): Generator<BundleFinding> {
  const { role, sha256, sizeBytes } = file;
  const removed = removalOver(file, sealed, facts);
  if (files.sizes().has(path)) {
    if (verified.get(path) !== sha256 || files.sizes().get(path) !== sizeBytes)
      yield finding(
        'file',
        path,
        'invalid',
        `is not the file that the manifest names (SHA-256 ${sha256})`,
      );
    else if (removed !== undefined)
      yield finding(
        'removal',
        path,
        'note',
        `was to be removed by order (entry ${removed} of the log), but is here`,
      );
  } else if (removed !== undefined) {
    const says = facts.removed.get(sha256)?.byExport === true ? ', as the export says' : '';
    yield finding('removal', path, 'ok', `removed by order${says}, entry ${removed} of the log`);
  } else if (isRestricted(role) && !wasHanded(file, sealed, facts)) {
    yield finding(
      'file',
      path,
      'note',
      'restricted, and not handed over; its digest is in the manifest',
    );
  } else {
    yield finding('file', path, 'incomplete', 'named by the manifest, but not supplied');
  }
}

/**
 * What the newest export of each case names must be here, or be removed, and nothing else. What
 * the log has of the case beyond that was left out, and is named.
 */
function* verifyHandedOver(facts: LogFacts, seen: ReadonlySet<string>): Generator<BundleFinding> {
  const named = new Set<string>();
  for (const { index, manifests } of facts.exports.values()) {
    const subject = `export in entry ${index}`;
    for (const manifest of manifests) named.add(manifest);
    const missing = manifests.filter((one) => !seen.has(one) && !facts.removed.has(one)).length;
    const all = plural(manifests.length, 'capture');
    yield missing > 0
      ? finding('manifest', subject, 'incomplete', `${missing} of its ${all} not in this bundle`)
      : finding('manifest', subject, 'ok', `its ${all} here, or removed by order`);
  }
  const strangers = [...seen].filter((one) => !named.has(one)).length;
  if (facts.exports.size > 0 && strangers > 0)
    yield finding(
      'manifest',
      'export',
      'invalid',
      `${plural(strangers, 'capture')} here that it does not name`,
    );
  for (const [manifest, { index }] of facts.captures)
    if (!seen.has(manifest) && !named.has(manifest))
      yield finding(
        'manifest',
        `entry ${index}`,
        'note',
        `a capture of the case that was not handed over (manifest ${manifest})`,
      );
}

async function secondDigests(files: BundleFiles): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (!files.sizes().has('manifest-sha512.txt')) return found;
  for await (const line of linesOf(files.open('manifest-sha512.txt'))) {
    const text = textOf(line);
    if (text.startsWith('data/captures/', 130)) found.set(text.slice(130), text.slice(0, 128));
  }
  return found;
}

function timesOf(
  { captureId, startedAt, finishedAt, prior }: SealedCapture,
  { index, at }: { index: number; at: Date },
): CaptureTimes {
  return { captureId, startedAt, finishedAt, prior, index, enteredAt: at };
}
