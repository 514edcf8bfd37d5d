/** What a stranger finds out from a bundle, a public key and an older checkpoint: each attack by name. */

import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventKind } from '../src/model/event-kinds.ts';
import type { BundleContent, BundleEntry } from '../src/seal/bundle/bundle-content.ts';
import { writeBundle } from '../src/seal/bundle/write-bundle.ts';
import { paths } from '../src/seal/verify/bundle/paths.ts';
import type { BundleQuestion } from '../src/seal/verify/verify-bundle.ts';
import { bundleHalf } from './prove/bundle-half.ts';
import { conclude } from './prove/tampering.ts';
import { copyOf, edit, listAnew, verified } from './support/bundles.ts';
import { MadeUpLog, sha256 } from './support/made-up-log.ts';
import { openTimeStamps, type TimeStamps } from './support/timestamps.ts';

const run = promisify(execFile);
let folder: string;
let clean: string;
let log: MadeUpLog;
let content: BundleContent;
let authority: TimeStamps;
let question: Partial<BundleQuestion>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-bundle-'));
  authority = await openTimeStamps(join(folder, 'tsa'));
  log = await startedLog();
  await log.capture();
  await stamped(log);
  await log.capture();
  await stamped(log);
  content = await log.content(log.captures, authority.rootPem);
  clean = join(folder, 'clean');
  await writeBundle(clean, content);
  question = { vkeys: [log.vkey], tsaRoots: authority.rootPem };
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A log whose beginning is stamped, and the stamp recorded: captures after it have a lower bound. */
async function startedLog(origin?: string): Promise<MadeUpLog> {
  const started = new MadeUpLog(origin);
  await started.append('viewed', { case: null });
  await stamped(started);
  await started.checkpoint();
  return started;
}

async function stamped(own: MadeUpLog): Promise<void> {
  await own.checkpoint();
  await own.stamp(authority);
}

let bundles = 0;
async function bundleOf(own: MadeUpLog, captures = own.captures): Promise<string> {
  bundles += 1;
  const path = join(folder, `bundle-${bundles}`);
  await writeBundle(path, await own.content(captures, authority.rootPem));
  return path;
}

const day = 24 * 3_600_000;
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString();

describe('the matrix', () => {
  test('clean', async () => {
    const answer = await verified(clean, question);
    expect(answer.faults).toEqual([]);
    expect(answer.verdict).toBe('valid');
    expect(answer.warnings).toEqual([]);
    const kinds = new Set(answer.findings.map(({ kind }) => kind));
    for (const kind of [
      'bag',
      'file',
      'manifest',
      'entry',
      'chain',
      'checkpoint',
      'consistency',
      'token',
      'time',
    ])
      expect(kinds).toContain(kind);
  });

  test('altered file, the lists of the bag made to fit', async () => {
    const copy = await copyOf(clean, 'file');
    const capture = log.captures[0]?.captureId ?? '';
    await edit(join(copy, paths.file(capture, 'page/text.txt')), (text) => `${text}!`);
    expect((await verified(copy, question)).faults).toContainEqual(
      expect.objectContaining({
        kind: 'file',
        result: 'invalid',
        message: expect.stringMatching(/altered/),
      }),
    );
    await listAnew(copy);
    const { verdict, faults } = await verified(copy, question);
    expect(verdict).toBe('invalid');
    expect(faults).toEqual([
      expect.objectContaining({
        kind: 'file',
        message: expect.stringMatching(/not the file that the manifest names/),
      }),
    ]);
  });

  test('altered manifest, the lists of the bag made to fit', async () => {
    const copy = await copyOf(clean, 'manifest');
    const path = paths.manifest(log.captures[0]?.captureId ?? '');
    await edit(join(copy, path), (text) => text.replace('"complete"', '"partial"'));
    await listAnew(copy);
    const { verdict, faults } = await verified(copy, question);
    expect(verdict).toBe('invalid');
    expect(faults).toContainEqual(
      expect.objectContaining({
        kind: 'manifest',
        subject: path,
        message: expect.stringMatching(/no entry of the log/),
      }),
    );
  });

  test('altered entry, the lists of the bag made to fit', async () => {
    const copy = await copyOf(clean, 'entry');
    await edit(join(copy, paths.entries), (text) =>
      text.replace('"type":"viewed"', '"type":"fixity"'),
    );
    await listAnew(copy);
    const { verdict, faults } = await verified(copy, question);
    expect(verdict).toBe('invalid');
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: 'entry', message: expect.stringMatching(/altered/) }),
    );
  });

  test('dropped entry: with its proof, and with its capture', async () => {
    const copy = await copyOf(clean, 'dropped');
    const dropped = log.captures[0];
    const lines = (await readFile(join(copy, paths.entries), 'utf8')).split('\n');
    const index = lines.findIndex((line) => line.includes(dropped?.manifestSha256 ?? ''));
    await writeFile(join(copy, paths.entries), lines.filter((_, at) => at !== index).join('\n'));
    await rm(join(copy, paths.proof(index)));
    await rm(join(copy, 'data/captures', dropped?.captureId ?? ''), { recursive: true });
    await listAnew(copy);
    const { verdict, faults } = await verified(copy, question);
    expect(verdict).toBe('invalid');
    expect(faults).toContainEqual(
      expect.objectContaining({
        kind: 'chain',
        message: expect.stringMatching(/entries were left out/),
      }),
    );
    expect(faults).toContainEqual(
      expect.objectContaining({
        result: 'incomplete',
        message: expect.stringMatching(/not in this bundle/),
      }),
    );
  });

  test('insider rewrite with the key, against a checkpoint that was kept', async () => {
    const insider = await log.fork(3);
    await insider.capture({ state: 'partial' });
    await stamped(insider);
    await insider.capture();
    insider.checkpoints.unshift(...log.checkpoints.filter(({ size }) => size <= 3));
    const forged = await insider.content(insider.captures, authority.rootPem);
    const kept = log.checkpoints.find(({ size }) => size > 3);
    // The insider's own program would make a proof; it can't be one.
    const size = insider.checkpoints.find((one) => one.size > (kept?.size ?? 0))?.size ?? 0;
    forged.consistency.push(await insider.consistency(kept?.size ?? 0, size));
    const path = join(folder, 'insider');
    await writeBundle(path, forged);
    expect((await verified(path, question)).faults).toEqual([]);
    const { verdict, faults } = await verified(path, {
      ...question,
      earlier: [kept?.note ?? Buffer.of()],
    });
    expect(verdict).toBe('invalid');
    expect(faults).toEqual([
      expect.objectContaining({ kind: 'consistency', message: expect.stringMatching(/rewritten/) }),
    ]);
  });

  test('a kept checkpoint that the bundle holds, or leads to, or says nothing of', async () => {
    const middle = log.checkpoints[1];
    const same = await verified(clean, { ...question, earlier: [middle?.note ?? Buffer.of()] });
    expect(same.faults).toEqual([]);
    const unknown = await log.fork(2);
    const between = await unknown.checkpoint();
    const without = join(folder, 'no-proof');
    await writeBundle(without, {
      ...content,
      checkpoints: content.checkpoints.slice(2),
      consistency: content.consistency.slice(2),
    });
    expect(
      (await verified(without, { ...question, earlier: [between.note] })).faults,
    ).toContainEqual(
      expect.objectContaining({
        result: 'incomplete',
        message: expect.stringMatching(/--since 2/),
      }),
    );
    const later = await log.fork();
    await later.append('viewed');
    const newer = await later.checkpoint();
    expect((await verified(clean, { ...question, earlier: [newer.note] })).verdict).toBe(
      'incomplete',
    );
  });

  test('self-consistent fork with a back-dated claim', async () => {
    const forger = await startedLog();
    await forger.capture({
      openedAt: inDays(-400),
      startedAt: inDays(-400),
      finishedAt: inDays(-400),
    });
    await stamped(forger);
    const { verdict, faults } = await verified(await bundleOf(forger), {
      ...question,
      vkeys: [forger.vkey],
    });
    expect(verdict).toBe('invalid');
    expect(faults).toEqual([
      expect.objectContaining({ kind: 'time', message: expect.stringMatching(/^back-dated/) }),
    ]);
  });

  test('post-dated claim', async () => {
    const forger = await startedLog();
    await forger.capture({ startedAt: inDays(3), finishedAt: inDays(3) });
    await stamped(forger);
    const { faults } = await verified(await bundleOf(forger), {
      ...question,
      vkeys: [forger.vkey],
    });
    expect(faults).toEqual([
      expect.objectContaining({ kind: 'time', message: expect.stringMatching(/^post-dated/) }),
    ]);
  });

  test('wrong key', async () => {
    const { vkey } = new MadeUpLog(log.origin);
    const { verdict, faults } = await verified(clean, { ...question, vkeys: [vkey] });
    expect(verdict).toBe('invalid');
    expect(faults).toContainEqual(
      expect.objectContaining({
        kind: 'checkpoint',
        message: expect.stringMatching(/not signed by a trusted key/),
      }),
    );
  });

  test('token moved to another checkpoint', async () => {
    const copy = await copyOf(clean, 'moved');
    const [one, other] = content.checkpoints.filter(({ tokens }) => tokens.length > 0);
    const name = one?.tokens[0]?.authority ?? '';
    await writeFile(join(copy, paths.token(one?.size ?? 0, name)), other?.tokens[0]?.bytes ?? '');
    await listAnew(copy);
    const { faults } = await verified(copy, question);
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: 'token', message: 'the token is over other bytes' }),
    );
    expect(faults).toContainEqual(
      expect.objectContaining({
        kind: 'token',
        message: expect.stringMatching(/was not supplied or was altered/),
      }),
    );
  });

  // Version 0.1.0 wrote tombstones.
  test.each(['removal', 'tombstone'] as const)(
    '%s: what was removed by order is said to be, all else stays provable',
    async (type) => {
      const own = await startedLog();
      const whole = await own.capture();
      const partly = await own.capture();
      const target = partly.files.find(({ name }) => name === 'media/1.original.mp4');
      await own.append(type, { targets: [target?.sha256 ?? ''] }, { authority: 'a court' });
      await stamped(own);
      const left = { ...partly, files: partly.files.filter((file) => file !== target) };
      const path = await bundleOf(own, [whole, left]);
      const answer = await verified(path, { ...question, vkeys: [own.vkey] });
      expect(answer.faults).toEqual([]);
      expect(answer.findings).toContainEqual(
        expect.objectContaining({
          kind: 'removal',
          result: 'ok',
          message: expect.stringMatching(/removed by order/),
        }),
      );
      // The same file missing without an order is a fault.
      const silent = await startedLog();
      const capture = await silent.capture();
      const without = { ...capture, files: capture.files.slice(1) };
      const missing = await verified(await bundleOf(silent, [without]), {
        ...question,
        vkeys: [silent.vkey],
      });
      expect(missing.verdict).toBe('incomplete');
    },
  );

  describe('a file that is missing after an order from before it was stored', () => {
    const order = { authority: 'a court' };

    /** A log that begins with removals, then holds a capture of the same bytes, which are not handed over. */
    async function verdictAfter(
      changes: ('ordered' | 'done')[],
      told: EventKind[] = [],
    ): Promise<string> {
      const own = new MadeUpLog();
      const contents = { 'page/text.txt': Buffer.from('removed once, and stored again') };
      const gone = sha256(contents['page/text.txt']);
      for (const [place, change] of changes.entries()) {
        const at = inDays(place - 9);
        await own.append('removal', { targets: [gone], at }, { ...order, change });
      }
      await stamped(own);
      const now = new Date().toISOString();
      const events = told.map((kind) => ({
        ...{ id: '1', kind, source: null, detail: { sha256: gone }, at: now },
      }));
      const capture = await own.capture({ events }, contents);
      await stamped(own);
      const path = await bundleOf(own, [{ ...capture, files: [] }]);
      return (await verified(path, { ...question, vkeys: [own.vkey] })).verdict;
    }

    test('is not explained by it, unless the capture says so', async () => {
      expect(await verdictAfter(['ordered', 'done'])).toBe('incomplete');
      expect(await verdictAfter(['ordered', 'done'], ['back-after-removal'])).toBe('incomplete');
      expect(await verdictAfter(['ordered', 'done'], ['removed-by-order'])).toBe('valid');
    });

    test('is explained by it while the log does not say that it was carried out', async () => {
      expect(await verdictAfter(['ordered'])).toBe('valid');
      expect(await verdictAfter(['ordered', 'done', 'ordered'])).toBe('valid');
    });
  });

  test('entries that go back in time, or are newer than whoever stamped them', async () => {
    const backwards = await startedLog();
    await backwards.append('hold', { at: inDays(-3) });
    await backwards.capture();
    await stamped(backwards);
    const answer = await verified(await bundleOf(backwards), {
      ...question,
      vkeys: [backwards.vkey],
    });
    expect(answer.verdict).toBe('invalid');
    expect(answer.faults).toEqual([
      expect.objectContaining({
        kind: 'time',
        message: expect.stringMatching(/goes back in time/),
      }),
    ]);
    const newer = await startedLog();
    await newer.capture();
    await newer.append('hold', { at: inDays(2) });
    await stamped(newer);
    const { faults } = await verified(await bundleOf(newer), { ...question, vkeys: [newer.vkey] });
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: 'time', message: expect.stringMatching(/saw it at/) }),
    );
  });

  test('a capture that began before the checkpoint that it names, or ended after it was entered', async () => {
    const own = new MadeUpLog();
    await own.append('viewed', { case: null });
    await own.checkpoint();
    await own.capture({ startedAt: inDays(-3), finishedAt: inDays(-3) });
    await own.capture({ finishedAt: inDays(3) });
    const { faults } = await verified(await bundleOf(own), { ...question, vkeys: [own.vkey] });
    expect(faults.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^back-dated/),
      expect.stringMatching(/^post-dated/),
    ]);
  });

  test('authority with a wrong clock: clock-suspect', async () => {
    for (const days of [-2, 2]) {
      const own = await startedLog();
      await own.capture();
      await own.checkpoint();
      await own.stamp(authority, { at: new Date(inDays(days)) });
      const { faults } = await verified(await bundleOf(own), { ...question, vkeys: [own.vkey] });
      expect(faults).toContainEqual(
        expect.objectContaining({
          kind: 'token',
          message: expect.stringMatching(/^clock-suspect/),
        }),
      );
    }
  });
});

describe('what is handed over', () => {
  test('same content, same bytes; a zip holds the same bag', async () => {
    const zips = [join(folder, 'one', 'case.zip'), join(folder, 'two', 'case.zip')];
    for (const zip of zips) await writeBundle(zip, content);
    const [one, two] = await Promise.all(zips.map((zip) => readFile(zip)));
    expect(sha256(one ?? Buffer.of())).toBe(sha256(two ?? Buffer.of()));
    const answer = await verified(zips[0] ?? '', { ...question, thorough: true });
    expect(answer.faults).toEqual([]);
    const { findings } = await verified(clean, { ...question, thorough: true });
    expect(answer.findings.map(({ subject }) => subject).sort()).toEqual(
      findings.map(({ subject }) => subject).sort(),
    );
  });

  test('nothing is written over, and a failed export leaves nothing behind', async () => {
    await expect(writeBundle(clean, content)).rejects.toMatchObject({ code: 'exists' });
    const [capture] = log.captures;
    const broken = {
      ...content,
      captures: [
        {
          ...(capture ?? never()),
          files: [{ name: 'a', sha256: 'f'.repeat(64), open: capture?.files[0]?.open ?? never }],
        },
      ],
    };
    for (const name of ['broken', 'broken.zip']) {
      const path = join(folder, name);
      await expect(writeBundle(path, broken)).rejects.toMatchObject({
        code: 'stored-bytes-differ',
      });
    }
    expect((await readdir(folder)).filter((name) => name.startsWith('broken'))).toEqual([]);
  });

  test('checked on a machine with only sha256sum and openssl, by the lines of its README', async () => {
    const copy = await copyOf(clean, 'by-hand');
    const lines = await readmeLines(copy);
    expect(lines.join('\n')).toMatch(/sha256sum[\s\S]*openssl pkeyutl[\s\S]*openssl ts/);
    expect(lines.length).toBe(7 + content.checkpoints.flatMap(({ tokens }) => tokens).length);
    for (const line of lines) expect(await exitOf(copy, line), line).toBe(0);
    expect((await verified(copy, question)).faults).toEqual([]);
    // Each line can fail: a byte less in what it reads.
    const reads: [RegExp, string][] = [
      [/tagmanifest/, 'bag-info.txt'],
      [/-c manifest-sha256/, paths.report],
      [/sha512sum/, paths.report],
      [/grep/, paths.manifest(log.captures[0]?.captureId ?? '')],
      [/pkeyutl/, '../checkpoint.text'],
      ...content.checkpoints
        .filter(({ tokens }) => tokens.length > 0)
        .map(({ size }): [RegExp, string] => [
          new RegExp(`ts -verify.*${paths.checkpoint(size)}`),
          paths.checkpoint(size),
        ]),
    ];
    for (const [line, path] of reads) {
      const bytes = await readFile(join(copy, path));
      await writeFile(join(copy, path), bytes.subarray(1));
      const command = lines.find((one) => line.test(one)) ?? '';
      expect(await exitOf(copy, command), command).not.toBe(0);
      await writeFile(join(copy, path), bytes);
    }
  });

  test('the report escapes what was captured and holds nothing that runs or loads', async () => {
    const report = await readFile(join(clean, paths.report), 'utf8');
    expect(report).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(report).not.toMatch(/<script|<link| on\w+=|url\(/i);
    const led = [...report.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, to = '']) => to);
    expect(led.filter((to) => !/^(?:#|captures\/|derivations\/)/.test(to))).toEqual([]);
    expect(report).toMatch(/@page\{size:A4/);
    expect(report).toContain("default-src 'none'");
    for (const { manifestSha256 } of log.captures) expect(report).toContain(manifestSha256);
    expect(report).toMatch(/exported<\/td>\s*<td>A\. Person/);
    expect(await readFile(join(clean, paths.certificate), 'utf8')).toMatch(
      /^DRAFT[\s\S]*902\(13\)/,
    );
  });

  test('a demonstration can not be mistaken for evidence', async () => {
    const demo = await startedLog('demo.invalid');
    await demo.capture({ environment: 'demo' });
    const path = await bundleOf(demo);
    const { warnings, verdict } = await verified(path, { ...question, vkeys: [demo.vkey] });
    expect(verdict).toBe('valid');
    expect(warnings.join('\n')).toMatch(/DEMONSTRATION[\s\S]*DEMONSTRATION/);
    for (const file of [
      paths.readme,
      paths.report,
      paths.certificate,
      paths.demonstration,
      'bag-info.txt',
    ])
      expect(await readFile(join(path, file), 'utf8'), file).toContain('DEMONSTRATION');
  });

  test('a wrong authority, allowed ranges, a proxy and no sandbox are said of the capture', async () => {
    const own = await startedLog();
    const conditions = {
      upstreamProxyHost: 'vpn.example.org',
      extraAuthoritySha256: 'a'.repeat(64),
      allowedPrivateRanges: ['10.0.0.0/8'],
      browserSandbox: false,
    };
    await own.capture({ conditions });
    const path = await bundleOf(own);
    const { warnings } = await verified(path, { ...question, vkeys: [own.vkey] });
    const report = await readFile(join(path, paths.report), 'utf8');
    const said = [
      /proxy vpn\.example\.org/,
      /extra authority \(SHA-256 a{64}/,
      /private ranges.*10\.0\.0\.0\/8/,
      /without its sandbox/,
    ];
    for (const words of said) {
      expect(warnings.join('\n')).toMatch(words);
      expect(report).toMatch(new RegExp(`class="warning">[^<]*${words.source}`));
    }
  });

  test('without a key or roots of the reader, a pass says how little it shows', async () => {
    const { warnings } = await verified(clean);
    expect(warnings.join('\n')).toMatch(/no key was given[\s\S]*no roots/);
  });

  test('a file that nobody vouches for is a fault, even when the bag lists it', async () => {
    const copy = await copyOf(clean, 'stranger');
    await writeFile(
      join(copy, 'data/captures', log.captures[0]?.captureId ?? '', 'files/confession.txt'),
      'I did it',
    );
    expect((await verified(copy, question)).faults).toContainEqual(
      expect.objectContaining({ message: 'the bag does not list this file' }),
    );
    await listAnew(copy);
    expect((await verified(copy, question)).faults).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/nothing vouches for it/) }),
    );
  });

  test.each([
    ['a page below the log', 'data/log/index.html'],
    ['a page among the details', `data/log/details/${'a'.repeat(64)}.json`],
    ['a paper beside the keys', 'data/trust/opinion.pdf'],
    ['a key that nothing names', 'data/trust/log-key-00000000.pem'],
    ['a note beside the lists', 'NOTE.txt'],
    ['a folder of its own', 'data/annex/letter.txt'],
    ['a web archive of no capture', 'data/captures/0/capture.wacz'],
    ['a proof of no entry', 'data/log/proofs/000000999999.tlog-proof'],
    ['a proof to no checkpoint', 'data/log/consistency/000000000001-000000999999.txt'],
    ['the mark of a demonstration', paths.demonstration],
  ])('%s is a fault with lists made to fit', async (_, path) => {
    const copy = await copyOf(clean, 'added');
    await mkdir(join(copy, dirname(path)), { recursive: true });
    await writeFile(join(copy, path), 'from somebody else');
    await listAnew(copy);
    const { verdict, faults } = await verified(copy, question);
    expect(verdict).toBe('invalid');
    expect(faults).toContainEqual(expect.objectContaining({ subject: path, result: 'invalid' }));
  });

  test('links, pipes and empty folders are faults, wherever they lie', async () => {
    const copy = await copyOf(clean, 'linked');
    await symlink('/etc/hostname', join(copy, 'data/log/details/link.json'));
    await symlink('../..', join(copy, 'data/trust/up'));
    await run('mkfifo', [join(copy, 'data/captures/pipe')]);
    await mkdir(join(copy, 'data/see the annex'));
    const { faults } = await verified(copy, question);
    expect(faults.map(({ subject, message }) => `${subject}: ${message}`)).toEqual([
      expect.stringMatching(/^data\/captures\/pipe: a pipe/),
      expect.stringMatching(/^data\/log\/details\/link.json: a symbolic link/),
      expect.stringMatching(/^data\/trust\/up: a symbolic link/),
      expect.stringMatching(/^data\/see the annex: a folder without a file/),
    ]);
  });

  test('another key under the name of ours is a fault, though the reader brought theirs', async () => {
    const copy = await copyOf(clean, 'key');
    const path = paths.publicKey(log.vkey.split('+')[1] ?? '');
    const { publicKey } = generateKeyPairSync('ed25519');
    await writeFile(join(copy, path), publicKey.export({ type: 'spki', format: 'pem' }));
    await listAnew(copy);
    expect((await verified(copy, question)).faults).toEqual([
      expect.objectContaining({ subject: path, message: expect.stringMatching(/is not the key/) }),
    ]);
  });

  test('what the log does not cover is listed as not covered', async () => {
    const { findings } = await verified(clean, question);
    const uncovered = findings.filter(({ message }) => /not covered by the log$/.test(message));
    expect(uncovered.map(({ subject }) => subject).sort()).toEqual(
      [
        'bag-info.txt',
        ...[paths.readme, paths.report, paths.certificate, paths.vkeys, paths.roots],
        paths.publicKey(log.vkey.split('+')[1] ?? ''),
      ].sort(),
    );
  });

  test('a capture of the case that was not handed over is named', async () => {
    const [, left] = log.captures;
    const path = join(folder, 'some');
    const fork = await log.fork();
    fork.checkpoints.push(...log.checkpoints);
    await writeBundle(path, await fork.content(log.captures.slice(0, 1), authority.rootPem));
    const { verdict, findings } = await verified(path, question);
    expect(verdict).toBe('valid');
    expect(findings).toContainEqual(
      expect.objectContaining({
        result: 'note',
        message: expect.stringMatching(
          new RegExp(`not handed over \\(manifest ${left?.manifestSha256}\\)`),
        ),
      }),
    );
  });

  test('entries after an older export can not be cut off', async () => {
    const own = await log.fork();
    const captures = log.captures.slice(0, 1);
    await own.content(captures);
    await own.capture();
    const whole = await own.content([...captures, ...own.captures]);
    const older = whole.entries as BundleEntry[];
    const cut = older.findLastIndex(({ bytes }) => String(bytes).includes('"capture"'));
    const path = join(folder, 'cut');
    await writeBundle(path, { ...whole, captures, entries: older.slice(0, cut) });
    expect((await verified(path, { vkeys: [own.vkey] })).faults).toContainEqual(
      expect.objectContaining({
        result: 'incomplete',
        message: expect.stringMatching(/a later export among them, may have been left out/),
      }),
    );
  });

  test('a bundle whose newest timestamp is older than asked for is incomplete', async () => {
    const answer = await verified(clean, { ...question, notOlderThan: new Date(inDays(1)) });
    expect(answer.verdict).toBe('incomplete');
    expect(
      (await verified(clean, { ...question, notOlderThan: new Date(inDays(-1)) })).faults,
    ).toEqual([]);
  });
});

describe('what one who knows the formats changes', () => {
  test('is found, and nothing is raised about what nobody touched (npm run prove -- adversary)', async () => {
    const said: string[] = [];
    const part = { size: 3, seed: 7, say: (line: string) => void said.push(line) };
    conclude(bundleHalf, await bundleHalf.attack(part), part, 100);
    expect(said.at(-1)).toMatch(/tamperings, .* found, .*nothing raised about any/);
  }, 120_000);

  test('captures that only the detail of the export names can not be dropped with it', async () => {
    const own = new MadeUpLog();
    for (let number = 0; number < 501; number += 1)
      await own.capture({}, { 'page/text.txt': Buffer.from(`words of ${number}`) });
    const path = await bundleOf(own);
    const asked = { ...question, vkeys: [own.vkey] };
    expect((await verified(path, asked)).faults).toEqual([]);
    const { detail_sha256 = '' } = JSON.parse(String(own.entries.at(-1)));
    await rm(join(path, paths.detail(detail_sha256)));
    await rm(join(path, 'data/captures', own.captures.at(-1)?.captureId ?? ''), {
      recursive: true,
    });
    await listAnew(path);
    expect((await verified(path, asked)).faults).toContainEqual(
      expect.objectContaining({
        kind: 'entry',
        result: 'incomplete',
        message: expect.stringMatching(/^not supplied: the entry \(exported\) rests on it/),
      }),
    );
  }, 60_000);
});

/** Commands are the lines that begin with four spaces. */
async function readmeLines(bundle: string): Promise<string[]> {
  const text = await readFile(join(bundle, paths.readme), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('    '))
    .map((line) => line.trim());
}

/** Run with nothing but the tools of coreutils, grep, sed and openssl in reach. */
async function exitOf(cwd: string, line: string): Promise<number> {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  return run('bash', ['-o', 'pipefail', '-c', line], { cwd, env }).then(
    () => 0,
    ({ code }: { code: number }) => code,
  );
}

function never(): never {
  throw new Error(createHash('md5').digest('hex'));
}
