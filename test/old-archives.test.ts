/**
 * What version 0.1.0 left behind stays good under every version after it: its archive, opened
 * with its catalog and rebuilt from its files alone, and two bundles that were handed over.
 *
 * All of it is asked through the command line and compared with what 0.1.0 itself answered.
 * Where a verb or a field is renamed, what is asked or expected is translated here. The packed
 * file never changes: old entries and records keep their words.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLine } from './support/command-line.ts';
import {
  type Answer,
  type OldArchive,
  openOldArchive,
  packedFile,
  unpack,
} from './support/old-archive.ts';

const digest = 'ce23ed5d861c22e595b956bb18405755e9b7791328cccee2f930cae49db144ea';

/** What kinds of findings were called then, and are called today. */
const kinds: Record<string, string> = { tombstone: 'removal' };

const order = ['--authority', 'A court', '--reference', '12/34', '--reason', 'a test'];

/** What the files alone can tell, and what takes the catalog that was kept. */
const asked = [
  'every capture',
  'the list of all',
  'a word of a post',
  'a word in a picture',
  'a word that was removed',
  'a tag of a case',
  'all about a source',
  'copies of a clip',
  'what was found removed',
  'removals by platform',
  'holds in force',
  'what belongs together',
];
const more = ['what is watched', 'alerts', 'keys', 'profiles'];

interface Capture {
  id: string;
  submission: { case: string | null };
  post: object | null;
  artifacts: { role: string; name: string; sha256: string }[];
}

interface Watch {
  sourceKey: string;
  everyMs: number | null;
  cron: string | null;
  adaptive: boolean;
  quiet: object | null;
  untilGone: boolean;
  state: string;
  /** Of a case or an author, whose sweep makes it again. */
  scope: string | null;
}

interface Verdict {
  verdict: string;
  invalid: number;
  incomplete: number;
}

type Findings = Verdict & { findings: { kind: string; subject: string; result: string }[] };
/** As version 0.1.0 printed them. */
type OldFindings = Verdict & { checks: { step: string; subject: string; result: string }[] };

const opened = new AsyncDisposableStack();
let folder: string;
let old: string;
let answers: Record<string, Answer>;
let migrated: OldArchive;
let rebuilt: OldArchive;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-old-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  old = join(folder, 'version-0.1.0');
  await unpack(old);
  answers = JSON.parse(await readFile(join(old, 'answers.json'), 'utf8'));
  migrated = opened.use(await openOldArchive(old, join(folder, 'migrated'), 'kept'));
  rebuilt = opened.use(await openOldArchive(old, join(folder, 'rebuilt'), 'lost'));
  for (const { code, stderr } of await Promise.all([
    migrated.run('migrate'),
    rebuilt.run('rebuild'),
  ]))
    expect({ code, stderr }).toMatchObject({ code: 0 });
});

afterAll(() => opened.disposeAsync());

test('what version 0.1.0 left behind is what it was', async () => {
  const bytes = await readFile(packedFile);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest);
});

/** That a file was removed by order is told since then among the warnings. */
function withoutRemovals(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value: unknown) =>
    key === 'warnings' && Array.isArray(value)
      ? value.filter((words) => !/ removed by order on /.test(String(words)))
      : value,
  );
}

describe.each([
  ['migrated', () => migrated, [...asked, ...more]],
  ['rebuilt from its files', () => rebuilt, asked],
] as const)('an archive of version 0.1.0, %s,', (_, archive, questions) => {
  const removal = (target: string) => archive().run('removal', target, ...order, '--yes');

  test('has no fault', async () => {
    expect(await faultsOf(archive())).toEqual([]);
  });

  test.concurrent.each(questions)('tells what 0.1.0 told: %s', async (question) => {
    const { args, answer } = told(question);
    expect(withoutRemovals(await archive().ask(...args))).toMatchObject(answer);
  });

  test('is watched as people wanted it then', async () => {
    const now = (await archive().ask('watches')) as Watch[];
    expect(plans(now)).toEqual(plans(told('what is watched').answer as Watch[]));
  });

  test('refuses to remove what was held then', async () => {
    const [hold] = told('holds in force').answer as { scope: string }[];
    expect(await removal(hold?.scope ?? '')).toMatchObject({
      code: 77,
      stderr: expect.stringContaining('[on-hold]'),
    });
  });

  test('gives up a file by an order of today, and has no fault', async () => {
    const { sha256 } = fileOfClip('keyframe');
    const object = objectOf(archive(), sha256);
    expect(existsSync(object)).toBe(true);
    expect(await removal(sha256)).toMatchObject({ code: 0 });
    expect(existsSync(object)).toBe(false);
    expect(await faultsOf(archive())).toEqual([]);
  });
});

describe('an archive of version 0.1.0 that gave up a file then and one today', () => {
  const path = (name: string) => join(folder, name);

  test('is handed over as bundle, files and web archive', async () => {
    const [{ id: clip } = { id: '' }, ...others] = posts();
    const to = { bundle: path('bundle'), files: path('files'), wacz: path('clip.wacz') };
    const both = [clip, ...others.map(({ id }) => id)];
    const exports = await Promise.all([
      migrated.run('export', ...both, '--format', 'bundle', '--to', to.bundle),
      migrated.run('export', clip, '--format', 'files', '--to', to.files),
      migrated.run('export', clip, '--format', 'wacz', '--to', to.wacz),
    ]);
    for (const { code, stderr } of exports) expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await findings(to.bundle)).toMatchObject({ verdict: 'valid' });
    expect(await migrated.run('verify-wacz', to.wacz)).toMatchObject({ code: 0 });
    const cwd = join(to.files, clip);
    await promisify(execFile)('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd });
  });

  test('has a fault once a byte of it is another', async () => {
    const { sha256, name } = fileOfClip('screenshot.focal');
    await spoil(objectOf(migrated, sha256));
    expect(await faultsOf(migrated, posts()[0]?.id)).toEqual([expect.stringContaining(name)]);
  });
});

describe('of what version 0.1.0 handed over', () => {
  const path = (name: string) => join(old, ...(told(name).args[1] ?? '').split('/'));

  test.each(['the bundle of a case', 'the bundle of one role'])(
    '%s is found as it was then',
    async (name) => {
      const { checks, ...verdict } = told(name).answer as OldFindings;
      const found = await findings(path(name));
      expect(found).toMatchObject(verdict);
      const inWordsOfToday = checks.map(({ step, ...rest }) => ({
        kind: kinds[step] ?? step,
        ...rest,
      }));
      expect(found.findings).toEqual(
        expect.arrayContaining(inWordsOfToday.map((one) => expect.objectContaining(one))),
      );
    },
  );

  test('the bundle of a case is invalid once a byte of it is another', async () => {
    const { id } = posts()[0] ?? {};
    const bundle = path('the bundle of a case');
    await spoil(join(bundle, 'data', 'captures', id ?? '', 'files', 'embed', 'text.txt'));
    expect(await findings(bundle)).toMatchObject({ verdict: 'invalid' });
  });
});

function told(question: string): Answer {
  const answer = answers[question];
  if (answer === undefined) throw new Error(`0.1.0 was not asked for ${question}`);
  return answer;
}

/** Captures of the first case that have a post, the one with a clip first. */
function posts(): Capture[] {
  const captures = told('every capture').answer as Capture[];
  return captures.filter(({ post, submission }) => post && submission.case === 'First case');
}

/** Without what a sweep makes and changes. */
function plans(watches: Watch[]): object[] {
  return watches
    .filter(({ scope }) => scope === null)
    .map(({ sourceKey, everyMs, cron, adaptive, quiet, untilGone, state }) => {
      return { sourceKey, everyMs, cron, adaptive, quiet, untilGone, state };
    })
    .sort((one, other) => (one.sourceKey < other.sourceKey ? -1 : 1));
}

function fileOfClip(role: string): { name: string; sha256: string } {
  const file = posts()[0]?.artifacts.find((artifact) => artifact.role === role);
  if (file === undefined) throw new Error(`the capture of the clip has no ${role}`);
  return file;
}

function objectOf({ home }: OldArchive, sha256: string): string {
  return join(home, 'vault', 'objects', sha256.slice(0, 2), sha256);
}

/** One line a fault; none where `verify` passes. */
async function faultsOf(archive: OldArchive, what = '--all'): Promise<string[]> {
  const { code, stdout } = await archive.run('verify', what, '--jsonl');
  const checks = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { subject: string; ok: boolean; message: string });
  const faults = checks.filter(({ ok }) => !ok);
  expect(checks.length).toBeGreaterThan(20);
  expect(code).toBe(faults.length === 0 ? 0 : 5);
  return faults.map(({ subject, message }) => `${subject}: ${message}`);
}

/** What `verify` finds in a bundle, with everything to trust that was handed over beside it. */
async function findings(bundle: string): Promise<Findings> {
  const trust = (name: string) => join(old, 'trust', name);
  const { code, stdout } = await commandLine(old)([
    ...['verify', bundle, '--json', '--vkey', trust('log.vkeys')],
    ...['--tsa-roots', trust('tsa-roots.pem'), '--witness', trust('witness.vkeys')],
    ...['--bitcoin-headers', trust('bitcoin-headers.txt')],
  ]);
  const found = JSON.parse(stdout) as Findings;
  expect(code).toBe(found.verdict === 'valid' ? 0 : 5);
  return found;
}

async function spoil(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await chmod(path, 0o600);
  await writeFile(path, bytes);
}
