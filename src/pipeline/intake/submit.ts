/** Links come in: every one becomes a submission, kept in the vault and the catalog before anything is queued. */

import { uuidv7 } from 'uuidv7';
import { UsageError } from '../../base/errors.ts';
import { existingCaptures } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import type { FoundLink } from '../../links/read-links.ts';
import type { Origin, SubmitOptions, Submitted } from '../../model/submission.ts';
import { keepRecord, withRecords } from '../keep-record.ts';
import { type Parts, timeNow } from '../parts.ts';
import { batchBefore } from './same-batch.ts';
import { asLines, type NewSubmission } from './submission-record.ts';
import { whatBecameOf, writeSubmissions } from './write-submissions.ts';

/** What is said beside the links, and by whom they came. */
export interface Terms extends Omit<SubmitOptions, 'watch' | 'timeZone'> {
  /** A person, where left out. */
  origin?: Origin;
  /** Given where the same may be asked for twice and must be done once. */
  batchId?: string;
}

/**
 * Every link becomes a submission; without `again`, a source that is kept or under way is
 * not captured twice, not even by two people who ask at the same moment.
 * @throws UsageError `too-long` for a case or tag over its limit
 */
export async function submitLinks(
  parts: Parts,
  links: FoundLink[],
  options: Terms = {},
): Promise<Submitted[]> {
  if (links.length === 0) return [];
  for (const { submission } of links) {
    const named = [submission?.case, ...(submission?.tags ?? [])];
    refuseLongNames([options.case, ...(options.tags ?? []), ...named]);
  }
  const keys = links.flatMap((found) => ('key' in found ? [found.key] : []));
  return withRecords(parts, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('holdfast submit', 0))`);
    const before = options.batchId && (await batchBefore(parts, tx, options.batchId));
    if (before) return before;
    const existing = isOfItsOwn(options)
      ? new Map<string, string>()
      : await existingCaptures(tx, keys);
    return submitBatch(parts, tx, links, options, existing);
  });
}

/** Captured although another capture of the source exists. */
function isOfItsOwn({ again, profile }: Terms): boolean {
  return again === true || profile !== undefined;
}

const longestName = 200;

/** Of cases and tags. @throws UsageError `too-long` */
export function refuseLongNames(names: (string | null | undefined)[]): void {
  const long = names.find((name) => (name?.length ?? 0) > longestName);
  if (long == null) return;
  throw new UsageError(
    'too-long',
    `a case or tag may have at most ${longestName} characters: ${long.slice(0, 40)}…`,
  );
}

/**
 * One batch, inside the caller's transaction. Truth first: the batch is a file in the
 * vault before it is rows, so that a lost catalog can be rebuilt.
 */
export async function submitBatch(
  parts: Parts,
  tx: Queryable,
  links: FoundLink[],
  options: Terms,
  existing: Map<string, string> = new Map(),
): Promise<Submitted[]> {
  const batchId = options.batchId ?? uuidv7();
  const rows = links.map((found, position) =>
    submissionRow(parts, found, { batchId, position, options, existing }),
  );
  await keepRecord(parts, tx, 'submissions', `${batchId}.jsonl`, asLines(rows));
  await writeSubmissions(tx, rows, parts.home.environment);
  return rows.map(whatBecameOf);
}

interface Batch {
  batchId: string;
  position: number;
  options: Terms;
  existing: Map<string, string>;
}

function submissionRow(parts: Parts, found: FoundLink, batch: Batch): NewSubmission {
  const { options, existing } = batch;
  const sourceKey = 'key' in found ? found.key : null;
  const before = sourceKey === null ? undefined : existing.get(sourceKey);
  const captureId = sourceKey === null ? null : (before ?? uuidv7());
  if (sourceKey !== null && captureId !== null && !isOfItsOwn(options))
    existing.set(sourceKey, captureId);
  return {
    id: uuidv7(),
    batchId: batch.batchId,
    position: batch.position,
    link: found.link,
    sourceKey,
    rejected: 'rejected' in found ? found.rejected : null,
    captureId,
    caseName: found.submission?.case ?? options.case ?? null,
    tags: [...new Set([...(options.tags ?? []), ...(found.submission?.tags ?? [])])],
    note: found.submission?.note ?? options.note ?? null,
    submittedBy: options.by ?? parts.config.operator ?? 'unnamed',
    reason: options.reason ?? null,
    origin: options.origin ?? 'human',
    priority: options.priority ?? 0,
    facts: {
      ...('key' in found ? found.facts : {}),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
    },
    submittedAt: timeNow(parts),
    opensCapture: captureId !== null && before === undefined,
  };
}
