/**
 * Trusted time in a bundle. A token shows that its checkpoint, and with it every entry
 * below, existed no later than its time. A token that is recorded in the log before a
 * checkpoint shows that this checkpoint, and whatever names it, is not older than its time.
 */
import { plural } from '../../../base/plural.ts';
import { type BundleFinding, finding } from '../findings.ts';
import { sha256Hex } from '../formats/bytes.ts';
import { certificatesFromPem, verifyToken } from '../formats/timestamp-token.ts';
import {
  clocksDiffer,
  faultOfClaim,
  newestUnder,
  OrderOfTime,
  stampToleranceMs,
  type TrustedTime,
} from '../order-of-time.ts';
import type { CaptureTimes } from './captures.ts';
import type { BundleFiles } from './files.ts';
import { readWhole } from './files.ts';
import { longestRecordBytes, messageOf, type TrustedCheckpoints, textLines } from './log.ts';
import type { LogFacts } from './log-facts.ts';
import { paths, tokenName } from './paths.ts';

export interface Stamp extends TrustedTime {
  tokenSha256: string;
  /** Entry of the log that records it; `null` when none in this bundle does. */
  recordedIn: number | null;
}

/** Roots: those that were given, else those in the bundle, which show no more than agreement with itself. */
export async function* findRoots(
  files: BundleFiles,
  given: string | null,
): AsyncGenerator<BundleFinding, Uint8Array[]> {
  const stamped = [...files.sizes().keys()].some((path) => tokenName.test(path));
  if (given === null && stamped) {
    yield finding(
      'warning',
      'authorities',
      'note',
      'no roots of timestamp authorities were given, so those inside the bundle were used: ' +
        'whoever made up a bundle would have put them there. Give yours with --tsa-roots',
    );
  }
  try {
    const pem = given ?? (await textLines(files, paths.roots)).join('\n');
    return certificatesFromPem(pem);
  } catch (error) {
    yield finding('token', 'authorities', 'invalid', messageOf(error));
    return [];
  }
}

/** Every token is a good one, over the checkpoint in its name, and is the one that the log records. */
export async function* verifyTokens(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
  facts: LogFacts,
  roots: Uint8Array[],
): AsyncGenerator<BundleFinding, Stamp[]> {
  const stamps: Stamp[] = [];
  const present = new Set<string>();
  for (const path of [...files.sizes().keys()].sort()) {
    const size = Number(tokenName.exec(path)?.[1] ?? Number.NaN);
    if (Number.isNaN(size)) continue;
    const checkpoint = checkpoints.find((one) => one.size === size);
    if (checkpoint === undefined) {
      yield finding('token', path, 'invalid', 'is over no trusted checkpoint');
      continue;
    }
    try {
      const token = await readWhole(files, path, longestRecordBytes);
      const tokenSha256 = await sha256Hex(token);
      present.add(tokenSha256);
      const { genTime, accuracyMs, authority } = await verifyToken({
        token,
        data: checkpoint.bytes,
        roots,
      });
      const entry = facts.timestamped.find(({ targets }) => targets.includes(tokenSha256));
      const skewMs = (accuracyMs ?? 0) + stampToleranceMs;
      stamps.push({
        size,
        genTime,
        skewMs,
        authority,
        tokenSha256,
        recordedIn: entry?.index ?? null,
      });
      yield entry !== undefined && clocksDiffer({ genTime, skewMs }, entry.at)
        ? finding(
            'token',
            path,
            'invalid',
            `clock-suspect: says ${genTime.toISOString()}, the log recorded it at ${entry.at.toISOString()}`,
          )
        : finding('token', path, 'ok', `${authority}: existed by ${genTime.toISOString()}`);
    } catch (error) {
      yield finding('token', path, 'invalid', messageOf(error));
    }
  }
  yield* verifyRecorded(facts, checkpoints, present);
  return stamps.sort(
    (one, other) => one.size - other.size || one.genTime.getTime() - other.genTime.getTime(),
  );
}

/** A token that an entry here records must be here too. */
function* verifyRecorded(
  facts: LogFacts,
  checkpoints: TrustedCheckpoints,
  present: ReadonlySet<string>,
): Generator<BundleFinding> {
  if (checkpoints.length === 0) return;
  for (const { index, targets } of facts.timestamped) {
    for (const target of targets.filter(
      (one) => !present.has(one) && !isCheckpoint(checkpoints, one),
    ))
      yield finding(
        'token',
        `entry ${index}`,
        'incomplete',
        `records the token ${target}, which was not supplied or was altered`,
      );
  }
}

/** An entry may name the checkpoint beside its token. */
function isCheckpoint(checkpoints: TrustedCheckpoints, sha256: string): boolean {
  return checkpoints.some((one) => one.sha256 === sha256);
}

/** The log never goes back in time, and is not newer than those who stamped or witnessed it say. */
export function* verifyOrder(
  { places }: LogFacts,
  stamps: Stamp[],
  witnessed: TrustedTime[],
): Generator<BundleFinding> {
  const order = new OrderOfTime([...stamps, ...witnessed]);
  const recorded = Map.groupBy(stamps, ({ recordedIn }) => recordedIn);
  let faults = 0;
  for (const { index, at } of places) {
    const fault = order.faultOf({ index, at });
    for (const stamp of recorded.get(index) ?? []) order.learn(stamp);
    if (fault === null) continue;
    faults += 1;
    yield finding('time', `entry ${index}`, 'invalid', fault);
  }
  if (places.length > 0 && faults === 0)
    yield finding('time', 'order', 'ok', 'no entry is older than the ones before it');
}

/** Between which trusted times each capture lies, and that its own claim lies there too. */
export function* verifyTimes(
  captures: CaptureTimes[],
  { places }: LogFacts,
  checkpoints: TrustedCheckpoints,
  stamps: Stamp[],
): Generator<BundleFinding> {
  const knownBefore = newestUnder(places);
  for (const capture of captures) {
    const { captureId, startedAt, finishedAt, index, enteredAt, prior } = capture;
    const priorFault = faultOfPrior(capture, checkpoints);
    if (priorFault !== null) yield priorFault;
    const after = notBefore(capture, stamps);
    const by = stamps.filter(({ size }) => size > index).toSorted(byTime)[0];
    const claimed = `${startedAt.toISOString()} to ${finishedAt.toISOString()}`;
    const words = `claims ${claimed}; not before ${after?.genTime.toISOString() ?? '(unknown)'}, not after ${by === undefined ? '(unknown)' : shown(by)}`;
    const backDated =
      after !== undefined && startedAt.getTime() < after.genTime.getTime() - after.skewMs;
    const postDated =
      by !== undefined &&
      Math.max(finishedAt.getTime(), enteredAt.getTime()) > by.genTime.getTime() + by.skewMs;
    const fault = faultOfClaim(capture, prior == null ? null : knownBefore(prior.size));
    if (backDated || postDated || fault !== null) {
      const word = backDated ? 'back-dated' : postDated ? 'post-dated' : fault;
      const entered = `entered at ${enteredAt.toISOString()}`;
      yield finding('time', captureId, 'invalid', `${word}: ${words}, ${entered}`);
    } else if (by === undefined) {
      yield finding(
        'time',
        captureId,
        'note',
        `not stamped: only the log's own word says when. It ${words}`,
      );
    } else {
      yield finding('time', captureId, 'ok', words);
    }
  }
}

/** The time, with how far it may be off where that is much. */
function shown({ genTime, skewMs, authority }: Stamp): string {
  const time = genTime.toISOString();
  const minutes = Math.round(skewMs / 60_000);
  return minutes < 10 ? time : `${time} (within ${minutes} minutes, ${authority})`;
}

/** The checkpoint that the manifest names must be one of this log, from before the entry. */
function faultOfPrior(
  { captureId, prior, index }: CaptureTimes,
  checkpoints: TrustedCheckpoints,
): BundleFinding | null {
  if (prior == null) return null;
  const own = checkpoints.find(({ size }) => size === prior.size);
  if (own === undefined)
    return finding(
      'time',
      captureId,
      'incomplete',
      `the checkpoint over ${plural(prior.size, 'entry', 'entries')} that its manifest names is not here`,
    );
  const same = own.sha256 === prior.sha256 && own.origin === prior.origin;
  if (same && prior.size <= index) return null;
  return finding(
    'time',
    captureId,
    'invalid',
    'its manifest names an earlier checkpoint that this log does not have',
  );
}

/**
 * The newest token that the log recorded before the checkpoint which the manifest names.
 * The manifest can't be older than it.
 */
function notBefore({ prior }: CaptureTimes, stamps: Stamp[]): Stamp | undefined {
  if (prior == null) return undefined;
  return stamps
    .filter(({ recordedIn }) => recordedIn !== null && recordedIn < prior.size)
    .toSorted(byTime)
    .at(-1);
}

function byTime(one: Stamp, other: Stamp): number {
  return one.genTime.getTime() - other.genTime.getTime();
}

/** The newest checkpoint is stamped on or after the day that the reader asks for. */
export function* verifyFreshness(
  stamps: Stamp[],
  notOlderThan: Date | null,
): Generator<BundleFinding> {
  if (notOlderThan === null) return;
  const newest = stamps.toSorted(byTime).at(-1);
  const fresh = newest !== undefined && newest.genTime >= notOlderThan;
  yield finding(
    'time',
    'newest timestamp',
    fresh ? 'ok' : 'incomplete',
    fresh
      ? `of ${newest.genTime.toISOString()}`
      : `none from ${notOlderThan.toISOString()} on: later entries may have been left out`,
  );
}
