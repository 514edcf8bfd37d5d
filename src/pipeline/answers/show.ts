/** A capture as it is shown: what the catalog has, under which conditions it was made, and what calendars said. */

import { createHash } from 'node:crypto';
import { waitingJobOf } from '../../catalog/derive-jobs.ts';
import { isRecorded } from '../../catalog/log-entries.ts';
import { captureRecord } from '../../catalog/show.ts';
import type { CaptureRecord, DerivationPart, OtsPart } from '../../model/capture-record.ts';
import { attestedMessages } from '../../seal/verify/formats/ots-messages.ts';
import { readOtsProof } from '../../seal/verify/formats/ots-proof.ts';
import { warningsOf } from '../conditions.ts';
import { type OtsState, otsRecord } from '../custody/ots.ts';
import { promisesAfter } from '../custody/ots-promises.ts';
import { derivableOf, wantedIn } from '../derive/derivable.ts';
import type { Parts } from '../parts.ts';

export async function showCapture(parts: Parts, captureId: string): Promise<CaptureRecord | null> {
  const record = await captureRecord(parts.database, captureId);
  if (record === null) return null;
  const { seal } = record;
  const conditions = await warningsOf(parts, captureId);
  return {
    ...record,
    warnings: [...conditions, ...record.warnings],
    derivations: [...record.derivations, ...(await waitingParts(parts, record))],
    seal: seal && { ...seal, openTimestamps: await otsProofsOver(parts, seal.logIndex) },
  };
}

/** What the capture's derive job has yet to make. */
async function waitingParts(
  parts: Pick<Parts, 'config' | 'database' | 'vault'>,
  { id, derivations }: CaptureRecord,
): Promise<DerivationPart[]> {
  const job = await waitingJobOf(parts.database, id);
  const capture = job && (await derivableOf(parts, id));
  if (job === null || capture === null) return [];
  const since = job.again ? job.askedAt.toISOString() : '';
  const ended = new Set(
    derivations
      .filter(({ finishedAt }) => (finishedAt ?? '') >= since)
      .map(({ kind, inputs }) => `${kind} ${inputs[0]}`),
  );
  const wanted = await wantedIn(parts, parts.database, capture, job.kinds);
  return wanted
    .filter(({ kind, subject }) => !ended.has(`${kind} ${subject}`))
    .map(({ kind, subject }) => ({
      ...{ id: null, kind, state: 'waiting' as const, reason: null, inputs: [subject] },
      ...{ tool: '', sha256: null, logIndex: null, finishedAt: null },
    }));
}

/** What calendars said of the checkpoint that a bundle would hand over for this entry. */
async function otsProofsOver(parts: Parts, logIndex: number): Promise<OtsPart[]> {
  let promised: OtsPart[] = [];
  for await (const { size, calendars } of promisesAfter(parts, logIndex)) {
    const shown: OtsPart[] = [];
    for (const calendar of calendars) {
      const part =
        (await otsPart(parts, size, calendar, 'complete')) ??
        (await otsPart(parts, size, calendar, 'pending'));
      if (part !== null) shown.push(part);
    }
    if (shown.some(({ state }) => state === 'complete')) return shown;
    if (promised.length === 0) promised = shown;
  }
  return promised;
}

/** `null`: not there, or not a proof that the log records, which only `verify` has words for. */
async function otsPart(
  parts: Pick<Parts, 'database' | 'vault'>,
  size: number,
  calendar: string,
  kept: OtsState,
): Promise<OtsPart | null> {
  const bytes = await parts.vault.readRecord('ots-proofs', otsRecord(size, calendar, kept));
  if (bytes === null) return null;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (!(await isRecorded(parts.database, 'ots-proof', sha256))) return null;
  const { digest, tree } = readOtsProof(bytes);
  const attestations = (await attestedMessages(digest, tree)).map(({ attestation }) => attestation);
  const blocks = attestations.flatMap((one) => (one.kind === 'bitcoin' ? [one.height] : []));
  const calendars = attestations.flatMap((one) => (one.kind === 'pending' ? [one.calendar] : []));
  const state = blocks.length > 0 ? 'complete' : 'pending';
  return { state, checkpoint: size, blocks, calendars };
}
