/** The log entries that a bundle hands over, each with its proof, and the details that they name. */
import { createHash } from 'node:crypto';
import { IntegrityError } from '../../base/errors.ts';
import type { CheckpointRow } from '../../catalog/checkpoints.ts';
import { entriesOfCase, type LogEntryRow, logEntriesFrom } from '../../catalog/log-entries.ts';
import type { BundleCheckpoint, BundleEntry } from '../../seal/bundle/bundle-content.ts';
import { readNodes, recordName } from '../../seal/log.ts';
import { inclusionProof } from '../../seal/merkle-tree.ts';
import type { Parts } from '../parts.ts';

/**
 * All of each case, and of the log's own entries those about keys, about tokens and proofs that
 * are handed over, and about the removal of files that the captures name.
 * @param files SHA-256 of every file that a manifest of these captures names
 */
export async function entriesFor(
  parts: Pick<Parts, 'database'>,
  { caseIds, files }: { caseIds: string[]; files: ReadonlySet<string> },
  checkpoints: BundleCheckpoint[],
  newest: CheckpointRow,
): Promise<LogEntryRow[]> {
  const tokens = new Set(
    checkpoints.flatMap(({ tokens: own, otsProofs }) =>
      [...own, ...otsProofs].map(({ bytes }) => createHash('sha256').update(bytes).digest('hex')),
    ),
  );
  const entries: LogEntryRow[] = [];
  for (const caseId of caseIds) entries.push(...(await entriesOfCase(parts.database, caseId)));
  for (let from = 0; from < newest.size; from += 1_000) {
    for (const entry of await logEntriesFrom(parts.database, from, 1_000)) {
      if (entry.caseId !== null) continue;
      const aboutToken =
        ['timestamped', 'ots-proof'].includes(entry.type) &&
        entry.targets.some((one) => tokens.has(one));
      const aboutRemoval = isRemoval(entry) && entry.targets.some((one) => files.has(one));
      if (aboutToken || aboutRemoval || entry.type === 'key-rotated') entries.push(entry);
    }
  }
  return entries.filter(({ idx }) => idx < newest.size).sort((one, other) => one.idx - other.idx);
}

/** Version 0.1.0 called it a tombstone. */
function isRemoval({ type }: LogEntryRow): boolean {
  return type === 'removal' || type === 'tombstone';
}

/** The bytes are those of the vault. */
export async function* provenEntries(
  parts: Pick<Parts, 'database' | 'vault'>,
  entries: LogEntryRow[],
  { size }: CheckpointRow,
): AsyncGenerator<BundleEntry> {
  const read = readNodes(parts.database);
  for (const { idx } of entries) {
    const bytes = await parts.vault.readRecord('log-entries', recordName(idx));
    if (bytes === null)
      throw new IntegrityError(
        'entry-missing',
        `entry ${idx} of the log is missing from the vault`,
      );
    yield { index: idx, bytes, proof: await inclusionProof(idx, size, read), checkpointSize: size };
  }
}

/** Not of a removal that belongs to no case: its details may name captures of other cases. */
export async function* detailsOf(
  parts: Pick<Parts, 'vault'>,
  entries: LogEntryRow[],
): AsyncGenerator<{ sha256: string; bytes: Buffer }> {
  const shared = entries.filter((entry) => entry.caseId !== null || !isRemoval(entry));
  const digests = new Set(shared.map(({ detailSha256 }) => detailSha256));
  for (const sha256 of digests) {
    const bytes = sha256 && (await parts.vault.readRecord('log-details', sha256));
    if (sha256 && bytes) yield { sha256, bytes };
  }
}
