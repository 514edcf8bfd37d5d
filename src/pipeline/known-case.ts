/** A misspelt case would be answered with an empty list, and look like a case that holds nothing. */
import { NotFoundError } from '../base/errors.ts';
import { caseIsKnown } from '../catalog/cases.ts';
import type { Queryable } from '../catalog/database.ts';

/** @throws NotFoundError `no-case` */
export async function refuseUnknownCase(db: Queryable, name: string): Promise<void> {
  if (await caseIsKnown(db, name)) return;
  throw new NotFoundError(
    'no-case',
    `there is no case called "${name}": holdfast cases lists them, with capital letters as they were typed`,
  );
}
