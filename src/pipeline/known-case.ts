/** A misspelt case would be answered with an empty list, and look like a case that holds nothing. */
import { NotFoundError } from '../base/errors.ts';
import { caseIsKnown } from '../catalog/cases.ts';
import type { Queryable } from '../catalog/database.ts';
import { givenName } from './given-names.ts';

/** @returns the name as it is kept, where it was typed in another Unicode form @throws NotFoundError `no-case` */
export async function knownCase(db: Queryable, typed: string): Promise<string> {
  for (const name of new Set([typed, givenName(typed)]))
    if (await caseIsKnown(db, name)) return name;
  throw new NotFoundError(
    'no-case',
    `there is no case called "${typed}": holdfast cases lists them, with capital letters as they were typed`,
  );
}
