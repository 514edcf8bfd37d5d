/** The log entries that a bundle hands over, each with its proof, and the details that they name. */
import { createHash } from 'node:crypto';
import { IntegrityError } from '../../base/errors.ts';
import type { CheckpointRow } from '../../catalog/checkpoints.ts';
import {
  entriesOfCase,
  entryOfManifest,
  type LogEntryRow,
  logEntriesFrom,
} from '../../catalog/log-entries.ts';
import type { BundleCheckpoint, BundleEntry } from '../../seal/bundle/bundle-content.ts';
import { readNodes, recordName } from '../../seal/log.ts';
import { inclusionProof } from '../../seal/merkle-tree.ts';
import { isRemoval } from '../custody/custody-event.ts';
import type { Parts } from '../parts.ts';
import type { CaseScope } from './case-scope.ts';

export interface WantedEntries {
  caseIds: string[];
  /** SHA-256 of every file that a manifest of these captures names. */
  files: ReadonlySet<string>;
  /** What is handed over as a case; `null` for captures as such. */
  scope: CaseScope | null;
}

/**
 * All of each case, and of the log's own entries those about keys, about tokens and proofs that
 * are handed over, and about the removal of files that the captures name. Where a case is handed
 * over: of captures first kept outside of it their own entries alone, and no removal that names
 * files of others.
 */
export async function entriesFor(
  parts: Pick<Parts, 'database'>,
  { caseIds, files, scope }: WantedEntries,
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
  for (const sha256 of scope?.shared ?? []) {
    const entry = await entryOfManifest(parts.database, sha256);
    if (entry !== null && !caseIds.includes(entry.caseId ?? '')) entries.push(entry);
  }
  const isNamed = (sha256: string) => files.has(sha256);
  for (let from = 0; from < newest.size; from += 1_000) {
    for (const entry of await logEntriesFrom(parts.database, from, 1_000)) {
      if (entry.caseId !== null) continue;
      const aboutToken =
        ['timestamped', 'ots-proof'].includes(entry.type) &&
        entry.targets.some((one) => tokens.has(one));
      const aboutRemoval =
        isRemoval(entry) &&
        (scope === null ? entry.targets.some(isNamed) : entry.targets.every(isNamed));
      if (aboutToken || aboutRemoval || entry.type === 'key-rotated') entries.push(entry);
    }
  }
  return entries.filter(({ idx }) => idx < newest.size).sort((one, other) => one.idx - other.idx);
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

/**
 * Not of a removal that belongs to no case: its details may name captures of other cases.
 * @param withheld places of entries whose details aren't handed over either
 */
export async function* detailsOf(
  parts: Pick<Parts, 'vault'>,
  entries: LogEntryRow[],
  withheld: ReadonlySet<number>,
): AsyncGenerator<{ sha256: string; bytes: Buffer }> {
  const shared = entries.filter(
    (entry) => (entry.caseId !== null || !isRemoval(entry)) && !withheld.has(entry.idx),
  );
  const digests = new Set(shared.map(({ detailSha256 }) => detailSha256));
  for (const sha256 of digests) {
    const bytes = sha256 && (await parts.vault.readRecord('log-details', sha256));
    if (sha256 && bytes) yield { sha256, bytes };
  }
}
