/** OpenTimestamps proofs for a bundle: of each checkpoint and calendar the best one that the log records. */
import { createHash } from 'node:crypto';
import { entriesOfType } from '../../catalog/log-entries.ts';
import type { BundleOtsProof } from '../../seal/bundle/bundle-content.ts';
import { otsFindings } from '../../seal/verify/ots-findings.ts';
import type { Parts } from '../parts.ts';

/** By size of the checkpoint, the names of the proofs over it: complete ones where there are such. */
export type OtsNames = Map<number, string[]>;

/** Only what an entry below `logSize` records: the receiver holds it against that entry. */
export async function recordedOtsProofs(
  parts: Pick<Parts, 'database' | 'vault'>,
  logSize: number,
): Promise<OtsNames> {
  const entries = await entriesOfType(parts.database, 'ots-proof');
  const recorded = new Set(
    entries.filter(({ idx }) => idx < logSize).flatMap(({ targets }) => targets),
  );
  const best = new Map<string, string>();
  // "complete" comes before "pending" in the order of names.
  for await (const { name, bytes } of parts.vault.records('ots-proofs')) {
    if (!recorded.has(createHash('sha256').update(bytes).digest('hex'))) continue;
    const [size, calendar] = name.split('.');
    const key = `${size}.${calendar}`;
    if (!best.has(key)) best.set(key, name);
  }
  return Map.groupBy(best.values(), (name) => Number(name.split('.')[0]));
}

/** The first checkpoint over an entry that has a complete proof, else a pending one. */
export function firstProvedAfter(names: OtsNames, idx: number): number | null {
  const sizes = [...names.keys()].filter((size) => size > idx).sort((one, other) => one - other);
  const isComplete = (size: number) =>
    names.get(size)?.some((name) => name.endsWith('.complete')) === true;
  return sizes.find(isComplete) ?? sizes[0] ?? null;
}

export async function handedOtsProofs(
  parts: Pick<Parts, 'vault'>,
  names: string[],
  note: Buffer,
): Promise<BundleOtsProof[]> {
  const proofs: BundleOtsProof[] = [];
  for (const name of names) {
    const bytes = await parts.vault.readRecord('ots-proofs', name);
    if (bytes === null) continue;
    const claim = await otsFindings(bytes, note, null).then(
      (findings) => findings.map(({ message }) => message).join('; '),
      // Handed over all the same: the receiver's verifier says what is wrong with it.
      (error: Error) => error.message,
    );
    proofs.push({ calendar: name.split('.')[1] ?? '', bytes, claim });
  }
  return proofs;
}
