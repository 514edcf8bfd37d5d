/**
 * Asking witnesses to co-sign the newest checkpoint (C2SP tlog-witness v1). A witness keeps
 * the last checkpoint it saw of us and signs only what continues it, so that nobody can be
 * shown a second history.
 */

import { ConfigError, IntegrityError, PermanentError, TransientError } from '../../base/errors.ts';
import {
  type CheckpointRow,
  type CosignatureRow,
  insertCosignature,
  newestCheckpoint,
} from '../../catalog/checkpoints.ts';
import { saveWitnessState, witnessState } from '../../catalog/witness-schedule.ts';
import { askSmall } from '../../egress/small-answer.ts';
import { readNodes, recordName } from '../../seal/log.ts';
import { consistencyProof } from '../../seal/merkle-tree.ts';
import {
  parseNote,
  parseVkey,
  type VerifierKey,
  verifyNote,
} from '../../seal/verify/formats/note.ts';
import type { Parts } from '../parts.ts';
import { messageOf } from '../run-step.ts';

interface Witness {
  key: VerifierKey;
  /** The submission prefix. */
  url: string;
}

const againAfterMs = 60_000;
const answerTimeoutMs = 20_000;
const longestAnswerBytes = 64 * 1024;

export async function askWitnesses(parts: Parts, signal: AbortSignal): Promise<void> {
  if (parts.config.seal.witnesses.length === 0) return;
  const newest = await newestCheckpoint(parts.database);
  if (newest === null) return;
  for (const witness of await witnessesOf(parts)) {
    signal.throwIfAborted();
    const { name } = witness.key;
    const state = await witnessState(parts.database, name);
    const seen = state?.size ?? 0;
    if (seen >= newest.size || (state !== null && state.nextAt > new Date())) continue;
    try {
      await ask(parts, witness, newest, seen, signal);
    } catch (error) {
      signal.throwIfAborted();
      parts.log.warn({ witness: name, err: error }, 'no cosignature');
      const nextAt = new Date(Date.now() + againAfterMs);
      await saveWitnessState(parts.database, {
        witness: name,
        size: seen,
        nextAt,
        failure: messageOf(error),
      });
    }
  }
}

/** @throws ConfigError when a line is not `vkey url` */
async function witnessesOf(parts: Pick<Parts, 'config'>): Promise<Witness[]> {
  return Promise.all(
    parts.config.seal.witnesses.map(async (line) => {
      const [vkey = '', url = ''] = line.split(/\s+/);
      const key = await parseVkey(vkey).catch(() => null);
      if (key?.kind === 'witness' && /^https?:\/\//.test(url))
        return { key, url: url.replace(/\/$/, '') };
      throw new ConfigError([`HOLDFAST_WITNESSES: "${line}" is not a witness key and an address`]);
    }),
  );
}

/** Public keys of the witnesses that the settings name. @throws ConfigError */
export async function witnessKeys(parts: Parts): Promise<VerifierKey[]> {
  return (await witnessesOf(parts)).map(({ key }) => key);
}

/** Once more with the right size where the witness saw another tree than we remember. */
async function ask(
  parts: Parts,
  witness: Witness,
  newest: CheckpointRow,
  seen: number,
  signal: AbortSignal,
): Promise<void> {
  let answer = await send(parts, witness, newest, seen, signal);
  if (answer.status === 409) {
    const size = Number(/^(\d{1,15})\n$/.exec(answer.body)?.[1] ?? Number.NaN);
    if (Number.isSafeInteger(size) && size > newest.size) {
      throw new IntegrityError(
        'witness-ahead',
        `the witness ${witness.key.name} has seen ${size} entries of this log, which has ${newest.size}: it was put back to an earlier state`,
      );
    }
    if (!Number.isSafeInteger(size) || size === seen)
      throw new PermanentError(
        'witness-refused',
        `the witness saw another tree: ${answer.body.slice(0, 200)}`,
      );
    answer = await send(parts, witness, newest, size, signal);
  }
  if (answer.status !== 200) {
    throw new TransientError(
      'witness-refused',
      `the witness answers ${answer.status}: ${answer.body.slice(0, 200)}`,
    );
  }
  await storeCosignature(parts, witness, newest, answer.body);
}

async function send(
  parts: Pick<Parts, 'database' | 'egress'>,
  { url }: Witness,
  newest: CheckpointRow,
  seen: number,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const proof = await consistencyProof(seen, newest.size, readNodes(parts.database));
  const lines = proof.map((hash) => `${hash.toString('base64')}\n`).join('');
  const body = Buffer.concat([Buffer.from(`old ${seen}\n${lines}\n`), newest.note]);
  const request = {
    url: `${url}/add-checkpoint`,
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body,
    signal,
    timeoutMs: answerTimeoutMs,
  };
  const answer = await askSmall(parts.egress.client, request, longestAnswerBytes);
  return { status: answer.status, body: answer.body.toString() };
}

/** Keeps the line of the witness, if it verifies; other lines are nobody's that we know. */
async function storeCosignature(
  parts: Pick<Parts, 'database' | 'log' | 'vault'>,
  { key }: Witness,
  { size, note }: CheckpointRow,
  answer: string,
): Promise<void> {
  const cosigned = parseNote(Buffer.concat([note, Buffer.from(answer)]));
  const id = Buffer.from(key.keyId);
  const line = cosigned.signatures.find(
    ({ name, keyId }) => name === key.name && id.equals(keyId),
  )?.line;
  const [verified] = await verifyNote(cosigned, [key]);
  if (verified === undefined || line === undefined)
    throw new PermanentError('witness-garbage', 'the answer holds no signature of the witness');
  const text = `${line}\n`;
  await parts.vault
    .keepRecord('cosignatures', `${recordName(size)}.${id.toString('hex')}`, text)
    .catch((error: unknown) => {
      // Asked twice, it signs with two times; the first one stays.
      if (!(error instanceof IntegrityError)) throw error;
    });
  await insertCosignature(parts.database, cosignatureRow(size, text));
  await saveWitnessState(parts.database, {
    witness: key.name,
    size,
    nextAt: new Date(),
    failure: null,
  });
  parts.log.info({ size, witness: key.name }, 'checkpoint co-signed');
}

/** What a cosignature's line says. */
export function cosignatureRow(size: number, line: string): CosignatureRow {
  const [, witness = '', encoded = ''] = line.trim().split(' ');
  const seconds = Buffer.from(encoded, 'base64').readBigUInt64BE(4);
  return { size, witness, line, signedAt: new Date(Number(seconds) * 1_000) };
}
