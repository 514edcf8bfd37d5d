/**
 * Graphic material, as people mark it. A mark is on a source, and holds for every capture that
 * holds one of its files. Each is a record in the vault before it is a row, and can be taken
 * back; files are never touched.
 */
import { uuidv7 } from 'uuidv7';
import { z } from 'zod';
import { NotFoundError } from '../../base/errors.ts';
import type { Queryable } from '../../catalog/database.ts';
import {
  type GraphicMark,
  insertMarks,
  marksOn,
  originalsOf,
} from '../../catalog/graphic-marks.ts';
import { unnamed } from '../../model/submission.ts';
import { keepRecord, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';
import { naming, readRecord } from '../vault-records.ts';

export interface Marking {
  note?: string | null;
  by?: string | undefined;
}

type Store = Pick<Parts, 'config' | 'database' | 'vault'>;

/** Marks a source. One that is marked already keeps its mark. @returns the mark in force */
export async function markGraphic(
  parts: Store,
  sourceKey: string,
  { note = null, by }: Marking = {},
): Promise<GraphicMark> {
  const [standing] = await marksOn(parts.database, [sourceKey]);
  if (standing !== undefined) return standing;
  const files = await originalsOf(parts.database, sourceKey);
  return storeMark(parts, { mark: 'graphic', sourceKey, files, undoes: null, note }, by);
}

/** Takes every mark on a source back. @throws NotFoundError `no-mark` */
export async function unmarkGraphic(
  parts: Store,
  sourceKey: string,
  { note = null, by }: Marking = {},
): Promise<GraphicMark[]> {
  const standing = await marksOn(parts.database, [sourceKey]);
  if (standing.length === 0)
    throw new NotFoundError('no-mark', `${sourceKey} is not marked as graphic`);
  const undone: GraphicMark[] = [];
  for (const { id } of standing)
    undone.push(
      await storeMark(parts, { mark: 'undo', sourceKey: null, files: [], undoes: id, note }, by),
    );
  return undone;
}

async function storeMark(
  parts: Store,
  made: Omit<GraphicMark, 'id' | 'by' | 'at'>,
  by: string | undefined,
): Promise<GraphicMark> {
  const mark: GraphicMark = {
    id: uuidv7(),
    ...made,
    by: by ?? parts.config.operator ?? unnamed,
    at: new Date(),
  };
  await withRecords(parts, async (tx) => {
    await keepRecord(parts, tx, 'graphic-marks', mark.id, `${JSON.stringify(mark)}\n`);
    await insertMarks(tx, [mark]);
  });
  return mark;
}

const record = z.object({
  id: z.string(),
  mark: z.enum(['graphic', 'undo']),
  sourceKey: z.string().nullable(),
  files: z.array(z.string()),
  undoes: z.string().nullable(),
  note: z.string().nullable(),
  by: z.string(),
  at: z.coerce.date(),
});

/** For `rebuild`: all marks, from the vault, in the order in which they were made: their names are UUIDv7. */
export async function restoreMarks(parts: Pick<Parts, 'vault'>, db: Queryable): Promise<number> {
  let marks = 0;
  for await (const { name, bytes } of parts.vault.records('graphic-marks')) {
    const place = `graphic-marks/${name}`;
    const mark = readRecord(place, record, bytes);
    await naming(place, () => insertMarks(db, [mark]));
    marks += 1;
  }
  return marks;
}
