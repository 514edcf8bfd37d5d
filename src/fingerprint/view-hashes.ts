/** The hashes of all views of one picture, made in small pieces so that nothing else has to wait. */
import { setImmediate as turn } from 'node:timers/promises';
import { type Dihedral, dihedralsOfLuma64, type PdqHash } from './pdq.ts';
import { blockCutter, type Grey, type View } from './views.ts';

export interface ViewHash extends PdqHash {
  view: string;
  /** The hashes that the turned and mirrored view would have. */
  dihedral: Dihedral;
}

/** Views hashed in one go: about ten milliseconds. */
const atOnce = 16;

export async function hashViews(grey: Grey, views: View[]): Promise<ViewHash[]> {
  const cut = blockCutter(grey);
  const hashes: ViewHash[] = [];
  for (const [index, { name, part }] of views.entries()) {
    if (index % atOnce === 0) await turn();
    hashes.push({ view: name, ...dihedralsOfLuma64(cut(part)) });
  }
  return hashes;
}
