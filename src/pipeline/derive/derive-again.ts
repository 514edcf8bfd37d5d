/** Derivations asked for by a person: made again with the tools of today; the earlier ones stay. */
import { askToDerive } from '../../catalog/derive-jobs.ts';
import type { DerivationKind } from '../../model/derivation.ts';
import type { Parts } from '../parts.ts';
import { derivableOf, wantedIn } from './derivable.ts';

/**
 * @param kinds only these; `null`: whatever the evidence calls for
 * @returns the captures of which something is to be made; the others hold nothing for these kinds
 */
export async function deriveAgain(
  parts: Pick<Parts, 'config' | 'database' | 'vault'>,
  captureIds: string[],
  kinds: DerivationKind[] | null,
): Promise<string[]> {
  const asked: string[] = [];
  for (const captureId of captureIds) {
    const capture = await derivableOf(parts, captureId);
    if (capture === null) continue;
    if ((await wantedIn(parts, parts.database, capture, kinds)).length > 0) asked.push(captureId);
  }
  await askToDerive(parts.database, asked, { kinds, again: true });
  return asked;
}
