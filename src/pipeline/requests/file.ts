/** What people put in order: names of sources and captures read, then written down in the log. */
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { canonicalSource } from '../../catalog/aliases.ts';
import { captureIdFrom, isCaptureIdLike } from '../../catalog/capture-id.ts';
import { resolvedCapture } from '../../catalog/captures.ts';
import { casesOfSource } from '../../catalog/cases.ts';
import type { Queryable } from '../../catalog/database.ts';
import { sourceIsKnown, tagsOfSource } from '../../catalog/filings.ts';
import type { Filing } from '../../model/filing.ts';
import { unnamed } from '../../model/submission.ts';
import { type FilingDraft, fileAll } from '../custody/filing.ts';
import { givenName } from '../given-names.ts';
import { knownCase } from '../known-case.ts';
import type { Parts } from '../parts.ts';
import { keyOf } from '../watching/watch.ts';

export interface FilingOrder extends Pick<Filing, 'kind' | 'change'> {
  /** Name of the case, the tag, or the words of the note. */
  value: string;
  /** Links or keys of sources; ids of captures. */
  about: readonly string[];
  /** For a tag or note: the case that it is for. */
  case?: string | undefined;
  /** `HOLDFAST_OPERATOR` where left out. */
  by?: string | undefined;
}

export interface Filed {
  /** What was written down. */
  filings: Filing[];
  /** Sources of which it was so before. */
  unchanged: string[];
  /** Sources in several cases, where none was named: their tags and notes are handed over with none. */
  inSeveralCases: string[];
}

const longestNote = 20_000;

/**
 * Puts sources into a case or takes them out, tags them, or notes something on them. A capture's
 * id stands for its source where the act is about a case, and for that capture alone otherwise.
 * @throws NotFoundError `no-source`, `no-capture`, `no-case`; UsageError `too-long`, `empty-value`,
 *   `not-in-case`, `not-a-source`, `short-id`, `ambiguous-id`
 */
export async function fileNamed(parts: Parts, order: FilingOrder): Promise<Filed> {
  const { database } = parts;
  const isRemoval = order.kind === 'case' && order.change === 'removed';
  const value = isRemoval ? await knownCase(database, order.value) : wordsOf(order);
  const drafts: FilingDraft[] = [];
  const unchanged: string[] = [];
  const inSeveralCases: string[] = [];
  for (const target of await targetsOf(database, order)) {
    if (await isSo(database, order, value, target)) unchanged.push(target.sourceKey);
    else {
      const caseName = await caseFor(database, order, value, target.sourceKey);
      if (caseName === undefined) inSeveralCases.push(target.sourceKey);
      drafts.push({ kind: order.kind, change: order.change, value, ...target, caseName });
    }
  }
  const by = order.by ?? parts.config.operator ?? unnamed;
  return { filings: await fileAll(parts, drafts, by), unchanged, inSeveralCases };
}

function wordsOf({ kind, value: given }: FilingOrder): string {
  const value = kind === 'note' ? given.replaceAll('\0', '').trim() : givenName(given);
  if (value === '') throw new UsageError('empty-value', `a ${kind} can’t be empty`);
  if (kind === 'note' && value.length > longestNote)
    throw new UsageError('too-long', `a note may have at most ${longestNote} characters`);
  return value;
}

interface Target {
  sourceKey: string;
  captureId: string | null;
}

/** Each once, all of them there, before anything is written down. */
async function targetsOf(db: Queryable, { kind, about }: FilingOrder): Promise<Target[]> {
  const targets = new Map<string, Target>();
  for (const named of about) {
    const found = await targetOf(db, named);
    const target = kind === 'case' ? { ...found, captureId: null } : found;
    targets.set(`${target.sourceKey} ${target.captureId}`, target);
  }
  return [...targets.values()];
}

async function targetOf(db: Queryable, named: string): Promise<Target> {
  if (isCaptureIdLike(named)) {
    const captureId = await captureIdFrom(db, named);
    const { sourceKey } = await resolvedCapture(db, captureId);
    return { sourceKey, captureId };
  }
  const sourceKey = await canonicalSource(db, keyOf(named));
  if (await sourceIsKnown(db, sourceKey)) return { sourceKey, captureId: null };
  throw new NotFoundError(
    'no-source',
    `"${named}" is neither a source with captures nor the id of one: holdfast add --case NAME captures a link and puts it into a case`,
  );
}

/** Whether nothing would change. A note is always news. */
async function isSo(
  db: Queryable,
  { kind, change }: FilingOrder,
  value: string,
  { sourceKey, captureId }: Target,
): Promise<boolean> {
  if (kind === 'note') return false;
  if (kind === 'case')
    return (await casesOfSource(db, sourceKey)).includes(value) === (change === 'added');
  const tags = await tagsOfSource(db, sourceKey, captureId);
  // Of a source: it is so where it is so of every capture, or of none.
  return change === 'added'
    ? tags.every((own) => own.includes(value))
    : tags.every((own) => !own.includes(value));
}

async function caseFor(
  db: Queryable,
  { kind, case: named }: FilingOrder,
  value: string,
  sourceKey: string,
): Promise<string | null | undefined> {
  if (kind === 'case') return value;
  const cases = await casesOfSource(db, sourceKey);
  if (named === undefined) return cases.length > 1 ? undefined : (cases[0] ?? null);
  if (cases.includes(named)) return named;
  throw new UsageError(
    'not-in-case',
    `${sourceKey} is not in a case called "${named}": holdfast case add puts it there`,
  );
}
