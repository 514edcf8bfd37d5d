/** What was made of the captures that a bundle hands over: records and files, each once. */
import { derivationsByRecord } from '../../catalog/derivations.ts';
import { jobsOf } from '../../catalog/derive-jobs.ts';
import type { BundleDerivation, BundleFile } from '../../seal/bundle/bundle-content.ts';
import { readDerivation } from '../../seal/derivation.ts';
import type { Parts } from '../parts.ts';
import type { ClosedCapture, HandedRoles } from './bundle-captures.ts';
import type { CaseScope } from './case-scope.ts';

/** What was removed by order is not there; the verifier tells that from what is missing. */
export async function* handedDerivations(
  parts: Pick<Parts, 'database' | 'vault'>,
  captures: ClosedCapture[],
  { roles }: Pick<HandedRoles, 'roles'>,
  /** Entries beyond it are not handed over; of captures in another chain what the export names. */
  { logSize, scope }: { logSize: number; scope: CaseScope | null },
): AsyncGenerator<BundleDerivation> {
  for (const sha256 of await recordsOf(parts, captures, logSize, scope)) {
    const [row] = await derivationsByRecord(parts.database, [sha256]);
    const bytes = row && (await parts.vault.readRecord('derivations', row.id));
    if (!bytes) continue;
    const { derivation } = readDerivation(bytes);
    const files: BundleFile[] = [];
    for (const file of derivation.files) {
      if (roles.length > 0 && !roles.includes(file.role)) continue;
      if (!(await parts.vault.has(file.sha256))) continue;
      const open = () => parts.vault.open(file.sha256);
      files.push({ name: file.name, sha256: file.sha256, open });
    }
    yield { sha256, bytes, derivation, files };
  }
}

async function recordsOf(
  { database }: Pick<Parts, 'database'>,
  captures: ClosedCapture[],
  logSize: number,
  scope: CaseScope | null,
): Promise<Set<string>> {
  const records = new Set<string>(scope?.derivations);
  const shared = new Set(scope?.shared);
  for (const { manifest, sha256 } of captures)
    if (!shared.has(sha256))
      for (const job of await jobsOf(database, manifest.captureId))
        if (job.logIndex < logSize) for (const record of job.records) records.add(record);
  return records;
}
