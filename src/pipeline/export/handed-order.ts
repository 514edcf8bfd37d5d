/**
 * What people said about a capture and its source, as far as it is of the cases that are handed
 * over: other cases are neither named nor counted.
 */
import type { CaptureRecord } from '../../model/capture-record.ts';

/**
 * @param cases those that are handed over; `null` is what belongs to none
 * @returns the record without anything that other cases have of it
 */
export function recordWithin(record: CaptureRecord, cases: (string | null)[]): CaptureRecord {
  const submissions = record.submissions.filter((one) => cases.includes(one.case));
  const filings = record.filings.filter(
    (one) => cases.includes(one.case) && (one.case !== null || record.cases.length < 2),
  );
  const said = new Set([
    ...submissions.flatMap(({ tags }) => tags),
    ...filings.flatMap(({ kind, value }) => (kind === 'tag' ? value : [])),
  ]);
  return {
    ...record,
    cases: record.cases.filter((name) => cases.includes(name)),
    tags: record.tags.filter((tag) => said.has(tag)),
    submissions,
    filings,
    submission: cases.includes(record.submission.case)
      ? record.submission
      : askedWithin(record, submissions, filings),
  };
}

/** How it came into these cases, where another case asked for it first. */
function askedWithin(
  { submission }: CaptureRecord,
  [asked]: CaptureRecord['submissions'],
  filings: CaptureRecord['filings'],
): CaptureRecord['submission'] {
  if (asked !== undefined) {
    const { link: _, capture: __, ...rest } = asked;
    return rest;
  }
  const filed = filings.find(({ kind, change }) => kind === 'case' && change === 'added');
  const { by = '', at = submission.at, value = null } = filed ?? {};
  return { case: value, tags: [], note: null, by, reason: null, at };
}
