/** Trusted time and witnesses: real tokens by `openssl ts`, and authorities that can't be relied on. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { newestCheckpoint, timestampsOf } from '../src/catalog/checkpoints.ts';
import { logEntriesFrom } from '../src/catalog/log-entries.ts';
import { captureRecord } from '../src/catalog/show.ts';
import { pendingTimestamps } from '../src/catalog/timestamp-schedule.ts';
import { witnessState } from '../src/catalog/witness-schedule.ts';
import { makeCheckpoint } from '../src/pipeline/custody/checkpoint.ts';
import { authorityName, stampDue, sweepSeal, tokenRecord } from '../src/pipeline/custody/stamp.ts';
import { askWitnesses } from '../src/pipeline/custody/witness.ts';
import { replaceCatalog } from '../src/pipeline/rebuild/catalog.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { publicKeys } from '../src/seal/keys.ts';
import { readEntry } from '../src/seal/log-entry.ts';
import { timestampRequest, tokenIn } from '../src/seal/timestamp-request.ts';
import { addTimestampHosts, type TimestampHosts } from './internet/timestamp-authority.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { type Outside, openOutside } from './support/outside.ts';

const opened = new AsyncDisposableStack();
const signal = new AbortController().signal;
let outside: Outside;
let hosts: TimestampHosts;

beforeAll(async () => {
  outside = opened.use(await openOutside());
  hosts = await addTimestampHosts(outside.world, join(outside.folder, 'authority'));
});

afterAll(() => opened.disposeAsync());

function stampedBy(...urls: string[]): Promise<TestArchive> {
  return outside.archive({
    HOLDFAST_TSA_URLS: urls.join(','),
    HOLDFAST_TSA_ROOTS: hosts.rootsFile,
  });
}

async function kinds(archive: TestArchive): Promise<{ kind: string; code: unknown }[]> {
  const { rows } = await archive.parts.database.query<{ kind: string; code: unknown }>(
    `select kind, detail ->> 'code' as code from events order by at, id`,
  );
  return rows;
}

async function faults(archive: TestArchive): Promise<string[]> {
  const found: string[] = [];
  for await (const check of verifyAll(archive.parts)) {
    if (!check.ok) found.push(`${check.subject}: ${check.message}`);
  }
  return found;
}

describe('a checkpoint', () => {
  test('is stamped, openssl agrees, the log records the token, and show says by when it existed', async () => {
    await using archive = await stampedBy(hosts.honest);
    const captureId = await archive.capture();
    await sweepSeal(archive.parts, signal);
    const { database, vault } = archive.parts;
    const shown = await captureRecord(database, captureId);
    expect(shown?.seal).toMatchObject({
      stage: 'stamped',
      timestamps: [{ authority: hosts.honest, at: expect.any(String) }],
    });
    const size = shown?.seal?.checkpoint ?? 0;
    const [row] = await timestampsOf(database, size);
    const token = await vault.readRecord('timestamps', tokenRecord(size, hosts.honest));
    const note = (await newestCheckpoint(database))?.note;
    await writeFile(join(outside.folder, 'note'), note ?? '');
    await writeFile(join(outside.folder, 'token'), token ?? '');
    const said = execFileSync('openssl', [
      ...[
        'ts',
        '-verify',
        '-data',
        join(outside.folder, 'note'),
        '-in',
        join(outside.folder, 'token'),
      ],
      ...['-token_in', '-CAfile', hosts.rootsFile],
    ]);
    expect(said.toString()).toContain('Verification: OK');
    const entries = (await logEntriesFrom(database, 0, 10)).map(({ body }) => readEntry(body));
    expect(entries.map(({ type }) => type)).toEqual(['capture', 'timestamped']);
    expect(entries[1]?.targets).toEqual([row?.tokenSha256]);
    expect(await faults(archive)).toEqual([]);
  });

  test('that only covers the last token is signed, for the next capture to name, but not stamped again', async () => {
    await using archive = await stampedBy(hosts.honest);
    await archive.capture();
    for (let round = 0; round < 3; round += 1) await sweepSeal(archive.parts, signal);
    const entries = await logEntriesFrom(archive.parts.database, 0, 10);
    expect(entries.map(({ type }) => type)).toEqual(['capture', 'timestamped']);
    expect((await newestCheckpoint(archive.parts.database))?.size).toBe(2);
    const later = await archive.capture();
    const manifest = await archive.parts.vault.readRecord('manifests', later);
    expect(JSON.parse(manifest?.toString() ?? '{}').priorCheckpoint.size).toBe(2);
  });

  test('is stamped by the honest authority whatever the others do', async () => {
    await using archive = await stampedBy(hosts.lying, hosts.garbage, hosts.down, hosts.honest);
    hosts.isDown = true;
    await archive.capture();
    await sweepSeal(archive.parts, signal);
    const { database } = archive.parts;
    const stamps = await timestampsOf(database, 1);
    expect(stamps.map(({ authority }) => authority)).toEqual([hosts.honest]);
    const pending = await pendingTimestamps(database);
    const failures = Object.fromEntries(
      pending.map(({ authority, failure }) => [authority, failure?.split(':')[0]]),
    );
    expect(failures).toEqual({
      [hosts.lying]: 'clock-suspect',
      [hosts.garbage]: 'timestamp-garbage',
      [hosts.down]: 'timestamp-status',
    });
    const told = await kinds(archive);
    expect(told).toContainEqual({ kind: 'clock.suspect', code: 'clock-suspect' });
    expect(
      await archive.parts.vault.readRecord('timestamps', tokenRecord(1, hosts.lying)),
    ).toBeNull();
    // Asked again, for the same reason: nobody is told twice.
    await database.query('update timestamp_schedule set next_at = now()');
    hosts.isDown = false;
    await stampDue(archive.parts, signal);
    expect(await kinds(archive)).toEqual(told);
    const again = await timestampsOf(database, 1);
    expect(again.map(({ authority }) => authority).sort()).toEqual([hosts.down, hosts.honest]);
    expect(await faults(archive)).toEqual([]);
  });

  test('is not stamped under a policy that the settings do not accept', async () => {
    await using archive = await stampedBy(hosts.honest);
    archive.parts.config.seal.tsaPolicies = ['1.2.3.4.9'];
    await archive.capture();
    await sweepSeal(archive.parts, signal);
    const [pending] = await pendingTimestamps(archive.parts.database);
    expect(pending?.failure).toMatch(/^token-policy: /);
    expect(await timestampsOf(archive.parts.database, 1)).toEqual([]);
  });

  test('has the same tokens after a rebuild; an exchanged one is found', async () => {
    await using archive = await stampedBy(hosts.honest);
    const captureId = await archive.capture();
    await sweepSeal(archive.parts, signal);
    const { database } = archive.parts;
    const before = await captureRecord(database, captureId);
    const rows = await timestampsOf(database, 1);
    await replaceCatalog(archive.parts);
    expect(await captureRecord(database, captureId)).toEqual(before);
    expect(await timestampsOf(database, 1)).toEqual(rows);
    const path = join(
      archive.config.home,
      ...['vault', 'records', 'timestamps', tokenRecord(1, hosts.honest)],
    );
    const token = await readFile(path);
    token[token.length - 20] = (token[token.length - 20] ?? 0) ^ 1;
    await rm(path);
    await writeFile(path, token);
    expect((await faults(archive)).join()).toContain(
      'the token is not the one that the log records',
    );
  });
});

describe('a request', () => {
  test('reads as openssl reads it', async () => {
    const { der, nonce } = timestampRequest(Buffer.from('some bytes'));
    await writeFile(join(outside.folder, 'query'), der);
    const text = execFileSync('openssl', [
      'ts',
      '-query',
      '-in',
      join(outside.folder, 'query'),
      '-text',
    ]).toString();
    expect(text).toContain('Hash Algorithm: sha256');
    expect(text).toContain('Certificate required: yes');
    expect(text.toUpperCase()).toContain(Buffer.from(nonce).toString('hex').toUpperCase());
  });

  test.each(['', 'garbage', '0'.repeat(10_000)])(
    'answered with nonsense is a refusal with a code',
    (text) => {
      expect(() => tokenIn(Buffer.from(text))).toThrowError(
        expect.objectContaining({ code: 'timestamp-garbage' }),
      );
    },
  );

  test('an authority is named without what may be a secret in its address', () => {
    expect(authorityName('https://user:pw@tsa.example.org/a?key=secret')).toBe(
      'https://tsa.example.org/a',
    );
  });
});

describe('a witness', () => {
  interface Running extends AsyncDisposable {
    vkey: string;
    url: string;
  }

  const program = fileURLToPath(new URL('../scripts/witness.ts', import.meta.url));

  async function runWitness(home: string, logs: string[]): Promise<Running> {
    const child = spawn(
      process.execPath,
      [
        program,
        home,
        'witness.example.org',
        '--listen',
        '127.0.0.1:0',
        ...logs.flatMap((log) => ['--log', log]),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [vkey] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const lines = createInterface({ input: child.stderr });
    const [said] = (await once(lines, 'line')) as [string];
    return {
      vkey,
      url: `http://127.0.0.1:${said.split(':').at(-1)}`,
      async [Symbol.asyncDispose]() {
        child.kill('SIGTERM');
        await once(child, 'exit');
      },
    };
  }

  test('whose folder can’t be made says so and ends', async () => {
    const child = spawn(process.execPath, [program, '/proc/holdfast/witness', 'w.example.org']);
    onTestFinished(() => void child.kill('SIGKILL'));
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(said).toContain("/proc/holdfast/witness can't be the folder of a witness");
    expect(code).toBe(2);
  });

  test('co-signs what continues, and refuses a second history, also after a restart', async () => {
    await using archive = await testArchive({
      variables: { HOLDFAST_ALLOW_PRIVATE: '127.0.0.0/8' },
    });
    const captureId = await archive.capture();
    await makeCheckpoint(archive.parts);
    const { database, vault } = archive.parts;
    const [key] = await publicKeys(vault);
    const home = join(outside.folder, 'witness');
    {
      await using witness = await runWitness(home, [key?.vkey ?? '']);
      archive.parts.config.seal.witnesses = [`${witness.vkey} ${witness.url}`];
      await askWitnesses(archive.parts, signal);
      await archive.capture();
      await makeCheckpoint(archive.parts);
      await askWitnesses(archive.parts, signal);
    }
    expect((await captureRecord(database, captureId))?.seal).toMatchObject({
      stage: 'witnessed',
      witnesses: [{ name: 'witness.example.org', checkpoint: 1 }],
    });
    expect((await witnessState(database, 'witness.example.org'))?.size).toBe(2);
    expect(await faults(archive)).toEqual([]);
    const old = await vault.readRecord('checkpoints', '000000000001');
    await using again = await runWitness(home, [key?.vkey ?? '']);
    const ask = async (body: string) => {
      const answer = await fetch(`${again.url}/add-checkpoint`, { method: 'POST', body });
      return {
        status: answer.status,
        type: answer.headers.get('content-type'),
        text: await answer.text(),
      };
    };
    expect(await ask(`old 0\n\n${old}`)).toEqual({
      status: 409,
      type: 'text/x.tlog.size',
      text: '2\n',
    });
    expect((await ask(`old 2\n\n${old}`)).status).toBe(400);
    expect((await ask('nonsense')).status).toBe(400);
    const stranger = String(old).replaceAll(key?.name ?? '', 'elsewhere.example/log');
    expect((await ask(`old 0\n\n${stranger}`)).status).toBe(404);
    const forged = String(old).replace('\n1\n', '\n3\n');
    expect((await ask(`old 2\n\n${forged}`)).status).toBe(403);
    // A log that forks: another archive, signing with the same key, from other entries.
    await database.query('alter table log_nodes disable trigger all');
    await database.query(
      `update log_nodes set hash = sha256('another') where level = 1 and idx = 0`,
    );
    await database.query('alter table checkpoints disable trigger all');
    await database.query('delete from checkpoints');
    await archive.capture();
    const fork = await makeCheckpoint(archive.parts);
    const proof = `${Buffer.alloc(32).toString('base64')}\n`;
    expect((await ask(`old 2\n${proof}\n${fork?.note}`)).status).toBe(422);
    await archive.parts.database.query('update witness_schedule set next_at = now()');
    archive.parts.config.seal.witnesses = [`${again.vkey} ${again.url}`];
    await askWitnesses(archive.parts, signal);
    const state = await witnessState(database, 'witness.example.org');
    expect(state).toMatchObject({ size: 2, failure: expect.stringContaining('422') });
  });
});
