import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { IntegrityError, NotFoundError, PermanentError, StorageError } from '../src/base/errors.ts';
import { openFileVault } from '../src/vault/files.ts';
import type { Vault } from '../src/vault/vault.ts';
import { fc } from './support/property.ts';
import { anyBytes } from './support/seed.ts';

const root = await mkdtemp(join(tmpdir(), 'hf-vault-'));
const isRoot = process.getuid?.() === 0;
const putter = fileURLToPath(new URL('./support/vault-putter.ts', import.meta.url));
let folder: string;
let vault: Vault;
let number = 0;

beforeEach(async () => {
  number += 1;
  folder = join(root, `vault-${number}`);
  vault = await openFileVault(folder);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function everything<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function scratchEntries(): string[] {
  return readdirSync(join(folder, 'scratch'));
}

describe('putting bytes', () => {
  test('keeps them read-only under their SHA-256 and gives them back', async () => {
    const stored = await vault.put('a post');
    expect(stored).toEqual({ sha256: sha256('a post'), sizeBytes: 6 });
    const path = join(folder, 'objects', stored.sha256.slice(0, 2), stored.sha256);
    expect(await vault.path(stored.sha256)).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o400);
    expect(await vault.read(stored.sha256)).toEqual(Buffer.from('a post'));
    expect(scratchEntries()).toEqual([]);
  });

  test('gives back exactly what any stream held, however it was cut', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 4_000 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(pieces, async (chunks) => {
        const whole = Buffer.concat(chunks);
        const stored = await vault.put(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));
        expect(stored).toEqual({ sha256: sha256(whole), sizeBytes: whole.length });
        expect(await buffer(await vault.open(stored.sha256))).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  test('stores the same bytes once, for twenty who put them at the same moment', async () => {
    const bytes = anyBytes(3_000_000);
    const puts = Array.from({ length: 20 }, () => vault.put(Readable.from([bytes])));
    const stored = await Promise.all(puts);
    expect(new Set(stored.map((one) => one.sha256))).toEqual(new Set([sha256(bytes)]));
    expect(await everything(vault.objects())).toEqual([sha256(bytes)]);
    expect(statSync(await vault.path(sha256(bytes))).nlink).toBe(1);
    expect(scratchEntries()).toEqual([]);
  });

  test('tells how far it is, and opens ranges with both ends included', async () => {
    const totals: number[] = [];
    const chunks = Readable.from([Buffer.from('abc'), Buffer.from('defg')]);
    const { sha256: digest } = await vault.put(chunks, { onBytes: (total) => totals.push(total) });
    expect(totals).toEqual([3, 7]);
    expect((await buffer(await vault.open(digest, { start: 2, end: 4 }))).toString()).toBe('cde');
  });

  test('keeps nothing of a stream that is too long, breaks or is stopped', async () => {
    await expect(vault.put('12345', { maxBytes: 4 })).rejects.toMatchObject({ code: 'too-large' });

    const broken = Readable.from(
      (async function* () {
        yield 'half';
        throw new Error('connection reset');
      })(),
    );
    await expect(vault.put(broken)).rejects.toThrow('connection reset');

    const stop = new AbortController();
    const stuck = new Readable({ read() {} });
    stuck.push('some');
    const putting = vault.put(stuck, { signal: stop.signal, onBytes: () => stop.abort() });
    await expect(putting).rejects.toThrow(/abort/i);
    expect(stuck.destroyed).toBe(true);

    expect(await everything(vault.objects())).toEqual([]);
    expect(scratchEntries()).toEqual([]);
  });

  test('reports an object that is no longer what it was, and never writes over it', async () => {
    const { sha256: digest } = await vault.put('the truth');
    const path = await vault.path(digest);
    chmodSync(path, 0o600);
    writeFileSync(path, 'a lie');
    await expect(vault.put('the truth')).rejects.toBeInstanceOf(IntegrityError);
    expect(readFileSync(path, 'utf8')).toBe('a lie');
    expect(await vault.rehash(digest)).toEqual({ sha256: sha256('a lie'), sizeBytes: 5 });
  });
});

describe('taking over a finished file', () => {
  test('moves it out of scratch', async () => {
    await using scratch = await vault.scratch('media');
    const path = join(scratch.folder, 'clip.mp4');
    writeFileSync(path, 'frames');
    expect(await vault.putFile(path)).toEqual({ sha256: sha256('frames'), sizeBytes: 6 });
    expect(existsSync(path)).toBe(false);
    expect(statSync(await vault.path(sha256('frames'))).mode & 0o777).toBe(0o400);
  });

  test('leaves it where it is when it is too large', async () => {
    await using scratch = await vault.scratch('media');
    const path = join(scratch.folder, 'clip.mp4');
    writeFileSync(path, 'frames');
    await expect(vault.putFile(path, { maxBytes: 5 })).rejects.toMatchObject({ code: 'too-large' });
    expect(existsSync(path)).toBe(true);
    expect(await vault.has(sha256('frames'))).toBe(false);
  });

  test('follows no link out of scratch', async () => {
    await using scratch = await vault.scratch('media');
    const secret = join(root, 'secret');
    writeFileSync(secret, 'key');
    symlinkSync(secret, join(scratch.folder, 'clip.mp4'));
    await expect(vault.putFile(join(scratch.folder, 'clip.mp4'))).rejects.toThrow();
    await expect(vault.putFile(scratch.folder)).rejects.toBeInstanceOf(PermanentError);
    expect(await vault.has(sha256('key'))).toBe(false);
  });

  test('never shares its bytes with a name outside the vault', async () => {
    await using scratch = await vault.scratch('media');
    const path = join(scratch.folder, 'clip.mp4');
    const second = join(scratch.folder, 'second-name');
    writeFileSync(path, 'frames');
    linkSync(path, second);
    await vault.putFile(path);
    chmodSync(second, 0o600);
    writeFileSync(second, 'changed');
    expect((await vault.rehash(sha256('frames')))?.sha256).toBe(sha256('frames'));
  });
});

describe('asking for what is not there', () => {
  test.each(['0'.repeat(64), '../../../etc/passwd', 'A'.repeat(64), ''])(
    '%j is missing',
    async (name) => {
      expect(await vault.has(name)).toBe(false);
      expect(await vault.rehash(name)).toBeNull();
      await expect(vault.open(name)).rejects.toBeInstanceOf(NotFoundError);
      await expect(vault.read(name)).rejects.toMatchObject({ code: 'object-missing' });
      await expect(vault.path(name)).rejects.toMatchObject({ code: 'object-missing' });
    },
  );

  test('refuses to read more into memory than is allowed', async () => {
    const { sha256: digest } = await vault.put('12345');
    await expect(vault.read(digest, 4)).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('records', () => {
  test('are kept once under their name; the same again is no news, another is refused', async () => {
    const stored = { sha256: sha256('{}'), sizeBytes: 2 };
    expect(await vault.keepRecord('manifests', '01-a', '{}')).toEqual(stored);
    expect(await vault.keepRecord('manifests', '01-a', '{}')).toEqual(stored);
    await expect(vault.keepRecord('manifests', '01-a', '[]')).rejects.toMatchObject({
      code: 'record-differs',
    });
    expect(await vault.readRecord('manifests', '01-a')).toEqual(Buffer.from('{}'));
    expect(statSync(join(folder, 'records/manifests/01-a')).mode & 0o777).toBe(0o400);
  });

  test('are listed by name, a kind at a time', async () => {
    await vault.keepRecord('submissions', 'b.jsonl', '2');
    await vault.keepRecord('submissions', 'a.jsonl', '1');
    const found = await everything(vault.records('submissions'));
    expect(found.map(({ name, bytes }) => [name, bytes.toString()])).toEqual([
      ['a.jsonl', '1'],
      ['b.jsonl', '2'],
    ]);
    expect(await everything(vault.records('manifests'))).toEqual([]);
    expect(await vault.readRecord('manifests', 'a.jsonl')).toBeNull();
  });

  test('a pipe or a folder in the place of a record or an object is named, and waited for by nobody', async () => {
    const { sha256: digest } = await vault.put('x');
    const path = join(folder, 'objects', digest.slice(0, 2), digest);
    rmSync(path);
    execFileSync('mkfifo', [path, join(folder, 'records/manifests/pipe')]);
    mkdirSync(join(folder, 'records/manifests/folder'));
    writeFileSync(join(folder, 'objects/README'), 'left here');
    const notAFile = { code: 'not-a-file', name: 'IntegrityError' };
    await expect(vault.readRecord('manifests', 'pipe')).rejects.toMatchObject(notAFile);
    await expect(vault.readRecord('manifests', 'folder')).rejects.toMatchObject(notAFile);
    await expect(everything(vault.records('manifests'))).rejects.toMatchObject(notAFile);
    await expect(vault.rehash(digest)).rejects.toMatchObject(notAFile);
    expect(await everything(vault.objects())).toEqual([digest]);
  });

  test('a vault where no folder can be made says so at once', async () => {
    await expect(openFileVault('/proc/holdfast/second')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each(['../escape', '.hidden', '', 'a/b', 'a\0b'])('%j is no name', async (name) => {
    await expect(vault.keepRecord('manifests', name, '')).rejects.toMatchObject({
      code: 'bad-record-name',
    });
  });
});

describe('what killed processes leave', () => {
  test('nothing half written has a name, and the next to open the vault sweeps up', async () => {
    const child = spawn(process.execPath, [putter, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(scratchEntries()).toHaveLength(2);
    expect(await everything(vault.objects())).toEqual([]);
    await openFileVault(folder);
    expect(scratchEntries()).toEqual([]);
  });

  test('the work of living processes stays, and that of other machines until it is old', async () => {
    await using mine = await vault.scratch('page');
    const foreign = join(folder, 'scratch', 'put-00000000-1-1-abc');
    mkdirSync(foreign);
    await openFileVault(folder);
    expect(scratchEntries()).toHaveLength(2);
    utimesSync(foreign, 0, 0);
    await openFileVault(folder);
    expect(scratchEntries().map((name) => join(folder, 'scratch', name))).toEqual([mine.folder]);
  });

  test('scratch folders go with whoever opened them', async () => {
    {
      await using scratch = await vault.scratch('a/../b label');
      mkdirSync(join(scratch.folder, 'deep'));
      writeFileSync(join(scratch.folder, 'deep/file'), 'x');
    }
    expect(scratchEntries()).toEqual([]);
  });
});

describe.runIf(isRoot)('disks in trouble (needs root to mount)', () => {
  async function onDisk(use: (mounted: string) => Promise<void>): Promise<void> {
    const mounted = join(root, `disk-${number}`);
    mkdirSync(mounted);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mounted]);
    try {
      await use(mounted);
    } finally {
      execFileSync('umount', [mounted]);
    }
  }

  test('a full disk is a StorageError, and what was kept stays whole', async () => {
    await onDisk(async (mounted) => {
      const full = await openFileVault(mounted);
      const kept = await full.put(anyBytes(300_000));
      const failed = full.put(Readable.from([anyBytes(600_000), anyBytes(600_000)]));
      await expect(failed).rejects.toMatchObject({ code: 'disk-full' });
      await expect(failed).rejects.toBeInstanceOf(StorageError);
      expect(readdirSync(join(mounted, 'scratch'))).toEqual([]);
      expect(await full.rehash(kept.sha256)).toEqual(kept);
      expect((await full.put(anyBytes(300_000))).sizeBytes).toBe(300_000);
    });
  });

  test('a disk with no room for objects still takes the record of what happened', async () => {
    await onDisk(async (mounted) => {
      const full = await openFileVault(mounted);
      for (let left = true; left; )
        left = await full.put(anyBytes(200_000)).then(
          () => true,
          () => false,
        );
      const manifest = await full.keepRecord('manifests', 'm', 'x'.repeat(500_000));
      expect(manifest.sizeBytes).toBe(500_000);
    });
  });

  test('a read-only disk is a StorageError, and reading goes on', async () => {
    await onDisk(async (mounted) => {
      const kept = await (await openFileVault(mounted)).put('kept');
      execFileSync('mount', ['-o', 'remount,ro', mounted]);
      const vaultNow = await openFileVault(mounted);
      await expect(vaultNow.put('more')).rejects.toMatchObject({ code: 'vault-read-only' });
      await expect(vaultNow.keepRecord('manifests', 'm', '{}')).rejects.toBeInstanceOf(
        StorageError,
      );
      await expect(vaultNow.scratch('page')).rejects.toBeInstanceOf(StorageError);
      expect((await vaultNow.read(kept.sha256)).toString()).toBe('kept');
    });
  });
});
