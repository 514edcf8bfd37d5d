/** Handing over when something is wrong: what is refused first, what the log says, and what is never written. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entriesOfType, logSize } from '../src/catalog/log-entries.ts';
import { recordStep } from '../src/catalog/steps.ts';
import { keysFrom } from '../src/cli/ask/verify-bundle.ts';
import { logStore } from '../src/pipeline/custody/checkpoint.ts';
import { noteCustody } from '../src/pipeline/custody/custody-event.ts';
import { removeByOrder, whatWouldGo } from '../src/pipeline/custody/removal.ts';
import { exportBundle } from '../src/pipeline/export/bundle.ts';
import { exportFiles } from '../src/pipeline/export/files.ts';
import { exportWacz } from '../src/pipeline/export/wacz.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { faultOfTimes } from '../src/pipeline/verify/claimed-times.ts';
import { publicKeys } from '../src/seal/keys.ts';
import { appendEntry } from '../src/seal/log.ts';
import { readManifest } from '../src/seal/manifest.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { verified } from './support/bundles.ts';
import { attempt } from './support/catalog.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;
const plain = { by: 'Jane Roe', restricted: false, roles: [], since: [] };
let archive: TestArchive;
let folder: string;

beforeAll(async () => {
  archive = await testArchive();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-exports-'));
}, 60_000);
afterAll(async () => {
  await archive?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A closed capture with files of these names, each holding its own name. */
async function captureWith(...names: string[]): Promise<string> {
  const captureId = await archive.openCapture('the first file');
  const artifacts = await Promise.all(
    names.map(async (name) => {
      const stored = await archive.parts.vault.put(name);
      return { role: 'text' as const, name, mediaType: 'text/plain', derivedFrom: null, ...stored };
    }),
  );
  await recordStep(archive.parts.database, attempt(captureId, { step: 'page' }), { artifacts });
  await archive.seal(captureId);
  return captureId;
}

describe('a bundle that is refused', () => {
  test.each([
    ['follows a checkpoint that this log never had', { since: [999_999] }, 'no-such-checkpoint'],
    ['is to lie where something is already', { since: [] }, 'exists'],
  ])('because it %s leaves no entry in the log', async (_, more, code) => {
    const captureId = await archive.capture();
    const path = join(folder, code);
    if (code === 'exists') await writeFile(path, 'mine');
    const before = await logSize(archive.parts.database);
    const exporting = exportBundle(archive.parts, [captureId], path, { ...plain, ...more }, signal);
    await expect(exporting).rejects.toMatchObject({ code, exitCode: 2 });
    expect(await logSize(archive.parts.database)).toBe(before);
  });
});

test('settings that can not be read are told before anything is entered', async () => {
  const captureId = await archive.capture();
  const before = await logSize(archive.parts.database);
  const { config } = archive.parts;
  for (const seal of [{ tsaRootsFile: join(folder, 'absent.pem') }, { witnesses: ['nobody'] }]) {
    const parts = { ...archive.parts, config: { ...config, seal: { ...config.seal, ...seal } } };
    const exporting = exportBundle(parts, [captureId], join(folder, 'unread'), plain, signal);
    await expect(exporting).rejects.toMatchObject({ code: 'config-invalid', exitCode: 7 });
  }
  expect(await logSize(archive.parts.database)).toBe(before);
});

test('a place where no folder can be made ends every export at once', async () => {
  const captureId = await archive.capture();
  const before = await logSize(archive.parts.database);
  const to = '/proc/holdfast/exported';
  for (const exporting of [
    () => exportFiles(archive.parts, captureId, to),
    () => exportBundle(archive.parts, [captureId], to, plain, signal),
  ])
    await expect(exporting()).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await logSize(archive.parts.database)).toBe(before);
});

describe('a bundle that fails while it is written', () => {
  test('is said to have failed by the log; the next one is whole, and holds both entries', async () => {
    const { parts } = archive;
    const captureId = await captureWith('kept.txt');
    const stored = await parts.vault.put('kept.txt');
    const object = join(
      parts.home.folder,
      'vault/objects',
      stored.sha256.slice(0, 2),
      stored.sha256,
    );
    await chmod(object, 0o600);
    await writeFile(object, 'tampered');
    const path = join(folder, 'failing');
    await expect(exportBundle(parts, [captureId], path, plain, signal)).rejects.toMatchObject({
      code: 'stored-bytes-differ',
    });
    await writeFile(object, 'kept.txt');
    const [exported] = (await entriesOfType(parts.database, 'exported')).slice(-1);
    const [failed] = (await entriesOfType(parts.database, 'export-failed')).slice(-1);
    expect(await detailOf(failed?.detailSha256)).toMatchObject({
      by: 'Jane Roe',
      entry: exported?.idx,
      reason: 'stored-bytes-differ',
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('failing'))).toEqual([]);
    await exportBundle(parts, [captureId], path, plain, signal);
    const vkeys = (await publicKeys(parts.vault)).map(({ vkey }) => vkey);
    const { faults, findings } = await verified(path, { vkeys });
    expect(faults).toEqual([]);
    expect(findings.map(({ message }) => message).join('\n')).toMatch(/export-failed at/);
    for await (const finding of verifyAll(parts)) expect(finding).toMatchObject({ ok: true });
  }, 60_000);

  test('because somebody stopped it is said to have been interrupted', async () => {
    const { parts } = archive;
    const captureId = await archive.capture();
    const stopping = new AbortController();
    const path = join(folder, 'stopped');
    const options = {
      ...plain,
      // Read for the first time when the entry is made.
      get roles() {
        queueMicrotask(() => stopping.abort(new Error('interrupted')));
        return [];
      },
    };
    await expect(exportBundle(parts, [captureId], path, options, stopping.signal)).rejects.toThrow(
      'interrupted',
    );
    const [failed] = (await entriesOfType(parts.database, 'export-failed')).slice(-1);
    expect(await detailOf(failed?.detailSha256)).toMatchObject({ reason: 'interrupted' });
  }, 60_000);
});

async function detailOf(sha256: string | null | undefined): Promise<unknown> {
  return JSON.parse(String(await archive.parts.vault.readRecord('log-details', sha256 ?? '')));
}

test('a file of keys may be what `holdfast keys` printed, in any format', async () => {
  const [one, two] = ['log.example/a+0123abcd+AQ/+x=', 'log.example/a+4567abcd+AR=='];
  const file = join(folder, 'vkey.txt');
  for (const printed of [
    `KEY  STATE       PUBLISH THIS LINE\n1    replaced    ${one}\n2    signs here  ${two}\n`,
    `KEY,STATE,PUBLISH THIS LINE\n1,replaced,${one}\n2,signs here,${two}\n`,
    JSON.stringify([{ vkey: one }, { vkey: two }]),
  ]) {
    await writeFile(file, printed);
    expect(await keysFrom(file)).toEqual([one, two]);
  }
  await writeFile(file, 'KEY  STATE\n');
  await expect(keysFrom(file)).rejects.toMatchObject({ code: 'no-key' });
});

describe('plain files', () => {
  test('whose names hold line breaks and backslashes are checked by sha256sum all the same', async () => {
    const captureId = await captureWith('two\nlines.txt', 'a\rreturn.txt', 'page/plain.txt');
    const { folder: out } = await exportFiles(archive.parts, captureId, join(folder, 'lines'));
    const { stdout } = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: out });
    expect(stdout.match(/: OK$/gm)?.length).toBe(5);
  });

  test('leave out what was removed by order, and say so; what is missing otherwise stops them', async () => {
    const captureId = await captureWith('kept.txt', 'ordered away.txt', 'lost.txt');
    const { vault } = archive.parts;
    const order = { authority: 'A court', reference: '1', reason: null, by: 'test' };
    const { sha256 } = await vault.put('ordered away.txt');
    await removeByOrder(archive.parts, { captureIds: [], sha256s: [sha256], ...order });
    const exported = await exportFiles(archive.parts, captureId, join(folder, 'removed'));
    expect(exported).toMatchObject({ files: 3, removed: ['ordered away.txt'] });
    const { stdout } = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: exported.folder });
    expect(stdout).toContain('kept.txt: OK');
    expect(stdout).not.toContain('ordered away');
    await vault.remove((await vault.put('lost.txt')).sha256);
    await expect(exportFiles(archive.parts, captureId, join(folder, 'lost'))).rejects.toMatchObject(
      { code: 'object-missing' },
    );
  });

  test.each([
    ['two files', ['capture.json'], 'names-clash', /"capture\.json" is the name of two files/],
    ['a file and a folder', ['a', 'a/b'], 'names-clash', /"a\/b" lies in "a", which is a file/],
    ['no file below the folder', ['../x'], 'unsafe-name', /"\.\.\/x" leaves its folder/],
    ['another name once cleaned', ['page//x', 'page/x'], 'unsafe-name', /"page\/\/x"/],
  ])('whose names mean %s are not written', async (_, names, code, words) => {
    const captureId = await captureWith(...names);
    const to = join(folder, 'refused');
    await expect(exportFiles(archive.parts, captureId, to)).rejects.toMatchObject({
      code,
      exitCode: 5,
      message: expect.stringMatching(words),
    });
    expect(await readdir(to)).toEqual([]);
  });
});

test('an order of removal is refused for a file that nobody holds, whoever asks', async () => {
  const unheld = 'c'.repeat(64);
  await expect(
    whatWouldGo(archive.parts, { captureIds: [], sha256s: [unheld] }),
  ).rejects.toMatchObject({ code: 'no-file', message: expect.stringContaining(unheld) });
});

describe('into a folder that holds a bundle', () => {
  test.each([
    ['files', (to: string, id: string) => exportFiles(archive.parts, id, to)],
    ['a web archive', (to: string, id: string) => exportWacz(archive.parts, id, `${to}/a`, signal)],
    [
      'a bundle',
      (to: string, id: string) => exportBundle(archive.parts, [id], `${to}/a`, plain, signal),
    ],
    [
      'files below it',
      (to: string, id: string) => exportFiles(archive.parts, id, join(to, 'data/a')),
    ],
  ])('nothing is exported: %s', async (name, exporting) => {
    const { parts } = archive;
    const captureId = await archive.capture();
    const path = join(folder, `bundle of ${name}`);
    await exportBundle(parts, [captureId], path, plain, signal);
    const before = await logSize(parts.database);
    await expect(exporting(path, captureId)).rejects.toMatchObject({
      code: 'inside-bundle',
      exitCode: 2,
    });
    expect(await logSize(parts.database)).toBe(before);
    const vkeys = (await publicKeys(parts.vault)).map(({ vkey }) => vkey);
    expect(await verified(path, { vkeys })).toMatchObject({ verdict: 'valid', faults: [] });
  });
});

test('whoever writes to the log meanwhile comes before the export or after its checkpoint', async () => {
  const { parts } = archive;
  const captureId = await archive.capture();
  const vkeys = async () => (await publicKeys(parts.vault)).map(({ vkey }) => vkey);
  const view = { type: 'viewed' as const, by: 'Jane Roe', caseName: null, detail: {} };
  for (let round = 0; round < 3; round += 1) {
    const path = join(folder, `beside-${round}`);
    await Promise.all([
      exportBundle(parts, [captureId], path, plain, signal),
      ...Array.from({ length: 8 }, (_, number) =>
        noteCustody(parts, { ...view, detail: { number, round } }),
      ),
    ]);
    expect((await verified(path, { vkeys: await vkeys() })).faults).toEqual([]);
  }
});

test('an entry that is older than the one before it, and a capture from after its entry, are told', async () => {
  await using own = await testArchive();
  const { parts } = own;
  const captureId = await own.capture();
  const past = new Date(Date.now() - 3 * 24 * 3_600_000);
  await parts.database.transaction((tx) =>
    appendEntry(tx, logStore(parts), { type: 'hold', actor: 'a'.repeat(32), case: null, at: past }),
  );
  const faults: string[] = [];
  for await (const { ok, message } of verifyAll(parts)) if (!ok) faults.push(message);
  expect(faults).toEqual([
    expect.stringMatching(/^goes back in time: it is of .*, but before it entry 0 is of /),
    expect.stringMatching(/^1 fault; /),
  ]);
  const bytes = await parts.vault.readRecord('manifests', captureId);
  const { finishedAt, ...manifest } = readManifest(bytes ?? Buffer.of());
  const claims = (from: string, to: string, at: Date) =>
    faultOfTimes(parts, { ...manifest, startedAt: from, finishedAt: to }, { idx: 0, at });
  const late = new Date(Date.parse(finishedAt) + 3_600_000);
  expect(await claims(finishedAt, finishedAt, late)).toBe(null);
  expect(await claims(finishedAt, late.toISOString(), new Date(finishedAt))).toMatch(/^post-dated/);
  expect(await claims(late.toISOString(), finishedAt, late)).toMatch(/^back-dated/);
}, 60_000);
