import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { PermanentError, UnreachableError } from '../src/base/errors.ts';
import { openDatabase } from '../src/catalog/database.ts';
import { ensureEmbedded } from '../src/embedded/embedded.ts';
import { openPlace } from '../src/embedded/place.ts';

const client = fileURLToPath(new URL('./support/embedded-client.ts', import.meta.url));
const program = fileURLToPath(new URL('../scripts/holdfast.ts', import.meta.url));
const root = await mkdtemp(join(tmpdir(), 'hf-embedded-'));
const children: ChildProcess[] = [];
let homes = 0;
let template: string | null = null;

/** A home whose database files are made already, which saves the time of making them. */
async function preparedHome(name = ''): Promise<string> {
  if (template === null) {
    template = newHome();
    await answer(template);
  }
  const home = newHome(name);
  cpSync(join(template, 'postgres/db'), join(home, 'postgres/db'), { recursive: true });
  chmodSync(join(home, 'postgres/db'), 0o700);
  return home;
}

function newHome(name = ''): string {
  homes += 1;
  const home = join(root, `${homes}${name}`);
  mkdirSync(home, { recursive: true });
  return home;
}

function postmasterPid(home: string): number | null {
  const file = join(home, 'postgres/db/postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function worksIn(folder: string): boolean {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.some((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false; // it has ended
    }
  });
}

async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20)) {
    const seen = await look();
    if (seen) return seen;
  }
  throw new Error(`never came: ${what}`);
}

interface Client {
  process: ChildProcess;
  postmaster: Promise<number>;
  leave(): Promise<void>;
}

function startClient(home: string): Client {
  const child = spawn(process.execPath, [client, home], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? '{}');
  return {
    process: child,
    postmaster: next().then((said) => said.postmaster),
    async leave() {
      child.stdin.end();
      expect(await next()).toEqual({ released: true });
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  process.kill(-(child.pid as number), signal);
  await ended;
}

async function answer(home: string): Promise<number> {
  const server = await ensureEmbedded(home);
  const database = await openDatabase({ connection: server.connection, schema: 'public', max: 1 });
  try {
    const { rows } = await database.query<{ n: number }>('select 40::int8 + 2 as n');
    return rows[0]?.n ?? 0;
  } finally {
    await database.close();
    await server.release();
  }
}

afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  for (let number = 1; number <= homes; number += 1) {
    for (const name of readdirSync(root).filter((entry) => entry.startsWith(`${number}`))) {
      const pid = postmasterPid(join(root, name));
      if (pid !== null && isAlive(pid)) process.kill(pid, 'SIGQUIT');
    }
  }
  rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

describe('the embedded database', () => {
  test('is stopped by a verb whose reader has gone, as by any other', async () => {
    const home = await preparedHome();
    const verb = (...args: string[]) => {
      const env = { PATH: process.env.PATH, HOLDFAST_HOME: home };
      const child = spawn(process.execPath, [program, ...args], { env, stdio: 'pipe' });
      children.push(child);
      return child;
    };
    const made = verb('init');
    made.stdout.resume();
    expect(await once(made, 'close')).toEqual([0, null]);
    const shown = verb('status', '--json');
    shown.stdout.destroy();
    expect(await once(shown, 'close')).toEqual([0, null]);
    expect(postmasterPid(home)).toBe(null);
  });

  test('is made, started, used, and stopped by the last one out', async () => {
    const home = newHome();
    const server = await ensureEmbedded(home);
    expect(server.version).toMatch(/^18\./);
    expect(server.connection.host).toBe(join(home, 'postgres/run'));
    const pid = postmasterPid(home) as number;
    await server.release();
    await server.release();
    expect(postmasterPid(home)).toBeNull();
    await until('the end of the server', () => !isAlive(pid));
  });

  test('keeps what was written when it is stopped and started again', async () => {
    const home = await preparedHome();
    for (const expected of [1, 2]) {
      const server = await ensureEmbedded(home);
      const database = await openDatabase({ connection: server.connection, schema: 'public' });
      await database.query('create table if not exists visits (at timestamptz)');
      await database.query('insert into visits values (now())');
      const { rows } = await database.query('select count(*) as n from visits');
      expect(rows).toEqual([{ n: expected }]);
      await database.close();
      await server.release();
    }
  });

  test('opens no TCP port and lets nobody else into its folders', async () => {
    const home = await preparedHome();
    const server = await ensureEmbedded(home);
    const database = await openDatabase({ connection: server.connection, schema: 'public' });
    const { rows } = await database.query(
      `select current_setting('listen_addresses') as tcp, current_setting('fsync') as fsync,
         current_setting('synchronous_commit') as commit,
         (select string_agg(lexeme, ' ' order by lexeme) from unnest(to_tsvector('simple', 'ПРИВЕТ Ärger'))) as words`,
    );
    expect(rows).toEqual([{ tcp: '', fsync: 'on', commit: 'on', words: 'ärger привет' }]);
    await database.close();
    await server.release();
  });

  test('is one server for three processes that race to be the first', async () => {
    const home = newHome();
    const clients = [startClient(home), startClient(home), startClient(home)];
    const pids = await Promise.all(clients.map(({ postmaster }) => postmaster));
    expect(new Set(pids).size).toBe(1);
    expect(pids[0]).toBe(postmasterPid(home));
    expect(readdirSync(join(home, 'postgres')).sort()).toEqual(['db', 'postgres.log', 'run']);
    await clients[0]?.leave();
    await clients[1]?.leave();
    expect(isAlive(pids[0] as number)).toBe(true);
    await clients[2]?.leave();
    expect(postmasterPid(home)).toBeNull();
  });

  test('is there for whoever comes while the last one leaves', async () => {
    const home = await preparedHome();
    let server = await ensureEmbedded(home);
    for (let round = 0; round < 5; round += 1) {
      const leaving = server.release();
      const coming = ensureEmbedded(home);
      await leaving;
      server = await coming;
      const database = await openDatabase({ connection: server.connection, schema: 'public' });
      await database.query('select 1');
      await database.close();
    }
    await server.release();
    expect(postmasterPid(home)).toBeNull();
  });

  test('outlives the starter, killed or interrupted in its terminal', async () => {
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const home = await preparedHome();
      const starter = startClient(home);
      const pid = await starter.postmaster;
      await kill(starter.process, signal);
      expect(isAlive(pid)).toBe(true);
      const second = startClient(home);
      expect(await second.postmaster).toBe(pid);
      await second.leave();
      expect(postmasterPid(home)).toBeNull();
    }
  });

  test('comes back by itself for whoever uses it when the server is killed', async () => {
    const home = await preparedHome();
    const server = await ensureEmbedded(home);
    const database = await openDatabase({ connection: server.connection, schema: 'public' });
    await database.query('create table kept as select 7 as n');
    const pid = postmasterPid(home) as number;
    process.kill(pid, 'SIGKILL');
    await until('a new server', () => ![null, pid].includes(postmasterPid(home)));
    const rows = await until('an answer', () =>
      database.query('select n from kept').then(
        (result) => result.rows,
        (error: unknown) => {
          expect(error).toBeInstanceOf(UnreachableError);
          return null;
        },
      ),
    );
    expect(rows).toEqual([{ n: 7 }]);
    await database.close();
    await server.release();
    expect(postmasterPid(home)).toBeNull();
  });

  test('is stopped by whoever leaves while it comes up again', async () => {
    const home = await preparedHome();
    const server = await ensureEmbedded(home);
    const pid = postmasterPid(home) as number;
    process.kill(pid, 'SIGKILL');
    await until('a new server', () => ![null, pid].includes(postmasterPid(home)));
    await server.release();
    expect(postmasterPid(home)).toBeNull();
  });

  test.runIf(process.platform === 'linux')(
    'is stopped by whoever leaves before the server that comes up has written its lock file',
    async () => {
      const home = await preparedHome();
      const data = join(home, 'postgres');
      for (const leaveAfterMs of [0, 5, 10, 15, 20]) {
        const server = await ensureEmbedded(home);
        process.kill(postmasterPid(home) as number, 'SIGKILL');
        // As when a zombie, or a stranger, has the number of the killed one.
        rmSync(join(data, 'db/postmaster.pid'));
        await sleep(leaveAfterMs);
        await server.release();
        await until('nobody at work there', () => !worksIn(data));
      }
    },
  );

  test('starts after the server was killed while nobody looked', async () => {
    const home = await preparedHome();
    const starter = startClient(home);
    const pid = await starter.postmaster;
    await kill(starter.process, 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    expect(await answer(home)).toBe(42);
  });

  test('starts although its first user was killed in the middle of initdb', async () => {
    const home = newHome();
    const starter = startClient(home);
    const folder = join(home, 'postgres');
    await until(
      'initdb at work',
      () => existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('db.new-')),
    );
    await kill(starter.process, 'SIGKILL');
    expect(existsSync(join(folder, 'db'))).toBe(false);
    expect(await answer(home)).toBe(42);
  });

  test.runIf(process.platform === 'linux')(
    'starts when its old process number now belongs to another program',
    async () => {
      const home = await preparedHome();
      expect(await answer(home)).toBe(42);
      // Not our own number: PostgreSQL itself disregards that of its parent.
      const other = spawn('sleep', ['600']);
      children.push(other);
      const stale = [other.pid, join(home, 'postgres/db'), 1, 5432, '', '', '', ''].join('\n');
      writeFileSync(join(home, 'postgres/db/postmaster.pid'), stale);
      writeFileSync(join(home, 'postgres/run/.s.PGSQL.5432.lock'), stale);
      expect(await answer(home)).toBe(42);
    },
  );

  test('takes any folder name as a name, never as a command', async () => {
    const home = await preparedHome(` it's "a" $(touch ${root}/pwned), b;`.replaceAll('/', '_'));
    expect(await answer(home)).toBe(42);
    expect(
      readdirSync(root).filter((name) => name.includes('pwned') && !name.includes(' ')),
    ).toEqual([]);
  });

  test('puts its socket elsewhere when the path is too long for one, and says so', async () => {
    const home = await preparedHome(`-${'deep'.repeat(30)}`);
    const said: string[] = [];
    const log = { info: (line: string) => said.push(line) } as never;
    const server = await ensureEmbedded(home, { log });
    expect(said.join()).toContain('too long for a socket');
    expect(server.connection.host.startsWith(tmpdir())).toBe(true);
    await server.release();

    chmodSync(server.connection.host, 0o777);
    await expect(openPlace(home)).rejects.toBeInstanceOf(PermanentError);
    rmSync(server.connection.host, { recursive: true });
  });

  test('stops trying when told to', async () => {
    const home = newHome();
    const stop = new AbortController();
    const starting = ensureEmbedded(home, { signal: stop.signal });
    await until('initdb at work', () => existsSync(join(home, 'postgres')));
    stop.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
    expect(
      readdirSync(join(home, 'postgres')).filter((name) => name.startsWith('db.new-')),
    ).toEqual([]);
  });

  test('says what to do when it cannot start', async () => {
    const home = await preparedHome();
    expect(await answer(home)).toBe(42);
    writeFileSync(join(home, 'postgres/db/postgresql.conf'), 'no_such_setting = 1\n');
    await expect(ensureEmbedded(home)).rejects.toThrow(/doesn't start.*no_such_setting/s);
  });
});
