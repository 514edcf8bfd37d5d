/** Browser profiles: unreadable without the key, never printed, never exported. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepProfile, listProfiles, openProfile, removeProfile } from '../src/page/profiles.ts';

const cookie = { name: 'auth', value: 'the-secret-value', domain: '.example.net', path: '/' };
const state = JSON.stringify({ cookies: [cookie], origins: [] });

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'holdfast-profiles-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

test('a profile comes back as it was put in, and its file tells nothing', async () => {
  await keepProfile(home, 'desk', state);
  expect((await openProfile(home, 'desk')).state.cookies[0]).toMatchObject(cookie);
  const bytes = await readFile(join(home, 'profiles/desk.sealed'), 'latin1');
  expect(bytes).not.toMatch(/secret|auth|example/);
  expect((await stat(join(home, 'keys/profiles.key'))).mode & 0o777).toBe(0o400);
  expect(await listProfiles(home)).toMatchObject([{ name: 'desk', domains: ['.example.net'] }]);
});

test('one changed bit, another key or another name, and it is refused', async () => {
  await keepProfile(home, 'bit', state);
  const path = join(home, 'profiles/bit.sealed');
  const bytes = await readFile(path);
  for (const at of [0, 20, 35, bytes.length - 1]) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    await writeFile(path, flipped);
    await expect(openProfile(home, 'bit')).rejects.toMatchObject({ code: 'profile-unreadable' });
  }
  await writeFile(path, bytes);
  await writeFile(join(home, 'profiles/other.sealed'), bytes);
  await expect(openProfile(home, 'other')).rejects.toMatchObject({ code: 'profile-unreadable' });
  await removeProfile(home, 'other');
});

test('names that are paths, and files that are no storage state, are refused', async () => {
  for (const name of ['../desk', '', 'a/b', 'Desk', 'x'.repeat(60)]) {
    await expect(keepProfile(home, name, state)).rejects.toMatchObject({ code: 'bad-profile' });
    await expect(openProfile(home, name)).rejects.toMatchObject({ code: 'no-profile' });
    expect(await removeProfile(home, name)).toBe(false);
  }
  for (const text of ['', '[]', '{"cookies":1}', 'null'])
    await expect(keepProfile(home, 'x', text)).rejects.toMatchObject({ code: 'bad-profile' });
  expect(await readdir(join(home, 'profiles'))).toEqual(['bit.sealed', 'desk.sealed']);
});
