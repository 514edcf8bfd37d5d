/** A capture that was just closed waits for its derive job, if its evidence calls for one. */
import type { Queryable } from '../../catalog/database.ts';
import { askToDerive } from '../../catalog/derive-jobs.ts';
import type { Parts } from '../parts.ts';
import { derivableOf, wantedIn } from './derivable.ts';

export async function askForDerivations(
  parts: Pick<Parts, 'config' | 'database' | 'vault'>,
  tx: Queryable,
  captureId: string,
): Promise<void> {
  const capture = await derivableOf(parts, captureId, tx);
  if (capture === null || (await wantedIn(parts, tx, capture)).length === 0) return;
  await askToDerive(tx, [captureId], { kinds: null, again: false });
}
