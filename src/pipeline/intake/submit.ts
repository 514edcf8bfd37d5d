/** Links come in: every one becomes a submission, kept in the vault and the catalog before anything is queued. */

import { uuidv7 } from 'uuidv7';
import { collectGarbage } from '../../base/collect-garbage.ts';
import { existingCaptures } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import type { FoundLink } from '../../links/read-links.ts';
import {
  type Origin,
  type SubmitOptions,
  type Submitted,
  unnamed,
} from '../../model/submission.ts';
import { canonicalJson } from '../../seal/canonical-json.ts';
import { givenCase, givenTags } from '../given-names.ts';
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
 * @throws UsageError `too-long` for a case or tag over its limit, `empty-value` for a case without a name
 */
export async function submitLinks(
  parts: Parts,
  links: FoundLink[],
  options: Terms = {},
): Promise<Submitted[]> {
  if (links.length === 0) return [];
  refuseBadNames(options);
  for (const { submission } of links) if (submission !== undefined) refuseBadNames(submission);
  return withRecords(parts, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('holdfast submit', 0))`);
    const before = options.batchId && (await batchBefore(parts, tx, options.batchId));
    if (before) return before;
    const existing = isOfItsOwn(options) ? new Map() : await existingAmong(tx, links);
    return submitInBatches(parts, tx, links, options, existing);
  });
}

/** More than this is no longer one record and one statement, but several in one transaction. */
const mostInBatch = 1_000;
/** Rows live just long enough for V8 to keep their garbage until it is as much as all that is in use. */
const collectEvery = 10_000;

function* batchesOf(links: FoundLink[], size = mostInBatch): Iterable<FoundLink[]> {
  for (let from = 0; from < links.length; from += size) yield links.slice(from, from + size);
}

async function existingAmong(tx: Queryable, links: FoundLink[]): Promise<Map<string, string>> {
  const existing = new Map<string, string>();
  for (const batch of batchesOf(links)) {
    const keys = batch.flatMap((found) => ('key' in found ? [found.key] : []));
    for (const [key, id] of await existingCaptures(tx, keys)) existing.set(key, id);
  }
  return existing;
}

/** Each batch is made while the one before is being written: all of them are kept, or none. */
async function submitInBatches(
  parts: Parts,
  tx: Queryable,
  links: FoundLink[],
  options: Terms,
  existing: Map<string, string>,
): Promise<Submitted[]> {
  const submitted: Submitted[] = [];
  let writing = Promise.resolve();
  try {
    // One that is named must be found again under its name: it stays whole.
    for (const batch of batchesOf(
      links,
      options.batchId === undefined ? mostInBatch : links.length,
    )) {
      const made = makeBatch(parts, batch, options, existing);
      await writing;
      writing = writeBatch(parts, tx, made);
      for (const row of made.rows) submitted.push(whatBecameOf(row));
      if (submitted.length % collectEvery === 0) collectGarbage('major');
    }
  } finally {
    // Nothing is written any more once the transaction is over.
    await writing.catch(() => undefined);
  }
  await writing;
  return submitted;
}

/** Captured although another capture of the source exists. */
function isOfItsOwn({ again, profile, steps }: Terms): boolean {
  return again === true || profile !== undefined || steps !== undefined;
}

/** Before anything is written. @throws UsageError `too-long`, `empty-value` */
function refuseBadNames(named: { case?: string | null; tags?: string[] }): void {
  givenCase(named.case);
  givenTags(named.tags);
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
  const made = makeBatch(parts, links, options, existing);
  await writeBatch(parts, tx, made);
  return made.rows.map(whatBecameOf);
}

interface MadeBatch {
  batchId: string;
  rows: NewSubmission[];
  /** As it lies in the vault. */
  lines: string;
}

function makeBatch(
  parts: Parts,
  links: FoundLink[],
  options: Terms,
  existing: Map<string, string>,
): MadeBatch {
  const batchId = options.batchId ?? uuidv7();
  const rows = links.map((found, position) =>
    submissionRow(parts, found, { batchId, position, options, existing }),
  );
  return { batchId, rows, lines: asLines(rows) };
}

async function writeBatch(parts: Parts, tx: Queryable, made: MadeBatch): Promise<void> {
  const { batchId, rows, lines } = made;
  await keepRecord(parts, tx, 'submissions', `${batchId}.jsonl`, lines);
  await writeSubmissions(tx, rows, parts.home.environment);
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
    caseName: givenCase(found.submission?.case ?? options.case),
    tags: givenTags([...(options.tags ?? []), ...(found.submission?.tags ?? [])]),
    note: found.submission?.note ?? options.note ?? null,
    submittedBy: options.by ?? parts.config.operator ?? unnamed,
    reason: options.reason ?? null,
    origin: options.origin ?? 'human',
    priority: options.priority ?? 0,
    facts: {
      ...('key' in found ? found.facts : {}),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
      ...(options.steps === undefined ? {} : { steps: canonicalJson(options.steps) }),
    },
    submittedAt: timeNow(parts),
    opensCapture: captureId !== null && before === undefined,
  };
}
