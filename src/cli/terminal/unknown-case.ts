import { forTerminal } from '../../base/for-terminal.ts';
import type { Queryable } from '../../catalog/database.ts';
import { findCaptures } from '../../catalog/find.ts';

/** A case may be named before anything is in it; a misspelt one looks just the same, so it is said. */
export async function noteUnknownCase(database: Queryable, name: string): Promise<void> {
  const { rows } = await findCaptures(database, { case: name, limit: 1 });
  if (rows.length === 0)
    console.error(`note: no capture is in a case called "${forTerminal(name)}" yet`);
}
