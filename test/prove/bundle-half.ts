/** Bundles: the grammar on one that holds everything, forgeries by an insider, and every kind untouched. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleQuestion } from '../../src/seal/verify/verify-bundle.ts';
import { verified } from '../support/bundles.ts';
import { openTimeStamps, type TimeStamps } from '../support/timestamps.ts';
import { type Forgery, forgeries } from './bundle-forgeries.ts';
import {
  everything,
  type Kind,
  type MadeBundle,
  made,
  manyCaptures,
  untouchedKinds,
} from './bundle-kinds.ts';
import { type BundleTampering, bundleTamperings, tamperingsOfMany } from './bundle-tamperings.ts';
import { type Attacked, type Half, judge, nothingYet, share } from './tampering.ts';

/** Reduced, the bundle of 600 captures would take longer than all the rest. */
const manyFromPercent = 50;

export const bundleHalf: Half = {
  name: 'bundles',
  least: { tamperings: 100, untouched: 20 },
  async attack({ size, seed }) {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-adversary-'));
    try {
      const stamps = await openTimeStamps(join(folder, 'authority'));
      const attacked = nothingYet();
      const ground: Ground = { folder, stamps, attacked };
      const kinds = untouchedKinds.filter(
        (kind) => kind !== manyCaptures || size >= manyFromPercent,
      );
      for (const kind of share(kinds, size, seed)) await leaveAlone(ground, kind);
      await tryAll(ground, everything, share(bundleTamperings(), size, seed));
      if (size >= manyFromPercent) await tryAll(ground, manyCaptures, tamperingsOfMany());
      await forgeAll(ground, share(forgeries, size, seed));
      return attacked;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Ground {
  folder: string;
  stamps: TimeStamps;
  attacked: Attacked;
}

async function leaveAlone({ folder, stamps, attacked }: Ground, kind: Kind): Promise<void> {
  const { path, question } = await made(join(folder, 'untouched'), stamps, kind);
  const { verdict, faults } = await verified(path, question);
  attacked.untouched.push(kind.name);
  if (verdict !== 'valid') attacked.falseAlarms.push(`${kind.name}: ${JSON.stringify(faults)}`);
  await rm(path, { recursive: true });
}

/** Each on a copy of its own. */
async function tryAll(
  { folder, stamps, attacked }: Ground,
  kind: Kind,
  tamperings: BundleTampering[],
): Promise<void> {
  const clean = await made(join(folder, 'clean'), stamps, kind);
  const stranger = await made(join(folder, 'stranger'), stamps, {
    ...kind,
    origin: 'other.example/log',
  });
  for (const tampering of tamperings) {
    const around = await mkdtemp(join(folder, 'attacked-'));
    const copy = join(around, 'bundle');
    await cp(clean.path, copy, { recursive: true });
    await tampering.apply({ folder: copy, stranger: stranger.path });
    judge(attacked, tampering, await isFound({ path: copy, question: clean.question }));
    await rm(around, { recursive: true });
  }
}

async function forgeAll({ folder, stamps, attacked }: Ground, all: Forgery[]): Promise<void> {
  const zip = await made(join(folder, 'zip'), stamps, { ...everything, ending: '.zip' });
  for (const forgery of all) {
    const forged = await forgery.make({ folder: join(folder, 'forged'), stamps, zip });
    judge(attacked, forgery, await isFound(forged));
  }
}

/** What is not taken for a bundle at all is found, too. */
async function isFound({
  path,
  question,
}: Pick<MadeBundle, 'path' | 'question'>): Promise<boolean> {
  return verified(path, question as Partial<BundleQuestion>).then(
    ({ verdict }) => verdict !== 'valid',
    () => true,
  );
}
