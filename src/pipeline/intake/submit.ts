/** Links come in: every one becomes a submission, kept in the vault and the catalog before anything is queued. */
import { uuidv7 } from 'uuidv7';
import { UsageError } from '../../base/errors.ts';
import { existingCaptures, openCaptures } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import { insertSubmissions, type SubmissionRow } from '../../catalog/submissions.ts';
import type { Environment } from '../../config/home.ts';
import type { FoundLink } from '../../links/read-links.ts';
import { canonicalJson } from '../../seal/canonical-json.ts';
import { type Parts, timeNow } from '../parts.ts';

export interface SubmitOptions {
  case?: string | null;
  tags?: string[];
  note?: string | null;
  reason?: string | null;
  by?: string;
  priority?: number;
  /** Capture although one of the same source exists or is under way. */
  again?: boolean;
  origin?: 'human' | 'watch';
  /** Browser profile to look with: always a capture of its own. */
  profile?: string | undefined;
}

export interface Submitted {
  submissionId: string;
  link: string;
  key: string | null;
  rejected: string | null;
  captureId: string | null;
  /** Whether this submission opened the capture, or leads to one that was there. */
  opened: boolean;
}

/**
 * Every link becomes a submission; without `again`, a source that is kept or under way is
 * not captured twice, not even by two people who ask at the same moment.
 * @throws UsageError `too-long` for a case or tag over its limit
 */
export async function submitLinks(
  parts: Parts,
  links: FoundLink[],
  options: SubmitOptions = {},
): Promise<Submitted[]> {
  if (links.length === 0) return [];
  for (const { submission } of links) {
    const named = [submission?.case, ...(submission?.tags ?? [])];
    refuseLongNames([options.case, ...(options.tags ?? []), ...named]);
  }
  const keys = links.flatMap((found) => ('key' in found ? [found.key] : []));
  return parts.database.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('holdfast submit', 0))`);
    const existing = isOfItsOwn(options)
      ? new Map<string, string>()
      : await existingCaptures(tx, keys);
    return submitBatch(parts, tx, links, options, existing);
  });
}

/** Captured although another capture of the source exists. */
function isOfItsOwn({ again, profile }: SubmitOptions): boolean {
  return again === true || profile !== undefined;
}

const longestName = 200;

/** Of cases and tags. @throws UsageError `too-long` */
export function refuseLongNames(names: (string | null | undefined)[]): void {
  const long = names.find((name) => (name?.length ?? 0) > longestName);
  if (long == null) return;
  throw new UsageError(
    'too-long',
    `a case or tag may have ${longestName} characters: ${long.slice(0, 40)}…`,
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
  options: SubmitOptions,
  existing: Map<string, string> = new Map(),
): Promise<Submitted[]> {
  const batchId = uuidv7();
  const rows = links.map((found, position) =>
    submissionRow(parts, found, { batchId, position, options, existing }),
  );
  await parts.vault.keepRecord('submissions', `${batchId}.jsonl`, asLines(rows));
  await writeSubmissions(tx, rows, parts.home.environment);
  return rows.map((row) => ({
    submissionId: row.id,
    link: row.link,
    key: row.sourceKey,
    rejected: row.rejected,
    captureId: row.captureId,
    opened: row.opensCapture,
  }));
}

export type NewSubmission = SubmissionRow & { opensCapture: boolean };

/** Submissions and the captures that they open. Also the way in for `rebuild`. */
export async function writeSubmissions(
  tx: Queryable,
  rows: NewSubmission[],
  environment: Environment,
): Promise<void> {
  await insertSubmissions(tx, rows);
  await openCaptures(
    tx,
    rows.flatMap(({ opensCapture, captureId, sourceKey, id, submittedAt }) =>
      opensCapture && captureId !== null && sourceKey !== null
        ? [{ id: captureId, submissionId: id, sourceKey, environment, openedAt: submittedAt }]
        : [],
    ),
  );
}

interface Batch {
  batchId: string;
  position: number;
  options: SubmitOptions;
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

function asLines(rows: NewSubmission[]): string {
  return rows
    .map((row) => canonicalJson({ ...row, submittedAt: row.submittedAt.toISOString() }))
    .map((line) => `${line}\n`)
    .join('');
}
