/**
 * Order in the archive: sources put into cases or taken out, tags and notes. Each act is an entry
 * of the log in the chain of the case that it was done for, and its rows are made from the
 * entry's details. Nothing is ever taken back but by another act.
 */
import { uuidv7 } from 'uuidv7';
import { z } from 'zod';
import type { Queryable } from '../../catalog/database.ts';
import { insertFilings } from '../../catalog/filings.ts';
import { type Filing, type FilingKind, filingKinds } from '../../model/filing.ts';
import type { EntryType } from '../../seal/log-entry.ts';
import { type Parts, timeNow } from '../parts.ts';
import { noteTogether } from './custody-event.ts';

/** The entry that each kind is written down in. */
const entryTypeOf = {
  case: 'filed',
  tag: 'tagged',
  note: 'noted',
} as const satisfies Record<FilingKind, EntryType>;

/** One act on one source or capture, before it is written down. */
export interface FilingDraft extends Pick<Filing, 'kind' | 'change' | 'value'> {
  sourceKey: string;
  captureId: string | null;
  /**
   * The case in whose chain it stands. `null`: what belongs to no case; `undefined`: the source
   * is in several, and the act is of none of them.
   */
  caseName: string | null | undefined;
}

/** As many acts stand in the details of one entry. */
const mostTogether = 1_000;

/** One entry a case and a thousand acts, with nothing between them. */
export async function fileAll(parts: Parts, drafts: FilingDraft[], by: string): Promise<Filing[]> {
  const at = timeNow(parts);
  const batches = [...Map.groupBy(drafts, ({ kind, caseName }) => `${kind} ${caseName}`).values()]
    .flatMap(inBatches)
    .map((own) => ({ own, filings: own.map((draft) => filingOf(draft, by, at)) }));
  const done: Filing[] = [];
  const events = batches.map(({ own, filings }) => ({
    type: entryTypeOf[own[0]?.kind ?? 'case'],
    by,
    caseName: own[0]?.caseName,
    detail: { filings: filings.map((filing) => ({ ...filing, at: filing.at.toISOString() })) },
  }));
  await noteTogether(parts, events, async (tx, appended) => {
    for (const [place, { filings }] of batches.entries())
      done.push(...filings.map((one) => ({ ...one, logIndex: appended[place]?.idx ?? 0 })));
    await insertFilings(tx, done);
  });
  return done;
}

function inBatches(drafts: FilingDraft[]): FilingDraft[][] {
  return Array.from({ length: Math.ceil(drafts.length / mostTogether) }, (_, index) =>
    drafts.slice(index * mostTogether, (index + 1) * mostTogether),
  );
}

function filingOf({ caseName, ...draft }: FilingDraft, by: string, at: Date) {
  return { id: uuidv7(), ...draft, caseName: caseName ?? null, by, at };
}

const filed = z.object({
  filings: z.array(
    z.object({
      id: z.guid(),
      kind: z.enum(filingKinds),
      change: z.enum(['added', 'removed']),
      value: z.string(),
      sourceKey: z.string(),
      captureId: z.guid().nullable(),
      caseName: z.string().nullable(),
      by: z.string(),
      at: z.coerce.date(),
    }),
  ),
});

/** The rows of an entry, from its details. */
export async function restoreFilings(
  tx: Queryable,
  detail: unknown,
  logIndex: number,
): Promise<void> {
  const { filings } = filed.parse(detail);
  await insertFilings(
    tx,
    filings.map((one) => ({ ...one, logIndex })),
  );
}
