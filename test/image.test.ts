/** The image, as far as it can be tried without a container engine: laid out in an empty folder and started from there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workersSeen } from '../src/catalog/heartbeats.ts';
import { type TestDatabase, testDatabase, urlOf } from './support/database.ts';
import { layOut, readDockerfile } from './support/image.ts';
import { until } from './support/queues.ts';

const instructions = await readDockerfile();
const folder = await mkdtemp(join(tmpdir(), 'hf-image-'));
const workdir = join(folder, 'opt');
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await layOut(instructions, workdir);
  // npm fetches what its cache does not hold.
}, 300_000);

afterAll(async () => {
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts what a container would run: the words after `node` in ENTRYPOINT, then these. */
function start(words: string[]) {
  const entrypoint = listOf('ENTRYPOINT');
  const flags = entrypoint.slice(entrypoint.indexOf('node') + 1);
  const child = spawn(process.execPath, [...flags, ...words], {
    cwd: workdir,
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: urlOf(database.connection),
      HOLDFAST_HOME: join(folder, 'home'),
      HOLDFAST_YTDLP: 'none',
    },
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    printed.stdout += data;
  });
  child.stderr.on('data', (data) => {
    printed.stderr += data;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), ...printed }));
  return { child, ended };
}

function listOf(name: string): string[] {
  const words = instructions.find((instruction) => instruction.name === name)?.words ?? '[]';
  return JSON.parse(words) as string[];
}

test('the workers start in it, are found healthy, and end when they are told to', async () => {
  const migrated = await start(['scripts/holdfast.ts', 'migrate']).ended;
  expect(migrated.code, migrated.stderr).toBe(0);

  const workers = start(listOf('CMD'));
  let over = false;
  const ended = workers.ended.finally(() => {
    over = true;
  });
  try {
    await until(async () => over || (await workersSeen(database.database)).length > 0, 60_000);
    const healthy = await start(['scripts/holdfast.ts', 'status', '--json']).ended;
    expect(healthy.code, healthy.stderr).toBe(0);
  } finally {
    workers.child.kill('SIGTERM');
  }
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(0);
});

test('every module in it finds the files and packages that it names', () => {
  const missing = modules().flatMap((path) =>
    namedBy(readFileSync(path, 'utf8'))
      .filter((name) => !isThere(name, dirname(path)))
      .map((name) => `${path.slice(workdir.length + 1)} -> ${name}`),
  );
  expect(missing).toEqual([]);
});

function modules(): string[] {
  return readdirSync(workdir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('node_modules'))
    .map((path) => join(workdir, path));
}

/** Imports that exist when it runs, and files that lie beside it. */
function namedBy(text: string): string[] {
  const imports =
    /^(?:import|export) (?!type )[^;]*?from '([^']+)'|import\('([^']+)'\)|^import '([^']+)'/gm;
  const files = /new URL\('([^']+)', import\.meta\.url\)/g;
  return [
    ...[...text.matchAll(imports)].map(([, fixed, lazy, bare]) => fixed ?? lazy ?? bare ?? ''),
    // Of a checkout the commit is told; of anything else there is none.
    ...[...text.matchAll(files)]
      .map(([, path = '']) => `./${path}`)
      .filter((path) => !path.endsWith('.git/')),
  ];
}

/** A checkout bundles the script of the pages when it is first asked for; without it they work all the same. */
const forCheckouts = ['rolldown'];

function isThere(name: string, from: string): boolean {
  if (name.startsWith('node:') || forCheckouts.includes(name)) return true;
  if (name.startsWith('.')) return existsSync(resolve(from, name));
  const parts = name.split('/').slice(0, name.startsWith('@') ? 2 : 1);
  return parts[0] === 'holdfast' || existsSync(join(workdir, 'node_modules', ...parts));
}

test('it has every Debian package that set-up installs for capturing', () => {
  const script = readFileSync(new URL('../scripts/setup.sh', import.meta.url), 'utf8');
  const [capturing = ''] = /missing_debian_packages\(\) \{.*?--for-tests/s.exec(script) ?? [];
  const wanted = [...capturing.matchAll(/\becho ([a-z0-9 -]+)$/gm)].flatMap(([, names = '']) =>
    names.split(' '),
  );
  expect(wanted).toContain('ffmpeg');
  const installed = instructions
    .find(({ words }) => words.startsWith('apt-get'))
    ?.words.split(/\s+/);
  expect(installed).toEqual(expect.arrayContaining(wanted));
});

test('where the native code of sharp is missing, doctor names sharp and nothing else', async () => {
  const native = join(workdir, 'node_modules/@img');
  await rename(native, `${native}-elsewhere`);
  const { code, stdout } = await start(['scripts/holdfast.ts', 'doctor', '--json']).ended;
  await rename(`${native}-elsewhere`, native);
  expect(code).toBe(69);
  const findings = JSON.parse(stdout) as {
    what: string;
    state: string;
    found: string;
    fix: string;
  }[];
  const about = (word: RegExp) => findings.filter((finding) => word.test(JSON.stringify(finding)));
  expect(about(/sharp/)).toMatchObject([
    {
      what: 'pictures',
      state: 'fault',
      fix: expect.stringContaining('npm ci --include=optional'),
    },
  ]);
  expect(findings.filter(({ state }) => state === 'fault').map(({ what }) => what)).toEqual([
    'pictures',
  ]);
  expect(findings.find(({ what }) => what === 'text in pictures')).toMatchObject({
    found: 'not checked: pictures cannot be read',
  });
});

describe('what the container of the workers may ask of the kernel', () => {
  const profile = JSON.parse(readFileSync('docker/seccomp.json', 'utf8')) as {
    defaultAction: string;
    syscalls: { names: string[]; action: string }[];
  };
  const allowed = profile.syscalls
    .filter(({ action }) => action === 'SCMP_ACT_ALLOW')
    .flatMap(({ names }) => names);

  test('nothing but what is listed, and no way to other processes, keys and modules', () => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    const never =
      'add_key bpf fsopen init_module io_uring_setup kexec_load keyctl move_mount open_by_handle_at perf_event_open personality process_vm_readv process_vm_writev ptrace request_key setns userfaultfd';
    expect(never.split(' ').filter((name) => allowed.includes(name))).toEqual([]);
    const needed = 'clone unshare mount pivot_root chroot seccomp futex socket execve';
    expect(needed.split(' ').filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('with no capability, no new privileges and limits', () => {
    const compose = readFileSync('docker-compose.yml', 'utf8');
    const workers = compose.slice(compose.indexOf('\n  workers:'), compose.indexOf('\nvolumes:'));
    for (const line of [
      'cap_drop: [ALL]',
      'no-new-privileges:true',
      'seccomp=docker/seccomp.json',
      'pids_limit:',
      'mem_limit:',
    ])
      expect(workers).toContain(line);
    expect(compose.match(/cap_drop: \[ALL\]/g)).toHaveLength(4);
    expect(compose).not.toMatch(/privileged: true|SYS_ADMIN|seccomp=unconfined/);
  });
});
