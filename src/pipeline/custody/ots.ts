/**
 * OpenTimestamps over checkpoints. A calendar first promises (a pending proof, which proves
 * nothing), and hours later knows the Bitcoin block that the promise was kept in (the
 * complete proof). Both are records of the vault, written once, and both are entered in the
 * log by their digest, so that neither can be exchanged. Calendars hold nothing up.
 */
import { createHash, randomBytes } from 'node:crypto';
import { PermanentError } from '../../base/errors.ts';
import { checkpointOf, newestWorthStamping } from '../../catalog/checkpoints.ts';
import type { Queryable } from '../../catalog/database.ts';
import { isRecorded } from '../../catalog/log-entries.ts';
import {
  type DueTimestamp,
  dueTimestamps,
  newestScheduled,
  postponeTimestamp,
  scheduleTimestamps,
  unscheduleTimestamp,
} from '../../catalog/timestamp-schedule.ts';
import { recordName } from '../../seal/log.ts';
import { begunProof, completedTree, writeOtsProof } from '../../seal/ots-writer.ts';
import { attestedMessages } from '../../seal/verify/formats/ots-messages.ts';
import { type OtsProof, readOtsProof } from '../../seal/verify/formats/ots-proof.ts';
import type { Parts } from '../parts.ts';
import { completionOf, isKnown, submitDigest } from './calendar-client.ts';
import { noteCustody } from './custody-event.ts';
import { postpone } from './postpone.ts';

const mostPerRound = 20;
/** Blocks come every ten minutes: more submissions would show nothing more. */
const submitAgainAfterMs = 10 * 60_000;
/** From a promise to the block that keeps it are hours. */
const askAgainAfterMs = 30 * 60_000;
/** After so many questions, about a day, a promise is taken to be a slow one. */
const patientAfter = 48;
const askSlowlyAfterMs = 24 * 60 * 60_000;

export type OtsState = 'pending' | 'complete';

/** The name of the record of a proof. */
export function otsRecord(size: number, calendar: string, state: OtsState): string {
  return `${recordName(size)}.${calendarId(calendar)}.${state}`;
}

/** Stands for the calendar's address in names. */
export function calendarId(calendar: string): string {
  return createHash('sha256').update(calendar).digest('hex').slice(0, 16);
}

/** One round: what is due is submitted, and what was promised is asked for. */
export async function askCalendars(parts: Parts, signal: AbortSignal): Promise<void> {
  const { otsCalendars } = parts.config.seal;
  if (otsCalendars.length === 0) return;
  await openDue(parts, otsCalendars);
  // Whoever fails once is let be until the next round.
  const away = new Set<string>();
  const now = new Date();
  for (const due of await dueTimestamps(parts.database, otsCalendars, now, mostPerRound)) {
    signal.throwIfAborted();
    if (away.has(due.authority)) continue;
    try {
      await askCalendar(parts, due, signal);
    } catch (error) {
      signal.throwIfAborted();
      away.add(due.authority);
      await postpone(parts, due, error);
    }
  }
}

/** The newest checkpoint, unless one was submitted a moment ago. */
async function openDue(
  parts: Pick<Parts, 'database' | 'vault'>,
  calendars: string[],
): Promise<void> {
  const { database } = parts;
  const newest = await newestWorthStamping(database);
  if (newest === null) return;
  const last = await newestScheduled(database, calendars);
  if (last !== null && last !== newest) {
    const madeAt = (await checkpointOf(database, last))?.madeAt.getTime() ?? 0;
    if (Date.now() - madeAt < submitAgainAfterMs) return;
  }
  const wanting: string[] = [];
  for (const calendar of calendars) {
    const done = await parts.vault.readRecord(
      'ots-proofs',
      otsRecord(newest, calendar, 'complete'),
    );
    if (done === null) wanting.push(calendar);
  }
  await scheduleTimestamps(database, newest, wanting, new Date());
}

async function askCalendar(parts: Parts, due: DueTimestamp, signal: AbortSignal): Promise<void> {
  const { size, authority: calendar } = due;
  const read = (state: OtsState) =>
    parts.vault.readRecord('ots-proofs', otsRecord(size, calendar, state));
  const left = await read('complete');
  if (left !== null) return enter(parts, due, 'complete', left);
  const pending = await read('pending');
  if (pending === null) return submit(parts, due, signal);
  await enter(parts, due, 'pending', pending);
  const complete = await completed(parts, calendar, readOtsProof(pending), signal);
  if (complete === null) return wait(parts, due);
  await parts.vault.keepRecord('ots-proofs', otsRecord(size, calendar, 'complete'), complete);
  await enter(parts, due, 'complete', complete);
}

/** What was never submitted needs not be once there is a newer checkpoint, which covers it. */
async function submit(parts: Parts, due: DueTimestamp, signal: AbortSignal): Promise<void> {
  const { database } = parts;
  const { size, authority: calendar } = due;
  if ((await newestScheduled(database, [calendar])) !== size)
    return unscheduleTimestamp(database, size, calendar);
  const checkpoint = await checkpointOf(database, size);
  if (checkpoint === null) throw new PermanentError('no-checkpoint', `no checkpoint over ${size}`);
  const proof = await begunProof(checkpoint.note, randomBytes(16), (digest) =>
    submitDigest(parts, calendar, digest, signal),
  );
  const bytes = writeOtsProof(proof);
  await parts.vault.keepRecord('ots-proofs', otsRecord(size, calendar, 'pending'), bytes);
  await enter(parts, due, 'pending', bytes);
  await wait(parts, due);
}

/** The proof with every promise in it that has been kept by now; `null` while none has. */
async function completed(
  parts: Parts,
  submittedTo: string,
  { digest, tree }: OtsProof,
  signal: AbortSignal,
): Promise<Buffer | null> {
  let whole = tree;
  for (const { attestation, message, node } of await attestedMessages(digest, tree)) {
    if (attestation.kind !== 'pending') continue;
    const { calendar } = attestation;
    const asked = isKnown(parts, calendar) ? calendar.replace(/\/+$/, '') : submittedTo;
    const answer = await completionOf(parts, asked, message, signal);
    if (answer !== null) whole = completedTree(whole, node, answer);
  }
  if (whole === tree) return null;
  const bytes = writeOtsProof({ digest, tree: whole });
  await attestedMessages(digest, readOtsProof(bytes).tree);
  return bytes;
}

function wait(parts: Pick<Parts, 'database'>, due: DueTimestamp): Promise<void> {
  const waitMs = due.tries < patientAfter ? askAgainAfterMs : askSlowlyAfterMs;
  const nextAt = new Date(Date.now() + waitMs);
  const why = 'ots-pending: promised by the calendar, in no block yet';
  return postponeTimestamp(parts.database, due, why, nextAt);
}

/** Enters a kept proof in the log, once; a complete one takes it off the schedule. */
async function enter(
  parts: Parts,
  { size, authority: calendar }: DueTimestamp,
  state: OtsState,
  bytes: Buffer,
): Promise<void> {
  const { database } = parts;
  const end = async (db: Queryable) => {
    if (state === 'complete') await unscheduleTimestamp(db, size, calendar);
  };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (await isRecorded(database, 'ots-proof', sha256)) return end(database);
  const { digest, tree } = readOtsProof(bytes);
  const attested = await attestedMessages(digest, tree);
  const detail = {
    size,
    calendar,
    state,
    record: otsRecord(size, calendar, state),
    checkpointSha256: Buffer.from(digest).toString('hex'),
    blocks: attested.flatMap(({ attestation }) =>
      attestation.kind === 'bitcoin' ? [attestation.height] : [],
    ),
  };
  await noteCustody(parts, { type: 'ots-proof', by: 'holdfast', targets: [sha256], detail }, (tx) =>
    end(tx),
  );
  parts.log.info(detail, 'OpenTimestamps proof kept');
}
