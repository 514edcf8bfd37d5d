/** Tools that read what strangers made: they see their input, and reach nothing else. */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runConfined } from '../src/media/tools/confine.ts';
import { confinement, meansOf } from '../src/media/tools/confinement.ts';
import { systemCallFilter } from '../src/media/tools/system-call-filter.ts';
import { openFileVault } from '../src/vault/files.ts';
import { until } from './support/queues.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const means = await meansOf();
const held = means.by === 'bubblewrap';
const isRoot = process.getuid?.() === 0;
const withBubblewrap = (name: string) =>
  held ? name : `${name} (skipped: bubblewrap is missing or refused here)`;
/** Of nobody in particular: whoever isn't root has no more rights than it. */
const stranger = 65_534;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-confine-'));
  chmodSync(folder, 0o755);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Look {
  by: string;
  words: string;
  lines: string[];
  broke: string | null;
  complaints: string[];
}

const looker = join(import.meta.dirname, 'support', 'confined-look.ts');

/** What a shell in the place of a tool meets, in a process of its own. */
async function look(
  script: string,
  { input, as, path }: { input?: string; as?: number; path?: string } = {},
): Promise<Look> {
  const work = join(folder, 'work');
  mkdirSync(work);
  if (as !== undefined) chownSync(work, as, as);
  const words = [process.execPath, looker, work, script, ...(input === undefined ? [] : [input])];
  const become = ['--reuid', String(as), '--regid', String(as), '--clear-groups', '--'];
  const [command = '', ...rest] = as === undefined ? words : ['setpriv', ...become, ...words];
  const env = { ...process.env, PATH: path ?? process.env.PATH, HOLDFAST_SECRET: 'not for others' };
  const { stdout } = await run(command, rest, { env });
  return JSON.parse(stdout) as Look;
}

/** A home with a key, a file that anybody may read, and an input. */
function plant(owner?: number) {
  const at = (name: string) => join(folder, name);
  mkdirSync(at('home'), { mode: 0o700 });
  writeFileSync(at('home/log.key'), 'the-planted-key', { mode: 0o600 });
  writeFileSync(at('neighbour.txt'), 'the-planted-neighbour', { mode: 0o644 });
  writeFileSync(at('home/input.bin'), 'the-input', { mode: 0o400 });
  if (owner !== undefined)
    for (const name of ['home', 'home/log.key', 'home/input.bin'])
      chownSync(at(name), owner, owner);
  return { key: at('home/log.key'), neighbour: at('neighbour.txt'), input: at('home/input.bin') };
}

const mark = `/etc/holdfast-test-${process.pid}`;

/** Everything that must fail, and the one thing that must not. */
function attempts({ key, neighbour, input }: ReturnType<typeof plant>): string {
  return [
    `cat ${input}; echo`,
    `cat ${key} ${neighbour} /etc/passwd`,
    `ls ${folder}/home /root /home; ls /proc/1/root/etc`,
    `echo x > ${mark}; echo x > ${input}; echo x > /tmp/x; echo x > ${folder}/x; mkdir /etc/x`,
    'env; cat /proc/net/dev; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status',
    'echo mine > kept; cat kept',
  ].join('\n');
}

/** Names in `/proc/net/dev`: each is followed by many numbers. */
function devicesIn(lines: string[]): string[] {
  return lines.flatMap((line) => /^\s*([\w@-]+):(?:\s+\d+){8,}/.exec(line)?.slice(1) ?? []);
}

function expectHeld({ lines, words }: Look): void {
  const said = lines.join('\n');
  expect(said).toContain('the-input');
  expect(said).toContain('mine');
  expect(said).not.toMatch(/the-planted|root:|not for others/);
  expect(existsSync(mark)).toBe(false);
  expect(devicesIn(lines)).toEqual(['lo']);
  for (const set of ['Prm', 'Eff', 'Bnd', 'Inh', 'Amb']) {
    expect(said).toMatch(new RegExp(`^Cap${set}:\\s+0{16}$`, 'm'));
  }
  expect(said).toMatch(/^NoNewPrivs:\s+1$/m);
  if (words.includes('system calls filtered')) expect(said).toMatch(/^Seccomp:\s+2$/m);
}

describe.runIf(held)(withBubblewrap('a tool in bubblewrap'), () => {
  test('sees its input and nothing else, and writes to its own folder only', async () => {
    const planted = plant();
    expectHeld(await look(attempts(planted), { input: planted.input }));
    expect(readFileSync(planted.input, 'utf8')).toBe('the-input');
    expect(readFileSync(join(folder, 'work', 'kept'), 'utf8')).toBe('mine\n');
  });

  test.runIf(isRoot)('the same where an ordinary user starts it', async () => {
    const planted = plant(stranger);
    const seen = await look(attempts(planted), { input: planted.input, as: stranger });
    expect(seen.words).toContain(
      seen.by === 'bubblewrap' ? 'in namespaces of its own' : 'not confined',
    );
    if (seen.by === 'bubblewrap') expectHeld(seen);
  });

  test.runIf(isRoot)('started by root it is another user, seen from outside', async () => {
    const stop = new AbortController();
    const naps = `4${process.pid}.5`;
    const options = [naps];
    const sleeping = runConfined(
      { executable: 'sleep', options, timeLimitMs: 60_000, onLine: () => {} },
      stop.signal,
    );
    sleeping.catch(() => {});
    await until(async () => (await processWith(['sleep', naps])) !== null);
    const pid = await processWith(['sleep', naps]);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const uid = means.by === 'bubblewrap' ? means.user?.uid : undefined;
    expect(uid).toBeGreaterThan(0);
    expect(status).toMatch(new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, 'm'));
    stop.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    expect(await processWith(['sleep', naps])).toBeNull();
  });

  test('of the vault it sees the one object that it was given', async () => {
    const vault = await openFileVault(join(folder, 'home', 'vault'));
    const [given, other] = [await vault.put('given'), await vault.put('other')];
    const [input, beside] = [await vault.path(given.sha256), await vault.path(other.sha256)];
    const { lines } = await look(`cat ${input}; echo; cat ${beside}; ls ${folder}/home/vault`, {
      input,
    });
    expect(lines).toEqual(['given', 'objects']);
    // Lent to a group, and nobody's to write; the other as it was.
    expect(statSync(input).mode & 0o777 & ~0o040).toBe(0o400);
    expect(statSync(beside).mode & 0o777).toBe(0o400);
    expect((await vault.rehash(given.sha256))?.sha256).toBe(given.sha256);
  });

  test('a file that is not the vault’s is left as it is', async () => {
    const { input } = plant();
    const { lines } = await look(`cat ${input}; echo`, { input });
    expect(lines).toEqual(['the-input']);
    expect(statSync(input)).toMatchObject({ uid: process.getuid?.(), gid: process.getgid?.() });
    expect(statSync(input).mode & 0o777).toBe(0o400);
  });

  test('has no way into the kernel that a decoder does not need', async () => {
    const script = [
      'unshare --user true && echo user-namespace',
      'unshare --net true && echo network-namespace',
      `perl -e 'use Socket; socket(my $s, 16, SOCK_RAW, 0) and print "netlink\\n"'`,
      `perl -e 'use Socket; socket(my $s, 40, SOCK_STREAM, 0) and print "vsock\\n"'`,
      `perl -e 'use Socket; socket(my $s, 2, SOCK_STREAM, 0) and print "inet\\n"'`,
      'mkfifo pipe && echo pipe',
    ].join('\n');
    const { lines, words } = await look(script);
    expect(words.includes('not filtered') ? ['inet'] : lines).toEqual(['inet']);
  });

  test('what broke it is said as if nothing stood between us and it', async () => {
    const broken = (script: string, processorLimitMs?: number) =>
      runConfined(
        {
          ...{ executable: 'sh', options: ['-c', script], timeLimitMs: 60_000, onLine: () => {} },
          ...(processorLimitMs !== undefined && { processorLimitMs }),
        },
        never,
      );
    expect((await broken('kill -SEGV $$')).broke).toBe('killed with signal SIGSEGV');
    expect((await broken('exit 3')).broke).toBe('exited with code 3');
    expect((await broken('while :; do :; done', 1_000)).broke).toBe('killed with signal SIGXCPU');
  });

  test('what it spent is counted as it counts itself', async () => {
    // Not until it is stopped: the kernel stops by ticks, and on a busy machine too early.
    const script = 'my $spent = 0; while ($spent < 1) { my @of = times; $spent = $of[0] + $of[1] }';
    const options = ['-e', `${script} print 1000 * $spent`];
    const said: string[] = [];
    const limits = { timeLimitMs: 60_000, processorLimitMs: 30_000 };
    const onLine = (line: string) => void said.push(line);
    const { broke, processorMs } = await runConfined(
      { executable: 'perl', options, ...limits, onLine },
      never,
    );
    expect(broke).toBeNull();
    expect(processorMs).toBeGreaterThan(0.9 * Number(said[0]));
  });
});

test('what a tool left is plain files: no links that lead us elsewhere', async () => {
  const { key } = plant();
  const { broke } = await look(
    `ln -s ${key} link; mkdir below; ln -s / below/root; echo a > below/plain; ln below/plain twice`,
  );
  expect(broke).toBeNull();
  const work = join(folder, 'work');
  expect((await readdir(work)).toSorted()).toEqual(['below', 'twice']);
  expect(await readdir(join(work, 'below'))).toEqual(['plain']);
  for (const name of ['below', 'twice', 'below/plain']) {
    expect(await lstat(join(work, name))).toMatchObject({ uid: process.getuid?.() });
  }
});

test('without bubblewrap a tool runs all the same, and what is made does not claim more', async () => {
  const programs = ['sh', 'cat', 'unshare', 'setpriv', 'prlimit', 'true', 'ip', 'grep'];
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of programs) {
    const found = (process.env.PATH ?? '')
      .split(delimiter)
      .find((at) => existsSync(join(at, name)));
    if (found !== undefined) symlinkSync(join(found, name), join(bin, name));
  }
  const { input } = plant();
  const seen = await look(`cat ${input}; echo; cat /proc/net/dev; grep CapEff /proc/self/status`, {
    input,
    path: bin,
  });
  expect(seen).toMatchObject({
    by: process.platform === 'linux' ? 'unshare' : 'nothing',
    broke: null,
  });
  expect(seen.lines[0]).toBe('the-input');
  expect(seen.words).toMatch(/^not confined/);
  expect(seen.words).not.toMatch(/sees its input|no capabilities/);
  if (seen.words.includes('no network')) expect(devicesIn(seen.lines)).toEqual(['lo']);
  else expect(seen.words).toContain('could not be taken away');
  expect(seen.lines.join('\n')).toMatch(/CapEff:\s+0{16}/);
});

test('where a program can not be found, that is what is said', async () => {
  const absent = { executable: 'no-such-tool', options: [], timeLimitMs: 5_000, onLine: () => {} };
  expect((await runConfined(absent, never)).broke).toMatch(/code 12[67]|ENOENT/);
});

test('the filter is a program that the kernel could load', async () => {
  for (const machine of ['x64', 'arm64'] as const) {
    const filter = systemCallFilter(machine) ?? Buffer.alloc(0);
    const count = filter.length / 8;
    expect(Number.isInteger(count) && count > 50 && count < 4096).toBe(true);
    // Whatever is jumped over, there is something behind it, and the last word is an answer.
    for (let index = 0; index < count; index++) {
      const [ifTrue, ifFalse] = [filter[index * 8 + 2] ?? 0, filter[index * 8 + 3] ?? 0];
      expect(index + 1 + Math.max(ifTrue, ifFalse)).toBeLessThanOrEqual(count);
    }
    expect(filter.readUInt16LE((count - 1) * 8)).toBe(6);
  }
  expect(systemCallFilter('riscv64')).toBeNull();
  expect(await confinement()).toMatch(/^(bubblewrap: |not confined)/);
});

async function processWith(words: string[]): Promise<string | null> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `${words.join('\0')}\0`) return pid;
    } catch {
      // It ended meanwhile.
    }
  }
  return null;
}
