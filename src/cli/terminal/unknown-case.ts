import { forTerminal } from '../../base/for-terminal.ts';
import { caseIsKnown } from '../../catalog/cases.ts';
import type { Queryable } from '../../catalog/database.ts';

/** A case may be named before anything is in it; a misspelt one looks just the same, so it is said. */
export async function noteUnknownCase(database: Queryable, name: string): Promise<void> {
  if (!(await caseIsKnown(database, name)))
    console.error(`note: no capture is in a case called "${forTerminal(name)}" yet`);
}
