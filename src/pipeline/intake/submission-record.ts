/** A batch of submissions as it lies in the vault: JSON lines, one a link. */
import { z } from 'zod';
import type { SubmissionRow } from '../../catalog/submissions.ts';
import { canonicalJson } from '../../seal/canonical-json.ts';
import { readRecord } from '../vault-records.ts';

export type NewSubmission = SubmissionRow & { opensCapture: boolean };

/** As PostgreSQL has them. */
const text = z.string().refine((value) => !value.includes('\0'), 'no text may hold U+0000');
const whole = z.int32();

const submissionRecord = z.object({
  id: z.guid(),
  batchId: z.guid(),
  position: whole,
  link: text,
  sourceKey: text.nullable(),
  rejected: text.nullable(),
  captureId: z.guid().nullable(),
  caseName: text.nullable(),
  tags: z.array(text),
  note: text.nullable(),
  submittedBy: text,
  reason: text.nullable(),
  origin: z.enum(['human', 'program', 'watch']),
  priority: whole,
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  submittedAt: z.coerce.date(),
  opensCapture: z.boolean(),
});

export function asLines(rows: NewSubmission[]): string {
  return rows
    .map((row) => canonicalJson({ ...row, submittedAt: row.submittedAt.toISOString() }))
    .map((line) => `${line}\n`)
    .join('');
}

/** @param place folder and name below `records/` @throws IntegrityError `record-unreadable` */
export function submissionFrom(place: string, line: string): NewSubmission {
  return readRecord(place, submissionRecord, line);
}
