/** Legal holds: nothing under one is removed, whoever orders it, until it is released. */
import { uuidv7 } from 'uuidv7';
import { NotFoundError } from '../../base/errors.ts';
import { captureById } from '../../catalog/captures.ts';
import { activeHolds, type HoldRow, type HoldScope, insertHold } from '../../catalog/holds.ts';
import { submissionById } from '../../catalog/submissions.ts';
import type { Parts } from '../parts.ts';
import { noteCustody } from './custody-event.ts';

export interface HoldOrder {
  scopeKind: HoldScope;
  /** Capture id, case name, or SHA-256. */
  scope: string;
  /** Who may order it: a court, a prosecutor, the archive itself. */
  authority: string;
  /** Their number or letter. */
  reference: string;
  reason: string | null;
  by: string;
}

/** Two holds on the same thing are two holds: each has to be released. */
export async function setHold(parts: Parts, order: HoldOrder): Promise<HoldRow> {
  const { by, ...rest } = order;
  return write(parts, { id: uuidv7(), change: 'set', ...rest, byWhom: by, at: new Date() });
}

/** @throws NotFoundError `no-hold` */
export async function releaseHold(
  parts: Parts,
  id: string,
  given: Pick<HoldOrder, 'authority' | 'reference' | 'reason' | 'by'>,
): Promise<HoldRow> {
  const hold = (await activeHolds(parts.database)).find((one) => one.id === id);
  if (hold === undefined) throw new NotFoundError('no-hold', `there is no hold ${id} in force`);
  const { by, ...rest } = given;
  return write(parts, { ...hold, ...rest, change: 'released', byWhom: by, at: new Date() });
}

async function write(parts: Parts, row: HoldRow): Promise<HoldRow> {
  const caseName = await caseOf(parts, row);
  await noteCustody(
    parts,
    {
      type: row.change === 'set' ? 'hold' : 'hold-released',
      by: row.byWhom,
      ...(caseName === undefined ? {} : { caseName }),
      ...(row.scopeKind === 'object' ? { targets: [row.scope] } : {}),
      detail: { ...row, at: row.at.toISOString() },
    },
    (tx) => insertHold(tx, row),
  );
  return row;
}

/** The case in whose chain it belongs; `undefined` for objects, which may be in many. */
async function caseOf(
  parts: Pick<Parts, 'database'>,
  { scopeKind, scope }: HoldRow,
): Promise<string | null | undefined> {
  if (scopeKind === 'object') return undefined;
  if (scopeKind === 'case') return scope;
  const capture = await captureById(parts.database, scope);
  if (capture === null) throw new NotFoundError('no-capture', `there is no capture ${scope}`);
  return (await submissionById(parts.database, capture.submissionId))?.caseName ?? null;
}
