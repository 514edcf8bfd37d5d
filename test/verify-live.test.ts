/** Verify against vault and catalog, and the way from there to a bundle on somebody else's machine. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newestCheckpoint } from '../src/catalog/checkpoints.ts';
import { entriesOfType } from '../src/catalog/log-entries.ts';
import { showCapture } from '../src/pipeline/answers/show.ts';
import { rotateKey } from '../src/pipeline/custody/rotate-key.ts';
import { stampDue } from '../src/pipeline/custody/stamp.ts';
import { exportBundle } from '../src/pipeline/export/bundle.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { appendOnly, notCompared } from '../src/pipeline/verify/compared-tables.ts';
import { publicKeys } from '../src/seal/keys.ts';
import { proof } from './prove/seal.ts';
import { type SealedArchive, sealedArchive } from './prove/sealed-archive.ts';
import { dropGuards } from './prove/tamper.ts';
import { verified } from './support/bundles.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../scripts/holdfast.ts', import.meta.url));
const signal = new AbortController().signal;
const plain = { by: 'Jane Roe', restricted: false, roles: [], since: [] };
let sealed: SealedArchive;

beforeAll(async () => {
  sealed = await sealedArchive(1);
}, 240_000);

afterAll(() => sealed?.[Symbol.asyncDispose]());

async function holdfast(args: string[]) {
  return run(process.execPath, [cli, ...args], { maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

describe('one bit changed', () => {
  test('in any file, record, column or bundle is found, each once and some at random', async () => {
    const said: string[] = [];
    await proof.prove({ size: 1, seed: 1, say: (line) => void said.push(line) });
    expect(said.join('\n')).toMatch(/one bit in each of [6-9]\d columns, all found/);
  }, 240_000);

  test('every append-only table is either compared or named as one that no claim rests on', async () => {
    const { rows } = await sealed.archive.parts.database.query<{ name: string }>(
      `select relname as name from pg_trigger join pg_class on pg_class.oid = tgrelid
       where tgname = 'append_only' and relnamespace = $1::regnamespace order by relname`,
      [sealed.archive.parts.database.schema],
    );
    expect(rows.map(({ name }) => name)).toEqual(
      [...appendOnly.map(({ table }) => table), ...notCompared].sort(),
    );
  });
});

describe('from the log to a stranger', () => {
  test('a bundle passes by the command line, with a key, roots and an older checkpoint from outside', async () => {
    const { archive, captureIds, folder, rootsFile } = sealed;
    const { parts } = archive;
    const kept = await newestCheckpoint(parts.database);
    await writeFile(join(folder, 'kept.note'), kept?.note ?? '');
    await rotateKey(parts, { by: 'Jane Roe', reason: 'yearly' });
    const [first] = await publicKeys(parts.vault);
    const path = join(folder, 'handed.zip');
    await exportBundle(parts, captureIds, path, plain, signal);
    // The reader knows only the first key; it names its successor.
    const args = ['verify', path, '--vkey', first?.vkey ?? '', '--tsa-roots', rootsFile];
    const good = await holdfast([...args, '--earlier', join(folder, 'kept.note'), '--json']);
    expect(good.stderr).toContain('does not prove');
    const record = JSON.parse(good.stdout);
    expect(record).toMatchObject({ verdict: 'valid', invalid: 0, incomplete: 0 });
    expect(good.code).toBe(0);
    const bytes = await readFile(path);
    const at = bytes.indexOf('contact-sheet of 0');
    const place = at >= 0 ? at : Math.floor(bytes.length / 2);
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    await writeFile(join(folder, 'bad.zip'), bytes);
    const bad = await holdfast([
      'verify',
      join(folder, 'bad.zip'),
      '--vkey',
      first?.vkey ?? '',
      '-q',
    ]);
    expect(bad.code).toBe(5);
    expect(bad.stdout).toMatch(/^FAULT/m);
  }, 120_000);

  test('each export is in the log, and names the case as it was', async () => {
    const entries = await entriesOfType(sealed.archive.parts.database, 'exported');
    expect(entries.length).toBeGreaterThan(0);
    const digest = entries.at(-1)?.detailSha256 ?? '';
    const detail = await sealed.archive.parts.vault.readRecord('log-details', digest);
    expect(JSON.parse(String(detail))).toMatchObject({
      by: 'Jane Roe',
      captures: sealed.captureIds,
      head: { caseSeq: (entries.at(-1)?.caseSeq ?? 0) - 1 },
    });
  });

  test('restricted files and those that were removed by order are not handed over, and said to be so', async () => {
    const { archive, folder, rootsFile } = sealed;
    const { parts } = archive;
    const id = await archive.openCapture('plain text', { case: 'secret' });
    const stored = await parts.vault.put('cookie: secret');
    await parts.database.query(
      `insert into artifacts (id, capture_id, step, role, name, media_type, size_bytes, sha256, facts, stored_at)
       values (gen_random_uuid(), $1, 'page', 'warc.restricted', 'page/restricted.bin', 'text/plain', $2, $3, '{}', date_trunc('milliseconds', now()))`,
      [id, stored.sizeBytes, stored.sha256],
    );
    await archive.seal(id);
    const keys = await publicKeys(parts.vault);
    const question = {
      vkeys: keys.map(({ vkey }) => vkey),
      tsaRoots: await readFile(rootsFile, 'utf8'),
    };
    for (const restricted of [false, true]) {
      const path = join(folder, `restricted-${restricted}`);
      await exportBundle(parts, [id], path, { ...plain, restricted }, signal);
      const { faults, findings } = await verified(path, question);
      expect(faults).toEqual([]);
      const said = findings.filter(({ message }) =>
        /^restricted, and not handed over/.test(message),
      );
      expect(said.length).toBe(restricted ? 0 : 1);
    }
  }, 60_000);
});

describe('what an insider can do', () => {
  test('DB superuser edit: rows and digest changed together are found against the log', async () => {
    const { archive, captureIds } = sealed;
    const { database } = archive.parts;
    await stampDue(archive.parts, signal);
    await dropGuards(database, database.schema);
    await database.query(
      `update captured_posts set body = 'something else' where capture_id = $1`,
      [captureIds[0]],
    );
    const faults: string[] = [];
    for await (const { ok, subject, message } of verifyAll(archive.parts))
      if (!ok) faults.push(`${subject}: ${message}`);
    expect(faults.join('\n')).toMatch(
      /table captured_posts: rows that are missing or differ: 1; that are not in the vault: 1/,
    );
    expect(faults.join('\n')).toMatch(/catalog: differs from the manifest in: .*post/);
  }, 60_000);

  test('show says of a capture what could let somebody forge it', async () => {
    const record = await showCapture(sealed.archive.parts, sealed.captureIds[0] ?? '');
    expect(record?.warnings.join('\n')).toMatch(/fetched through the proxy[\s\S]*extra authority/);
  });
});
