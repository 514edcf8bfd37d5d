/**
 * Asking OpenTimestamps calendars: `POST /digest` for a promise, `GET /timestamp/<hex>` for
 * what has become of it. Only calendars that the settings name are asked, whatever a proof
 * says; what they answer is read with the limits of `ots-proof.ts`.
 */

import { PermanentError, TransientError } from '../../base/errors.ts';
import { askSmall, type SmallAnswer } from '../../egress/small-answer.ts';
import { attestedMessages } from '../../seal/verify/formats/ots-messages.ts';
import { OtsError, type OtsNode, readOtsTree } from '../../seal/verify/formats/ots-proof.ts';
import type { Parts } from '../parts.ts';

const answerTimeoutMs = 20_000;
const longestAnswerBytes = 10_000;

/**
 * What the calendar promises of a digest.
 * @throws PermanentError `ots-garbage`, `ots-elsewhere`, `too-large`; TransientError `ots-status` and those of the client
 */
export async function submitDigest(
  parts: Parts,
  calendar: string,
  digest: Buffer,
  signal: AbortSignal,
): Promise<OtsNode> {
  const answer = await ask(parts, `${calendar}/digest`, digest, signal);
  if (answer.status !== 200) throw badStatus(answer.status);
  const tree = await readTree(answer.body, digest);
  const promised = (await attestedMessages(new Uint8Array(digest), tree)).flatMap(
    ({ attestation }) => (attestation.kind === 'pending' ? [attestation.calendar] : []),
  );
  if (promised.some((one) => isKnown(parts, one))) return tree;
  throw new PermanentError(
    promised.length === 0 ? 'ots-garbage' : 'ots-elsewhere',
    promised.length === 0
      ? 'the answer of the calendar promises nothing'
      : `the promise is one of ${promised[0]}, which HOLDFAST_OTS_CALENDARS does not name: name that calendar instead`,
  );
}

/**
 * What the calendar knows of a message by now: a tree that ends in a Bitcoin block, or
 * `null` while there is none.
 * @throws as `submitDigest`
 */
export async function completionOf(
  parts: Parts,
  calendar: string,
  message: Uint8Array,
  signal: AbortSignal,
): Promise<OtsNode | null> {
  const hex = Buffer.from(message).toString('hex');
  const answer = await ask(parts, `${calendar}/timestamp/${hex}`, null, signal);
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw badStatus(answer.status);
  const tree = await readTree(answer.body, message);
  const attested = await attestedMessages(new Uint8Array(message), tree);
  const inBlocks = attested.filter(({ attestation }) => attestation.kind === 'bitcoin');
  if (inBlocks.some((one) => one.message.length !== 32))
    throw new PermanentError('ots-garbage', 'the Merkle root of the calendar is not valid');
  return inBlocks.length === 0 ? null : tree;
}

/** Whether the settings name the calendar that a promise is of. */
export function isKnown(parts: Pick<Parts, 'config'>, address: string): boolean {
  return parts.config.seal.otsCalendars.includes(address.replace(/\/+$/, ''));
}

/** Refuses what can't be carried out, too. */
async function readTree(bytes: Buffer, message: Uint8Array): Promise<OtsNode> {
  try {
    const tree = readOtsTree(bytes);
    await attestedMessages(new Uint8Array(message), tree);
    return tree;
  } catch (error) {
    if (!(error instanceof OtsError)) throw error;
    throw new PermanentError('ots-garbage', `not an answer of a calendar: ${error.message}`);
  }
}

function badStatus(status: number): TransientError {
  return new TransientError('ots-status', `the calendar answers ${status}`);
}

function ask(
  parts: Pick<Parts, 'egress'>,
  url: string,
  body: Buffer | null,
  signal: AbortSignal,
): Promise<SmallAnswer> {
  const headers: Record<string, string> = { accept: 'application/vnd.opentimestamps.v1' };
  const limits = { signal, timeoutMs: answerTimeoutMs };
  if (body === null)
    return askSmall(parts.egress.client, { url, headers, ...limits }, longestAnswerBytes);
  headers['content-type'] = 'application/octet-stream';
  const request = { url, method: 'POST', headers, body, ...limits };
  return askSmall(parts.egress.client, request, longestAnswerBytes);
}
