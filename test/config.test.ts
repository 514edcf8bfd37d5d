import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { homeNamed, readConfig } from '../src/config/config.ts';
import { openHome } from '../src/config/home.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

describe('settings', () => {
  test('flags win over the environment, the environment over the file, the file over defaults', () => {
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({
        HOLDFAST_EXIT: 'file',
        HOLDFAST_OPERATOR: 'file',
        HOLDFAST_QUEUE_BOUND: '7',
      }),
    );
    vi.stubEnv('HOLDFAST_HOME', folder);
    vi.stubEnv('HOLDFAST_EXIT', 'environment');
    vi.stubEnv('HOLDFAST_OPERATOR', 'environment');
    const config = readConfig({ HOLDFAST_OPERATOR: 'flag' });
    expect(config.operator).toBe('flag');
    expect(config.egress.exitLabel).toBe('environment');
    expect(config.queue.bound).toBe(7);
    expect(config.limits.pageTimeoutMs).toBe(60_000);
  });

  test.each([
    ['HOLDFAST_TSA_URLS', 'https://tsa.example/,https://me:s3cret@tsa.example/'],
    ['HOLDFAST_WITNESSES', 'witness+1+AAAA https://me:s3cret@witness.example/'],
    ['HOLDFAST_OTS_CALENDARS', 'https://me:s3cret@calendar.example'],
  ])('a password in %s is refused, and not repeated', (name, text) => {
    const read = () => readConfig({ [name]: text });
    expect(read).toThrow(expect.objectContaining({ exitCode: 7 }));
    expect(read).not.toThrow(/s3cret/);
  });

  test('every problem is told together', () => {
    expect(() =>
      readConfig({ HOLDFAST_QUEUE_BOUND: 'many', HOLDFAST_UPSTREAM_PROXY: 'somewhere' }),
    ).toThrow(
      expect.objectContaining({
        exitCode: 7,
        problems: [
          expect.stringContaining('UPSTREAM_PROXY'),
          expect.stringContaining('QUEUE_BOUND'),
        ],
      }),
    );
  });

  test('times that a timer can not hold, and addresses that are none, are refused', () => {
    for (const [name, value] of [
      ['HOLDFAST_PAGE_TIMEOUT_MS', '3000000000'],
      ['HOLDFAST_MEDIA_TIMEOUT_MS', '1e12'],
      ['HOLDFAST_HOST_INTERVAL_MS', '2147483648'],
      ['HOLDFAST_FIXITY_DAYS', '9000000000000000'],
      ['HOLDFAST_UPSTREAM_PROXY', 'http://a b:99999'],
    ] as const) {
      expect(() => readConfig({ [name]: value }), name).toThrow(
        expect.objectContaining({ problems: [expect.stringContaining(name)] }),
      );
    }
  });

  test('what is no number, no server and no database is said to be none, in words', () => {
    for (const [name, value, words] of [
      ['HOLDFAST_QUEUE_BOUND', 'x', 'must be a whole number'],
      ['HOLDFAST_QUEUE_BOUND', '1.5', 'must be a whole number'],
      ['HOLDFAST_QUEUE_BOUND', '0', 'must be 1 or more'],
      ['HOLDFAST_DNS', 'dns.example', 'must be a list of addresses'],
      ['HOLDFAST_DNS', '9.9.9.9,1.1.1', 'must be a list of addresses'],
      ['DATABASE_URL', 'localhost', 'must look like postgresql://'],
    ] as const)
      expect(() => readConfig({ [name]: value }), `${name}=${value}`).toThrow(
        expect.objectContaining({ problems: [expect.stringContaining(`${name}: ${words}`)] }),
      );
    const servers = ['9.9.9.9', '127.0.0.1:5353', '2620:fe::fe', '[2620:fe::fe]:53'];
    expect(readConfig({ HOLDFAST_DNS: servers.join(', ') }).egress.dnsServers).toEqual(servers);
  });

  test('a secret may come from a file', () => {
    writeFileSync(join(folder, 'secret'), 'postgres://example.invalid/x\n');
    vi.stubEnv('DATABASE_URL_FILE', join(folder, 'secret'));
    expect(readConfig({ HOLDFAST_HOME: folder }).databaseUrl).toBe('postgres://example.invalid/x');
  });

  test('a file named in the environment wins over a value of a lower layer, and not over a flag', () => {
    const own = mkdtempSync(join(folder, 'own-'));
    writeFileSync(join(own, 'config.json'), JSON.stringify({ HOLDFAST_OPERATOR: 'lower' }));
    writeFileSync(join(own, 'operator'), 'from a file\n');
    vi.stubEnv('HOLDFAST_OPERATOR_FILE', join(own, 'operator'));
    expect(readConfig({ HOLDFAST_HOME: own }).operator).toBe('from a file');
    expect(readConfig({ HOLDFAST_HOME: own, HOLDFAST_OPERATOR: 'flag' }).operator).toBe('flag');
    vi.stubEnv('HOLDFAST_OPERATOR_FILE', join(own, 'absent'));
    expect(readConfig({ HOLDFAST_HOME: own, HOLDFAST_OPERATOR: 'flag' }).operator).toBe('flag');
    expect(() => readConfig({ HOLDFAST_HOME: own })).toThrow(/OPERATOR_FILE/);
  });

  test('the data folder may be named in a file too', () => {
    writeFileSync(join(folder, 'home-name'), `${join(folder, 'elsewhere')}\n`);
    vi.stubEnv('HOLDFAST_HOME_FILE', join(folder, 'home-name'));
    expect(homeNamed()).toBe(join(folder, 'elsewhere'));
    expect(readConfig().home).toBe(join(folder, 'elsewhere'));
  });
});

describe('the data folder', () => {
  test('keeps the environment it was made for', async () => {
    const home = join(folder, 'demo');
    expect((await openHome(home, 'demo')).environment).toBe('demo');
    expect((await openHome(home, null)).environment).toBe('demo');
    await expect(openHome(home, 'live')).rejects.toMatchObject({ code: 'other-environment' });
  });

  test('is a folder, and whoever names something else is told so', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, 'x');
    for (const home of [file, join(file, 'below'), '/proc/holdfast', join(folder, 'x'.repeat(300))])
      await expect(openHome(home, 'any'), home).rejects.toMatchObject({
        code: 'bad-home',
        exitCode: 2,
        message: expect.stringMatching(/name a folder, not a file, with --home/),
      });
  });

  test('whose mark was damaged is taken for neither live nor a demonstration', async () => {
    const home = join(folder, 'damaged');
    await openHome(home, 'live');
    for (const text of ['', 'not JSON', '{}', '{"schema":"holdfast.home/1","environment":"x"}']) {
      writeFileSync(join(home, 'home.json'), text);
      await expect(openHome(home, 'any'), text).rejects.toMatchObject({
        code: 'home-unreadable',
        exitCode: 5,
        message: expect.stringMatching(/restore it from a backup/),
      });
    }
  });

  test('in which something lies where a folder must be names it', async () => {
    for (const name of ['vault', 'keys', 'postgres']) {
      const home = join(folder, `in-the-way-${name}`);
      await openHome(home, 'live');
      writeFileSync(join(home, name), 'x');
      await expect(openHome(home, null), name).rejects.toMatchObject({
        code: 'home-damaged',
        exitCode: 5,
        message: expect.stringContaining(join(home, name)),
      });
    }
  });

  test('is not made by verbs that only read', async () => {
    await expect(openHome(join(folder, 'nothing'), null)).rejects.toMatchObject({
      code: 'no-home',
      exitCode: 3,
    });
  });
});
