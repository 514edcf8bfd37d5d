/** A capture as it is shown: what the catalog has, under which conditions it was made, and what calendars said. */
import { createHash } from 'node:crypto';
import { isRecorded } from '../catalog/log-entries.ts';
import { type CaptureRecord, captureRecord, type OtsPart } from '../catalog/show.ts';
import { attestedMessages } from '../seal/verify/ots-messages.ts';
import { readOtsProof } from '../seal/verify/ots-proof.ts';
import { warningsOf } from './conditions.ts';
import { firstProvedAfter } from './export/ots-proofs.ts';
import type { Parts } from './parts.ts';

export async function showCapture(parts: Parts, captureId: string): Promise<CaptureRecord | null> {
  const record = await captureRecord(parts.database, captureId);
  if (record === null) return null;
  const { seal } = record;
  const conditions = await warningsOf(parts, captureId);
  return {
    ...record,
    warnings: [...conditions, ...record.warnings],
    seal: seal && { ...seal, openTimestamps: await otsProofsOver(parts, seal.logIndex) },
  };
}

/** What calendars said of the checkpoint that a bundle would hand over for this entry. */
async function otsProofsOver(parts: Parts, logIndex: number): Promise<OtsPart[]> {
  const names: string[] = [];
  for await (const name of parts.vault.recordNames('ots-proofs'))
    if (sizeIn(name) > logIndex) names.push(name);
  const size = firstProvedAfter(Map.groupBy(names, sizeIn), logIndex);
  const shown = new Map<string, OtsPart>();
  for (const name of names) {
    const calendar = name.split('.')[1] ?? '';
    // "complete" comes before "pending" in the order of names.
    if (sizeIn(name) !== size || shown.has(calendar)) continue;
    const part = await otsPart(parts, name);
    if (part !== null) shown.set(calendar, part);
  }
  return [...shown.values()];
}

function sizeIn(name: string): number {
  return Number(name.split('.')[0]);
}

/** `null`: not a proof that the log records, which only `verify` has words for. */
async function otsPart(parts: Parts, name: string): Promise<OtsPart | null> {
  const bytes = await parts.vault.readRecord('ots-proofs', name);
  if (bytes === null) return null;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (!(await isRecorded(parts.database, 'ots-proof', sha256))) return null;
  const { digest, tree } = readOtsProof(bytes);
  const attestations = (await attestedMessages(digest, tree)).map(({ attestation }) => attestation);
  const blocks = attestations.flatMap((one) => (one.kind === 'bitcoin' ? [one.height] : []));
  const calendars = attestations.flatMap((one) => (one.kind === 'pending' ? [one.calendar] : []));
  const state = blocks.length > 0 ? 'complete' : 'pending';
  return { state, checkpoint: sizeIn(name), blocks, calendars };
}
