/** The parts are closed in reverse, also one that is only being opened. */
import { expect, test } from 'vitest';
import { testArchive } from './support/archive.ts';

test('an app that is closed while its queue opens closes that too, before the catalog', async () => {
  await using archive = await testArchive();
  const opening = archive.app.queue();
  await archive.app.close();
  expect(archive.parts.database.pool.ended).toBe(true);
  await expect((await opening).counts()).rejects.toThrow();
});
