/** What was made of a capture: every record is the one that the log names, every file the one that its record names. */
import { createHash } from 'node:crypto';
import { derivationsByRecord } from '../../catalog/derivations.ts';
import { jobsOf } from '../../catalog/derive-jobs.ts';
import { removalOver } from '../../catalog/removals.ts';
import { readDerivation, type WrittenDerivation } from '../../seal/derivation.ts';
import type { Parts } from '../parts.ts';

export interface DerivationFinding {
  subject: string;
  ok: boolean;
  message: string;
}

type Looking = Pick<Parts, 'database' | 'vault'>;

/** One line a record and a file; nothing for a capture of which nothing was made. */
export async function* verifyDerivations(
  parts: Looking,
  captureId: string,
  signal?: AbortSignal,
): AsyncGenerator<DerivationFinding> {
  const jobs = await jobsOf(parts.database, captureId);
  for (const sha256 of new Set(jobs.flatMap(({ records }) => records))) {
    signal?.throwIfAborted();
    yield* findingsOn(parts, sha256, signal);
  }
}

async function* findingsOn(
  parts: Looking,
  recordSha256: string,
  signal?: AbortSignal,
): AsyncGenerator<DerivationFinding> {
  const finding = (subject: string, ok: boolean, message: string) => ({ subject, ok, message });
  const [row] = await derivationsByRecord(parts.database, [recordSha256]);
  const subject = `derivation ${row?.kind ?? recordSha256.slice(0, 12)}`;
  const bytes = row === undefined ? null : await parts.vault.readRecord('derivations', row.id);
  if (bytes === null) {
    const order = await removalOver(parts.database, recordSha256);
    yield order === null
      ? finding(subject, false, `its record ${recordSha256} is missing from the vault`)
      : finding(subject, true, `destroyed under the order ${order.reference} (${order.id})`);
    return;
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  const written = parsed(bytes);
  if (found !== recordSha256 || written === null) {
    yield finding(subject, false, `its record now hashes to ${found}`);
    return;
  }
  yield finding(subject, true, `SHA-256 ${recordSha256}`);
  for (const file of written.derivation.files) {
    const fault = await faultOf(parts, file, signal);
    yield finding(`${subject}: ${file.name}`, fault === null, fault ?? `SHA-256 ${file.sha256}`);
  }
}

function parsed(bytes: Buffer): WrittenDerivation | null {
  try {
    return readDerivation(bytes);
  } catch {
    return null;
  }
}

/** What is wrong with a stored file; what was removed by order is missing by right. */
async function faultOf(
  { database, vault }: Looking,
  { sha256, sizeBytes }: { sha256: string; sizeBytes: number },
  signal?: AbortSignal,
): Promise<string | null> {
  const found = await vault.rehash(sha256, signal);
  if (found === null)
    return (await removalOver(database, sha256)) === null ? 'missing from the vault' : null;
  return found.sha256 === sha256 && found.sizeBytes === sizeBytes
    ? null
    : `hashes to ${found.sha256}`;
}
