/** What archives of a test deal with outside: a small internet, and a folder for what is handed over. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from '../../src/config/config.ts';
import { startSmallInternet } from '../internet/small-internet.ts';
import type { World } from '../internet/world.ts';
import { type TestArchive, testArchive } from './archive.ts';

export interface Outside extends AsyncDisposable {
  folder: string;
  world: World;
  /** An archive that reaches this internet, and no other. */
  archive(variables?: Variables): Promise<TestArchive>;
}

export async function openOutside(): Promise<Outside> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-outside-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const { world, environment } = opened.use(await startSmallInternet());
  const all = opened.move();
  return {
    folder,
    world,
    archive: (variables = {}) => testArchive({ variables: { ...environment, ...variables } }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
