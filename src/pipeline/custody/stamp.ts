/**
 * Trusted time: tokens of RFC 3161 authorities over the bytes of checkpoints. An authority
 * that is away, refuses or lies holds nothing up; it is asked again until a token of its
 * verifies. Each token's digest goes into the log, so that it can't be exchanged later.
 */
import { createHash } from 'node:crypto';
import { IntegrityError, PermanentError, TransientError } from '../../base/errors.ts';
import {
  checkpointOf,
  insertTimestamp,
  newestWorthStamping,
  type TimestampRow,
  timestampsOf,
} from '../../catalog/checkpoints.ts';
import { wasTold } from '../../catalog/events.ts';
import {
  type DueTimestamp,
  dueTimestamps,
  scheduleTimestamps,
  unscheduleTimestamp,
} from '../../catalog/timestamp-schedule.ts';
import { askSmall } from '../../egress/small-answer.ts';
import { timestampRequest, tokenIn } from '../../seal/timestamp-request.ts';
import { type VerifiedToken, verifyToken } from '../../seal/verify/formats/timestamp-token.ts';
import { noteEvents, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';
import { checkpointIfDue } from './checkpoint.ts';
import { noteCustody } from './custody-event.ts';
import { enterUnlogged } from './enter-capture.ts';
import { enterRecords } from './enter-records.ts';
import { askCalendars } from './ots.ts';
import { postpone } from './postpone.ts';
import { timestampRoots } from './timestamp-roots.ts';
import { askWitnesses } from './witness.ts';

const mostPerRound = 20;
const answerTimeoutMs = 20_000;
const longestAnswerBytes = 256 * 1024;
/** What two clocks may differ by beyond what the authority claims of its own. */
const toleranceMs = 2_000;
/** A token that a killed process left is recorded as long as that is no later than this. */
const leftoverForMs = 5 * 60_000;

/** One round of upkeep of the seal: entries, a checkpoint, tokens, proofs, witnesses. */
export async function sweepSeal(parts: Parts, signal: AbortSignal): Promise<void> {
  try {
    await enterUnlogged(parts, signal);
    await enterRecords(parts, signal);
    await checkpointIfDue(parts);
  } catch (error) {
    if (error instanceof IntegrityError) await alarm(parts, error);
    throw error;
  }
  await stampDue(parts, signal);
  await askCalendars(parts, signal);
  await askWitnesses(parts, signal);
}

const alarmAgainAfterMs = 24 * 60 * 60_000;

/** A log that can't go on is told once a day, not at every sweep. */
async function alarm(
  parts: Pick<Parts, 'database' | 'vault'>,
  error: IntegrityError,
): Promise<void> {
  const since = new Date(Date.now() - alarmAgainAfterMs);
  if (await wasTold(parts.database, 'verify.failed', error.code, since)) return;
  const detail = { code: error.code, message: error.message };
  const event = { kind: 'verify.failed', sourceKey: null, detail, at: new Date() } as const;
  await withRecords(parts, (tx) => noteEvents(parts, tx, [event]));
}

/** @returns how many tokens came */
export async function stampDue(parts: Parts, signal: AbortSignal): Promise<number> {
  const { database, config } = parts;
  const urls = new Map(config.seal.tsaUrls.map((url) => [authorityName(url), url]));
  if (urls.size === 0) return 0;
  const newest = await newestWorthStamping(database);
  if (newest !== null) await scheduleTimestamps(database, newest, [...urls.keys()], new Date());
  let stamped = 0;
  for (const due of await dueTimestamps(database, [...urls.keys()], new Date(), mostPerRound)) {
    signal.throwIfAborted();
    try {
      await stamp(parts, due, urls.get(due.authority) ?? '', signal);
      stamped += 1;
    } catch (error) {
      signal.throwIfAborted();
      await postpone(parts, due, error);
    }
  }
  return stamped;
}

/** An authority's address without what may be a secret in it. */
export function authorityName(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** The name of the record of a token. */
export function tokenRecord(size: number, url: string): string {
  const prefix = createHash('sha256').update(url).digest('hex').slice(0, 16);
  return `${String(size).padStart(12, '0')}.${prefix}`;
}

async function stamp(
  parts: Parts,
  { size, authority }: DueTimestamp,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  const checkpoint = await checkpointOf(parts.database, size);
  if (checkpoint === null) throw new PermanentError('no-checkpoint', `no checkpoint over ${size}`);
  const name = tokenRecord(size, url);
  const left = await parts.vault.readRecord('timestamps', name);
  const { token, verified, offsetMs } =
    left === null
      ? await freshToken(parts, checkpoint.note, url, signal)
      : await leftToken(parts, checkpoint.note, left);
  const tokenSha256 = createHash('sha256').update(token).digest('hex');
  await parts.vault.keepRecord('timestamps', name, token);
  const row: TimestampRow = {
    size,
    authority,
    tokenSha256,
    genTime: verified.genTime,
    policy: verified.policy,
    serial: verified.serial,
    accuracyMs: verified.accuracyMs,
    storedAt: new Date(),
  };
  await noteCustody(
    parts,
    {
      type: 'timestamped',
      by: 'holdfast',
      targets: [tokenSha256],
      detail: {
        ...row,
        genTime: row.genTime.toISOString(),
        storedAt: row.storedAt.toISOString(),
        record: name,
        checkpointSha256: checkpoint.sha256,
        signer: verified.authority,
        // The authority's clock minus ours.
        offsetMs,
      },
    },
    async (tx) => {
      await insertTimestamp(tx, row);
      await unscheduleTimestamp(tx, size, authority);
    },
  );
  parts.log.info({ size, authority, genTime: row.genTime, offsetMs }, 'checkpoint stamped');
}

interface Answered {
  token: Uint8Array;
  verified: VerifiedToken;
  offsetMs: number | null;
}

/** Asks, and checks everything that RFC 3161 and our own clock can tell. */
async function freshToken(
  parts: Parts,
  note: Buffer,
  url: string,
  signal: AbortSignal,
): Promise<Answered> {
  const { der, nonce } = timestampRequest(note);
  const sentAt = Date.now();
  const token = tokenIn(await post(parts, url, der, signal));
  const receivedAt = Date.now();
  const roots = await timestampRoots(parts);
  const { tsaPolicies } = parts.config.seal;
  const verified = await verifyToken({
    token,
    data: note,
    roots,
    nonce,
    ...(tsaPolicies.length === 0 ? {} : { policies: tsaPolicies }),
  });
  const offsetMs = offset(verified.genTime.getTime(), sentAt, receivedAt);
  const allowedMs = (verified.accuracyMs ?? 1_000) + toleranceMs;
  if (Math.abs(offsetMs) > allowedMs) {
    throw new PermanentError(
      'clock-suspect',
      `the authority says ${verified.genTime.toISOString()}, which is ${Math.round(offsetMs / 1000)} s from this machine's clock: one of the two is wrong`,
    );
  }
  return { token, verified, offsetMs };
}

/** How far a time lies outside of a span; 0 within it. Times in tokens may be cut to whole seconds. */
function offset(time: number, from: number, to: number): number {
  if (time > to) return time - to;
  return time < Math.floor(from / 1_000) * 1_000 ? time - from : 0;
}

/** What a killed process kept before it could be entered in the log. */
async function leftToken(parts: Parts, note: Buffer, token: Buffer): Promise<Answered> {
  const verified = await verifyToken({ token, data: note, roots: await timestampRoots(parts) });
  if (Date.now() - verified.genTime.getTime() > leftoverForMs) {
    throw new PermanentError(
      'token-left-behind',
      'a token was kept but not entered in the log in time; the next checkpoint gets one of its own',
    );
  }
  return { token, verified, offsetMs: null };
}

async function post(
  parts: Pick<Parts, 'egress'>,
  url: string,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const headers = {
    'content-type': 'application/timestamp-query',
    accept: 'application/timestamp-reply',
  };
  const request = { url, method: 'POST', headers, body, signal, timeoutMs: answerTimeoutMs };
  const answer = await askSmall(parts.egress.client, request, longestAnswerBytes);
  // No redirects: whoever is trusted with time is named in the settings.
  if (answer.status !== 200)
    throw new TransientError('timestamp-status', `the authority answers ${answer.status}`);
  return answer.body;
}

/** Whether every authority of the settings has stamped this checkpoint. */
export async function isStamped(
  parts: Pick<Parts, 'config' | 'database'>,
  size: number,
): Promise<boolean> {
  const found = new Set(
    (await timestampsOf(parts.database, size)).map(({ authority }) => authority),
  );
  return parts.config.seal.tsaUrls.every((url) => found.has(authorityName(url)));
}
