/** Browser profiles: unreadable without the key, never printed, never exported. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealAtRest } from '../src/base/at-rest.ts';
import { listProfiles, openProfile, removeProfile, saveProfile } from '../src/browser/profiles.ts';
import { entriesOfType } from '../src/catalog/log-entries.ts';
import { finalStep, recordStep } from '../src/catalog/steps.ts';
import { exportBundle } from '../src/pipeline/export/bundle.ts';
import { readRestricted } from '../src/pipeline/export/restricted-records.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { publicKeys } from '../src/seal/keys.ts';
import { testArchive } from './support/archive.ts';
import { verified } from './support/bundles.ts';
import { attempt } from './support/catalog.ts';
import { testHoldfast } from './support/holdfast.ts';

const cookie = { name: 'auth', value: 'the-secret-value', domain: '.example.net', path: '/' };
const state = JSON.stringify({ cookies: [cookie], origins: [] });

const secrets = /the-secret-value|the-renewed-secret/;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'holdfast-profiles-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

test('a profile comes back as it was put in, and its file tells nothing', async () => {
  await saveProfile(home, 'desk', state);
  expect((await openProfile(home, 'desk')).state.cookies[0]).toMatchObject(cookie);
  const bytes = await readFile(join(home, 'profiles/desk.sealed'), 'latin1');
  expect(bytes).not.toMatch(/secret|auth|example/);
  expect((await stat(join(home, 'keys/profiles.key'))).mode & 0o777).toBe(0o400);
  expect(await listProfiles(home)).toMatchObject([{ name: 'desk', domains: ['.example.net'] }]);
});

test('one changed bit, another key or another name, and it is refused', async () => {
  await saveProfile(home, 'bit', state);
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

test('one that is damaged is listed as such, and hides no other', async () => {
  const folder = join(home, 'profiles');
  await writeFile(join(folder, 'cut.sealed'), 'half of');
  await mkdir(join(folder, 'folder.sealed'));
  await writeFile(join(folder, 'No Name.sealed'), '');
  const found = await listProfiles(home);
  expect(found.map(({ name, fault }) => [name, fault === null])).toEqual([
    ['No Name', false],
    ['bit', true],
    ['cut', false],
    ['desk', true],
    ['folder', false],
  ]);
  expect(found.find(({ name }) => name === 'cut')?.fault).toMatch(
    /the profile cut can't be decrypted .*: add it again with holdfast profile add cut FILE/,
  );
  for (const name of ['cut', 'folder', 'No Name'])
    await rm(join(folder, `${name}.sealed`), { recursive: true });
});

test('a key that was cut off encrypts nothing, and is named', async () => {
  const damaged = await mkdtemp(join(home, 'cut-key-'));
  await mkdir(join(damaged, 'keys'));
  await writeFile(join(damaged, 'keys/profiles.key'), 'half');
  await expect(saveProfile(damaged, 'desk', state)).rejects.toMatchObject({
    code: 'profile-key-damaged',
    exitCode: 5,
    message: expect.stringContaining(join(damaged, 'keys/profiles.key')),
  });
});

test('names that are paths, and files that are no storage state, are refused', async () => {
  for (const name of ['../desk', '', 'a/b', 'Desk', 'x'.repeat(60)]) {
    await expect(saveProfile(home, name, state)).rejects.toMatchObject({ code: 'bad-profile' });
    await expect(openProfile(home, name)).rejects.toMatchObject({ code: 'no-profile' });
    expect(await removeProfile(home, name)).toBe(false);
  }
  for (const text of ['', '[]', '{"cookies":1}', 'null'])
    await expect(saveProfile(home, 'x', text)).rejects.toMatchObject({ code: 'bad-profile' });
  expect(await readdir(join(home, 'profiles'))).toEqual(['bit.sealed', 'desk.sealed']);
});

test('a page is seen as the profile sees it; the manifest names the profile, and nothing public holds its cookie', async () => {
  await using held = await testHoldfast({ backend: 'postgres' });
  const { parts } = held.app;
  held.internet.world.addPage('https://members.example.net/', {
    handler: ({ headers }) => ({
      status: 200,
      headers: { 'content-type': 'text/html', 'set-cookie': 'session=the-renewed-secret; path=/' },
      body: `<!doctype html><title>${headers.cookie?.includes('auth=') ? 'Inside' : 'Log in'}</title>`,
    }),
  });
  const login = JSON.stringify({ cookies: [{ ...cookie, domain: 'members.example.net' }] });
  await saveProfile(parts.home.folder, 'desk', login);
  const [record] = await held.seal('https://members.example.net/', { profile: 'desk' });
  const step = await finalStep(parts.database, record?.id ?? '', 'page');
  expect(step?.detail).toMatchObject({
    profile: { name: 'desk' },
    views: [{ finalUrl: 'https://members.example.net/' }],
  });
  const open = record?.artifacts.filter(({ role }) => role !== 'warc.restricted') ?? [];
  const texts: string[] = [];
  for (const { sha256, name } of open) {
    const bytes = await parts.vault.read(sha256);
    texts.push((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1'));
  }
  const all = texts.join('');
  expect(all).toContain('Inside');
  expect(all).not.toMatch(/the-secret-value|the-renewed-secret/);
  const readings = await everythingIn(join(parts.home.folder, 'vault'));
  expect(readings.length).toBeGreaterThan(open.length);
  expect(readings.filter((text) => secrets.test(text))).toEqual([]);

  const id = record?.id ?? '';
  const clear = gunzipSync(await readRestricted(parts, id, 'Jane Roe')).toString('latin1');
  expect(clear).toContain('the-secret-value');
  expect(clear).toContain('the-renewed-secret');
  const seen = (await entriesOfType(parts.database, 'viewed')).at(-1);
  const restricted = record?.artifacts.find(({ role }) => role === 'warc.restricted');
  expect(seen?.targets).toEqual([restricted?.sha256]);
  for await (const finding of verifyAll(parts)) expect(finding).toMatchObject({ ok: true });
  const bundle = join(home, 'bundle');
  const options = { by: 'test', restricted: true, roles: [], since: [] };
  await exportBundle(parts, [id], bundle, options, new AbortController().signal);
  const vkeys = (await publicKeys(parts.vault)).map(({ vkey }) => vkey);
  expect((await verified(bundle, { vkeys })).faults).toEqual([]);
  const handed = await everythingIn(bundle);
  expect(handed.filter((text) => secrets.test(text))).toEqual([]);
}, 120_000);

describe('restricted records of other captures', () => {
  test('kept in the clear by an earlier version are read as they are, and those of another machine are not', async () => {
    await using archive = await testArchive();
    const { parts } = archive;
    const keptAs = async (bytes: Buffer) => {
      const id = await archive.openCapture();
      const stored = await parts.vault.put(bytes);
      const artifact = {
        ...{ role: 'warc.restricted' as const, name: 'warc/page.restricted.warc.gz' },
        ...{ mediaType: 'application/warc', derivedFrom: null, ...stored },
      };
      await recordStep(parts.database, attempt(id, { step: 'page' }), { artifacts: [artifact] });
      await archive.seal(id);
      return id;
    };
    const old = await keptAs(gzipSync('cookie: of an earlier version'));
    expect(gunzipSync(await readRestricted(parts, old, 'test')).toString()).toContain('earlier');
    const elsewhere = await sealAtRest(home, 'holdfast-restricted/1', Buffer.from('cookie'));
    const foreign = await keptAs(elsewhere);
    await expect(readRestricted(parts, foreign, 'test')).rejects.toMatchObject({
      code: 'restricted-unreadable',
    });
    const without = await archive.capture();
    await expect(readRestricted(parts, without, 'test')).rejects.toMatchObject({
      code: 'no-restricted',
    });
    for await (const finding of verifyAll(parts)) expect(finding).toMatchObject({ ok: true });
  });
});

/** Each file below a folder, as it is and as it is unpacked. */
async function everythingIn(folder: string): Promise<string[]> {
  const texts: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    texts.push(bytes.toString('latin1'));
    if (bytes.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b])))
      texts.push(gunzipSync(bytes).toString('latin1'));
  }
  return texts;
}
