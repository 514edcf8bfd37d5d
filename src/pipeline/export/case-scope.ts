/**
 * What is handed over as a case, and nothing of any other: a capture that was first kept for
 * another case comes with its own entry of the log, and the export speaks for what is made of it
 * and what was removed of it.
 */
import type { Queryable } from '../../catalog/database.ts';
import { derivationsByRecord, filesOfDerivation } from '../../catalog/derivations.ts';
import { jobsOf } from '../../catalog/derive-jobs.ts';
import { entriesOfCase, type LogEntryRow } from '../../catalog/log-entries.ts';
import { namesOther } from '../../catalog/named-in-text.ts';
import { ordersOver } from '../../catalog/removals.ts';
import { pseudonymFor } from '../../seal/pseudonyms.ts';
import { isRemoval } from '../custody/custody-event.ts';
import type { Parts } from '../parts.ts';
import type { ClosedCapture } from './bundle-captures.ts';

export interface CaseScope {
  caseName: string;
  /** SHA-256 of manifests that stand in another chain than that of the case. */
  shared: string[];
  /** SHA-256 of records of derivations for which the export speaks. */
  derivations: string[];
  /** SHA-256 of what is not there, because it was removed by order. */
  removed: string[];
}

type Store = Pick<Parts, 'database' | 'vault'>;

export async function caseScope(
  parts: Store,
  captures: ClosedCapture[],
  caseName: string,
): Promise<CaseScope> {
  const shared = captures.filter((one) => one.caseName !== caseName);
  const derivations = new Set<string>();
  for (const { manifest } of shared)
    for (const job of await jobsOf(parts.database, manifest.captureId))
      for (const record of job.records) derivations.add(record);
  for (const record of await recordsWithoutDetail(parts, captures, caseName))
    derivations.add(record);
  const { there, files } = await thoseThere(parts.database, [...derivations]);
  const named = captures.flatMap(({ manifest }) => manifest.artifacts.map(({ sha256 }) => sha256));
  return {
    caseName,
    shared: shared.map(({ sha256 }) => sha256),
    derivations: there,
    removed: await removedAmong(parts, [...named, ...files]),
  };
}

/** Of derive jobs in the chain of the case whose details name what is of others. */
async function recordsWithoutDetail(
  parts: Store,
  captures: ClosedCapture[],
  caseName: string,
): Promise<string[]> {
  const caseId = await pseudonymFor(parts, 'case', caseName);
  const withheld = await withheldDetails(
    parts,
    await entriesOfCase(parts.database, caseId),
    captures,
    caseName,
  );
  const jobs = await Promise.all(
    captures.map(({ manifest }) => jobsOf(parts.database, manifest.captureId)),
  );
  return jobs
    .flat()
    .filter(({ logIndex }) => withheld.has(logIndex))
    .flatMap(({ records }) => records);
}

/**
 * Places of entries whose details are not handed over with a case: those of derivations and
 * removals that name captures or files of others.
 */
export async function withheldDetails(
  parts: Store,
  entries: LogEntryRow[],
  captures: ClosedCapture[],
  caseName: string,
): Promise<Set<number>> {
  const handed = captures.map(({ manifest }) => manifest.captureId);
  const withheld = new Set<number>();
  for (const entry of entries) {
    if (entry.detailSha256 === null || !(entry.type === 'derivation' || isRemoval(entry))) continue;
    const bytes = await parts.vault.readRecord('log-details', entry.detailSha256);
    const text = bytes?.toString('utf8') ?? '';
    if (await namesOther(parts.database, text, handed, caseName)) withheld.add(entry.idx);
  }
  return withheld;
}

/** Records that were not removed by order, and their files. */
async function thoseThere(
  db: Queryable,
  records: string[],
): Promise<{ there: string[]; files: string[] }> {
  const rows = await derivationsByRecord(db, records);
  const files = await Promise.all(rows.map(({ id }) => filesOfDerivation(db, id)));
  return {
    there: rows.map(({ recordSha256 }) => recordSha256).sort(),
    files: files.flat().map(({ sha256 }) => sha256),
  };
}

async function removedAmong({ database, vault }: Store, sha256s: string[]): Promise<string[]> {
  const removed: string[] = [];
  for (const sha256 of (await ordersOver(database, sha256s)).keys())
    if (!(await vault.has(sha256))) removed.push(sha256);
  return removed.sort();
}
