/** The door and the client: what they refuse, what they tell apart, what they write down. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressPolicy } from '../src/egress/address-policy.ts';
import { openDoor } from '../src/egress/door.ts';
import { type Door, type Egress, followRedirects } from '../src/egress/egress.ts';
import { hostPace, retryAfterMs } from '../src/egress/pace.ts';
import { makeAuthority, type TestAuthority } from './support/authority.ts';
import { silent } from './support/database.ts';
import { loopback, testEgress } from './support/egress.ts';
import { waiting } from './support/left-waiting.ts';
import { type NameServer, openNameServer } from './support/name-server.ts';
import { privateSpelling } from './support/private-addresses.ts';
import { fc } from './support/property.ts';
import { openHttpProxy, openSocks5 } from './support/upstream-proxies.ts';
import { openWebServer, type WebServer } from './support/web-server.ts';

const run = promisify(execFile);
const never = new AbortController().signal;

let folder: string;
let authority: TestAuthority;
let site: WebServer;
let secureSite: WebServer;
let dns: NameServer;
let open: Egress;
let strict: Egress;
let strictDoor: Door;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-egress-test-'));
  authority = makeAuthority(folder, ['secure.test']);
  site = await openWebServer(null);
  secureSite = await openWebServer(authority, 'secure.test');
  dns = await openNameServer();
  dns.names['secure.test'] = ['127.0.0.1'];
  dns.names['site.test'] = ['127.0.0.1'];
  site.pages['/hello'] = 'hello';
  secureSite.pages['/hello'] = 'hello over TLS';
  open = await testEgress({
    allowPrivate: loopback,
    dnsServers: [dns.address],
    extraCaFile: authority.file,
  });
  strict = await testEgress({ dnsServers: [dns.address] });
  strictDoor = await strict.openDoor();
});

afterAll(async () => {
  for (const opened of [open, strict, site, secureSite, dns]) await opened?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const get = (egress: Egress, url: string) =>
  egress.client.request({ url, signal: never, timeoutMs: 5_000 });
const codeOf = (egress: Egress, url: string) =>
  get(egress, url).then(
    (answer) => `answered ${answer.status}`,
    (error) => error.code,
  );

/** Connections of this process that the system still has. */
function openSockets(): Socket[] {
  const { _getActiveHandles } = process as unknown as { _getActiveHandles(): unknown[] };
  return _getActiveHandles().filter((handle) => handle instanceof Socket);
}

/** Status line of the door's answer to one raw CONNECT. */
async function rawConnect(door: Door, authorityText: string): Promise<string> {
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  socket.write(`CONNECT ${authorityText} HTTP/1.1\r\nHost: x\r\n\r\n`);
  socket.setEncoding('latin1');
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer).split('\r\n')[0] ?? '';
}

/** A plain request through a door, as a program with a proxy setting makes it. */
async function throughDoor(door: Door, url: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(door.url);
  const sent = httpRequest({
    hostname,
    port,
    path: url,
    agent: false,
    headers: { host: new URL(url).host },
  });
  sent.end();
  const [answer] = await once(sent, 'response');
  return { status: answer.statusCode, body: await text(answer) };
}

describe('what is not public', () => {
  test('is never connected to, in 500 spellings of its address, by client and door alike', async () => {
    const connected: string[] = [];
    for (const host of fc.sample(privateSpelling, 500)) {
      const client = await codeOf(strict, `http://${host}/`);
      const door = host.match(/^[\x20-\x7e]+$/)
        ? await rawConnect(strictDoor, `${host}:80`)
        : 'HTTP/1.1 403';
      if (client !== 'address-refused' || !/ 40[03]/.test(door))
        connected.push(`${host}: ${client}, ${door}`);
    }
    expect(connected).toEqual([]);
    expect(strictDoor.connections().every(({ outcome }) => outcome === 'refused-by-policy')).toBe(
      true,
    );
  });

  test('is refused behind a name too, also when a public address stands beside it', async () => {
    const privates = [
      '127.0.0.1',
      '169.254.169.254',
      '::1',
      'fe80::1',
      'fd00:ec2::254',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:a00:1::',
      '2001:db8::1',
      'fec0::1',
      '::7f00:1',
    ];
    for (const [index, address] of privates.entries()) {
      dns.names[`inside-${index}.test`] = [address];
      dns.names[`mixed-${index}.test`] = ['93.184.216.34', '2606:2800:220:1::1', address];
      expect([address, await codeOf(strict, `http://inside-${index}.test/`)]).toEqual([
        address,
        'address-refused',
      ]);
      expect([address, await codeOf(strict, `https://mixed-${index}.test/`)]).toEqual([
        address,
        'address-refused',
      ]);
    }
  });

  test('is written down with the address that the name led to', async () => {
    dns.names['metadata.test'] = ['169.254.169.254'];
    await rawConnect(strictDoor, 'metadata.test:443');
    expect(strictDoor.connections().at(-1)).toMatchObject({
      host: 'metadata.test',
      port: 443,
      address: '169.254.169.254',
      outcome: 'refused-by-policy',
    });
  });

  test('cannot be reached by giving a name another address after the check', async () => {
    let asked = 0;
    dns.names['rebinding.test'] = () => (asked++ < 2 ? ['192.0.2.1'] : ['127.0.0.1']);
    const half = await testEgress({ allowPrivate: ['192.0.2.0/24'], dnsServers: [dns.address] });
    const before = site.asked.length;
    await codeOf(half, `http://rebinding.test:${site.port}/hello`); // there is nobody at 192.0.2.1
    expect(await codeOf(half, `http://rebinding.test:${site.port}/hello`)).toBe('address-refused');
    expect(site.asked.length).toBe(before);
    await half[Symbol.asyncDispose]();
  });

  test('is refused at every hop of a redirect', async () => {
    site.pages['/inward'] = (_, answer) =>
      answer.writeHead(302, { location: 'http://0xa.1/' }).end();
    await expect(
      followRedirects(open.client, { url: site.url('/inward'), signal: never }, { maxHops: 5 }),
    ).rejects.toMatchObject({ code: 'address-refused', next: 'give-up' });
  });

  test('may be reached where the operator opened its range, and only there', () => {
    const mayReach = addressPolicy(['10.1.0.0/16', 'fd00::/8', '192.168.7.7']);
    expect(
      [
        '10.1.2.3',
        '::ffff:10.1.2.3',
        'fd12::1',
        '192.168.7.7',
        '93.184.216.34',
        '2606:4700::1',
      ].filter((one) => !mayReach(one)),
    ).toEqual([]);
    expect(
      ['10.2.0.1', '192.168.7.8', '127.0.0.1', 'fe80::1%eth0', '', 'a name'].filter(mayReach),
    ).toEqual([]);
    expect(() => addressPolicy(['10.0.0.0/99'])).toThrow('HOLDFAST_ALLOW_PRIVATE');
  });
});

describe('trouble on the way', () => {
  test('is told apart: no name, refused, reset, timed out, not trusted, no such link', async () => {
    const resets = createServer((socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    ).listen(0, '127.0.0.1');
    await once(resets, 'listening');
    const { port } = resets.address() as AddressInfo;
    site.pages['/silent'] = () => {};
    expect(await codeOf(open, 'http://nowhere.test/')).toBe('dns');
    expect(await codeOf(open, 'http://127.0.0.1:1/')).toBe('refused');
    expect(await codeOf(open, `http://127.0.0.1:${port}/`)).toBe('reset');
    expect(await codeOf(open, `https://127.0.0.1:${port}/`)).toBe('reset');
    expect(await codeOf(open, `https://127.0.0.1:${site.port}/`)).toBe('tls');
    expect(await codeOf(strict, `https://user@example.com/`)).toBe('bad-url');
    expect(await codeOf(strict, 'file:///etc/passwd')).toBe('bad-url');
    await expect(
      open.client.request({ url: site.url('/silent'), signal: never, timeoutMs: 200 }),
    ).rejects.toMatchObject({ code: 'timed-out', next: 'retry' });
    resets.close();
  });

  test('in a body is an error of the body: cut, or silent for too long', async () => {
    site.pages['/cut'] = (_, answer) => {
      answer.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => answer.destroy(), 50);
    };
    site.pages['/stalls'] = (_, answer) => void answer.writeHead(200).write('half');
    const cut = await get(open, site.url('/cut'));
    await expect(text(cut.body)).rejects.toMatchObject({ code: 'reset' });
    const stalls = await open.client.request({
      url: site.url('/stalls'),
      signal: never,
      idleTimeoutMs: 200,
    });
    await expect(text(stalls.body)).rejects.toMatchObject({ code: 'timed-out' });
  });

  test('is told by the door in a CONNECT answer, and by silence for plain http', async () => {
    await using door = await open.openDoor();
    expect(await rawConnect(door, '127.0.0.1:1')).toBe('HTTP/1.1 502 Bad Gateway');
    expect(await rawConnect(door, 'nowhere.test:443')).toBe('HTTP/1.1 502 Bad Gateway');
    expect(await rawConnect(door, 'not a host')).toBe('HTTP/1.1 400 Bad Request');
    await expect(throughDoor(door, 'http://127.0.0.1:1/')).rejects.toThrow();
    expect(door.connections().map(({ outcome }) => outcome)).toEqual(['refused', 'dns', 'refused']);
  });

  test('stops when asked to, during headers and during a body', async () => {
    site.pages['/silent'] = () => {};
    site.pages['/stalls'] = (_, answer) => void answer.writeHead(200).write('half');
    const stop = new AbortController();
    const waiting = open.client.request({ url: site.url('/silent'), signal: stop.signal });
    const { body } = await open.client.request({ url: site.url('/stalls'), signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(text(body)).rejects.toThrow('enough');
  });

  test('in a body that nobody reads yet waits for its reader and ends no process', async () => {
    site.pages['/stalls'] = (_, answer) => void answer.writeHead(200).write('half');
    const stop = new AbortController();
    const { body } = await open.client.request({ url: site.url('/stalls'), signal: stop.signal });
    const closed = new Promise((resolve) => body.once('close', resolve));
    stop.abort(new Error('enough'));
    await closed; // an error that nobody heard would fail this run
    await expect(text(body)).rejects.toThrow('enough');
  });

  test('after the origin’s last word leaves its client with that word, and closes', async () => {
    const talks = createServer((socket) => socket.end('This is not TLS.')).listen(0, '127.0.0.1');
    await once(talks, 'listening');
    const dial = async () => {
      const origin = connect((talks.address() as AddressInfo).port, '127.0.0.1');
      await once(origin, 'connect');
      // The client is being told of the end in this very turn.
      origin.once('end', () => process.nextTick(() => origin.destroy(new Error('reset'))));
      return origin;
    };
    const guard = { mayCall: async () => true, refusedHosts: new Set<string>() };
    const door = await openDoor(dial, guard, silent, () => {});
    const client = connect(Number(new URL(door.url).port), '127.0.0.1');
    client.write('CONNECT talks.test:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await text(client)).toMatch(/\r\n\r\nThis is not TLS\.$/);
    await door[Symbol.asyncDispose]();
    // One that Node takes for closed but is open keeps a process up for ever.
    await expect.poll(() => openSockets().filter(({ destroyed }) => destroyed).length).toBe(0);
    talks.close();
  });

  test('with TLS ends with the client, which leaves no connection behind', async () => {
    const asked = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const mute = createServer((socket) => {
      socket.on('error', () => {}).once('close', () => left.resolve());
      socket.once('data', () => asked.resolve());
    }).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const egress = await testEgress({ allowPrivate: loopback });
    const waiting = codeOf(egress, `https://127.0.0.1:${port}/`);
    await asked.promise;
    await egress[Symbol.asyncDispose]();
    await waiting;
    await left.promise; // otherwise in vain
    mute.close();
  });
});

describe('an exchange', () => {
  test('comes with its headers as they were sent and the address that it came from', async () => {
    site.pages['/headers'] = (asked, answer) =>
      answer
        .writeHead(200, ['X-One', 'a', 'x-one', 'b', 'Content-Length', '2'])
        .end(asked.headers['accept-encoding'] === 'identity' ? 'ok' : 'no');
    const answer = await get(open, `http://site.test:${site.port}/headers`);
    expect(answer).toMatchObject({ status: 200, remoteAddress: '127.0.0.1' });
    expect(answer.headers.slice(0, 2)).toEqual([
      ['X-One', 'a'],
      ['x-one', 'b'],
    ]);
    expect(await text(answer.body)).toBe('ok');
  });

  test('over TLS trusts the extra authority, which is in the facts, and nobody trusts it without', async () => {
    const answer = await get(open, secureSite.url('/hello'));
    expect(await text(answer.body)).toBe('hello over TLS');
    expect(open.facts.extraCaSha256).toMatch(/^[0-9a-f]{64}$/);
    const without = await testEgress({ allowPrivate: loopback, dnsServers: [dns.address] });
    expect(await codeOf(without, secureSite.url('/hello'))).toBe('tls');
    await without[Symbol.asyncDispose]();
  });

  test('through a door is written down with address and bytes', async () => {
    await using door = await open.openDoor();
    site.pages['/big'] = 'x'.repeat(100_000);
    expect((await throughDoor(door, site.url('/big'))).body).toHaveLength(100_000);
    const [seen] = door.connections();
    expect(seen).toMatchObject({
      host: '127.0.0.1',
      port: site.port,
      address: '127.0.0.1',
      outcome: 'connected',
    });
    expect(seen?.bytesIn).toBeGreaterThan(100_000);
    expect(seen?.bytesIn).toBeLessThan(101_000);
    expect(seen?.bytesOut).toBeGreaterThan(20);
  });

  test('that Chromium makes for itself does not pass a door, though anybody may ask that host through the client', async () => {
    await using door = await open.openDoor();
    dns.names['update.googleapis.com'] = ['127.0.0.1'];
    expect(await rawConnect(door, `update.googleapis.com:${site.port}`)).toBe(
      'HTTP/1.1 403 Forbidden',
    );
    expect(await codeOf(open, `http://update.googleapis.com:${site.port}/hello`)).toBe(
      'answered 200',
    );
  });

  test('that is over leaves nothing behind that waits for its time limit, proxy or none', async () => {
    await using proxy = await openSocks5(site.port);
    await using proxied = await testEgress({ upstreamProxy: `socks5://127.0.0.1:${proxy.port}` });
    const answered = async (egress: Egress, url: string) => {
      const headers = { connection: 'close' };
      const asked = { url, headers, signal: never, timeoutMs: 3_600_000 };
      await text((await egress.client.request(asked)).body);
    };
    const ask = async (times: number) => {
      for (let time = 0; time < times; time += 1) {
        await answered(open, `http://site.test:${site.port}/hello`);
        await answered(proxied, 'http://only-there.example/hello');
      }
    };
    await ask(10);
    const before = await waiting();
    await ask(500);
    expect((await waiting()) - before).toBeLessThan(50);
  });

  test('is cut off when its door closes', async () => {
    const door = await open.openDoor();
    site.pages['/silent'] = () => {};
    const waiting = throughDoor(door, site.url('/silent'));
    waiting.catch(() => {});
    while (door.connections().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await door[Symbol.asyncDispose]();
    await expect(waiting).rejects.toThrow();
  });

  test('is cut off for everybody who closes its door, at one and the same time', async () => {
    const door = await open.openDoor();
    const client = connect(Number(new URL(door.url).port), '127.0.0.1');
    await once(client, 'connect');
    const order: string[] = [];
    await Promise.all(
      ['its opener', 'the program'].map(async (who) => {
        await door[Symbol.asyncDispose]();
        order.push(who);
      }),
    );
    expect(order).toEqual(['its opener', 'the program']);
    client.destroy();
  });
});

describe('redirects', () => {
  test('are followed one by one, each written down; secrets stay with their host', async () => {
    let cookie: string | undefined;
    site.pages['/from'] = (_, answer) =>
      answer.writeHead(301, { location: `http://site.test:${site.port}/there?a=1` }).end();
    site.pages['/there?a=1'] = (asked, answer) => {
      cookie = asked.headers.cookie;
      answer.end('there');
    };
    const { hops, response } = await followRedirects(
      open.client,
      { url: site.url('/from'), headers: { Cookie: 'secret' }, signal: never },
      { maxHops: 3 },
    );
    expect(hops).toEqual([
      { url: site.url('/from'), status: 301, location: `http://site.test:${site.port}/there?a=1` },
      { url: `http://site.test:${site.port}/there?a=1`, status: 200, location: null },
    ]);
    expect(await text(response.body)).toBe('there');
    expect(cookie).toBeUndefined();
  });

  test('in a circle or without end are given up', async () => {
    site.pages['/a'] = (_, answer) => answer.writeHead(302, { location: '/b' }).end();
    site.pages['/b'] = (_, answer) => answer.writeHead(302, { location: '/a' }).end();
    site.pages['/1'] = (_, answer) => answer.writeHead(302, { location: '/2' }).end();
    site.pages['/2'] = (_, answer) => answer.writeHead(302, { location: '/3' }).end();
    const follow = (path: string) =>
      followRedirects(open.client, { url: site.url(path), signal: never }, { maxHops: 1 });
    await expect(
      followRedirects(open.client, { url: site.url('/a'), signal: never }, { maxHops: 9 }),
    ).rejects.toMatchObject({ code: 'redirect-loop' });
    await expect(follow('/1')).rejects.toMatchObject({ code: 'too-many-redirects' });
  });
});

const localNames = [
  ...[
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.b.localhost',
    'a.localhost.',
    'localhost.localdomain',
  ],
  ...[
    'printer.local',
    'Printer.LOCAL.',
    'db.internal',
    'nas.home.arpa',
    'router',
    'ｌｏｃａｌｈｏｓｔ',
  ],
  ...[
    'metadata',
    'metadata.google.internal',
    'instance-data.ec2.internal',
    'metadata.azure.internal',
  ],
  ...['metadata.packet.net', 'metadata.tencentyun.com', 'kubernetes.default.svc'],
];

describe('a name that is local by definition', () => {
  test('is refused before anybody is asked where it leads', async () => {
    let asked = 0;
    dns.names['db.internal'] = () => {
      asked += 1;
      return ['93.184.216.34'];
    };
    for (const host of localNames) {
      expect([host, await codeOf(strict, `http://${host}/`)]).toEqual([host, 'address-refused']);
    }
    expect(asked).toBe(0);
  });

  test('leads where it leads where the operator opened private ranges', async () => {
    dns.names['site.internal'] = ['127.0.0.1'];
    dns.names['other.internal'] = ['10.0.0.1'];
    expect(await codeOf(open, `http://site.internal:${site.port}/hello`)).toBe('answered 200');
    expect(await codeOf(open, 'http://other.internal/')).toBe('address-refused');
  });
});

describe('another user of this machine', () => {
  test.runIf(process.getuid?.() === 0 && process.platform === 'linux')(
    'sends nothing through a door, and stands in no list of its connections',
    async () => {
      await using door = await open.openDoor();
      const { port } = new URL(door.url);
      const words = `CONNECT site.test:${site.port} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n`;
      const line = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '${words}' >&3; head -n 1 <&3`;
      const become = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
      const stranger = await run('setpriv', [...become, 'bash', '-c', line]).catch(() => null);
      expect(stranger?.stdout ?? '').toBe('');
      expect(door.connections()).toEqual([]);
      // The same words of this user are heard.
      expect((await run('bash', ['-c', line])).stdout).toMatch(/^HTTP\/1\.1 200/);
    },
  );
});

describe('an upstream proxy', () => {
  const publicV6 = '2606:2800:220:1:248:1893:25c8:1946';

  test('SOCKS5 gets names as names, addresses as addresses, and the credentials', async () => {
    await using proxy = await openSocks5(site.port, { login: 'me:s3cret' });
    await using egress = await testEgress({
      upstreamProxy: `socks5://me:s3cret@127.0.0.1:${proxy.port}`,
    });
    for (const host of ['only-there.example', '93.184.216.34', `[${publicV6}]`]) {
      expect(await codeOf(egress, `http://${host}/hello`)).toBe('answered 200');
    }
    expect(proxy.asked).toEqual([
      'name only-there.example:80',
      'ipv4 93.184.216.34:80',
      'ipv6 26062800022000010248189325c81946:80',
    ]);
    expect(egress.facts.upstreamHost).toBe(`127.0.0.1:${proxy.port}`);
    expect((await get(egress, 'http://only-there.example/hello')).remoteAddress).toBeNull();
  });

  test("HTTP gets the same by CONNECT, doors included, and its bytes are not counted as the site's", async () => {
    await using proxy = await openHttpProxy(site.port, { login: 'me:s3cret' });
    await using egress = await testEgress({
      upstreamProxy: `http://me:s3cret@127.0.0.1:${proxy.port}`,
    });
    await using door = await egress.openDoor();
    expect(await throughDoor(door, 'http://only-there.example/hello')).toEqual({
      status: 200,
      body: 'hello',
    });
    expect(await codeOf(egress, `http://[${publicV6}]/hello`)).toBe('answered 200');
    expect(proxy.asked).toEqual(['connect only-there.example:80', `connect [${publicV6}]:80`]);
    const [seen] = door.connections();
    expect(seen).toMatchObject({ host: 'only-there.example', address: null, outcome: 'connected' });
    expect(seen?.bytesIn).toBeLessThan(300);
  });

  test('never gets a private address, whatever its spelling', async () => {
    await using proxy = await openSocks5(site.port);
    await using egress = await testEgress({ upstreamProxy: `socks5://127.0.0.1:${proxy.port}` });
    await using door = await egress.openDoor();
    for (const host of [
      '127.0.0.1',
      '0x7f.1',
      '2130706433',
      '017700000001',
      '[::1]',
      '[::ffff:7f00:1]',
    ]) {
      expect([host, await codeOf(egress, `http://${host}/`)]).toEqual([host, 'address-refused']);
      expect([host, await rawConnect(door, `${host}:80`)]).toEqual([
        host,
        'HTTP/1.1 403 Forbidden',
      ]);
    }
    expect(proxy.asked).toEqual([]);
  });

  test('never gets a name that is local by definition, from client or door', async () => {
    await using proxy = await openSocks5(site.port);
    await using egress = await testEgress({ upstreamProxy: `socks5://127.0.0.1:${proxy.port}` });
    await using door = await egress.openDoor();
    for (const host of localNames) {
      expect([host, await codeOf(egress, `http://${host}/`)]).toEqual([host, 'address-refused']);
      // What isn't ASCII is no name in CONNECT.
      const answer = await rawConnect(door, `${host}:80`);
      expect([host, answer]).toEqual([host, expect.stringMatching(/ 403 Forbidden| 400 Bad/)]);
    }
    expect(proxy.asked).toEqual([]);
    const outcomes = new Set(door.connections().map(({ outcome }) => outcome));
    expect(outcomes).toEqual(new Set(['refused-by-policy']));
    // What only looks like one is somebody's.
    for (const host of ['localhost.example', 'local.example', 'internal.example.org']) {
      expect(await codeOf(egress, `http://${host}/hello`)).toBe('answered 200');
    }
  });

  test('that says why a site failed is believed; one that fails itself is named as the failure', async () => {
    await using refused = await openSocks5(site.port, { refuse: 5 });
    await using noName = await openHttpProxy(site.port, {
      refuse: 'HTTP/1.1 502 No\r\nProxy-Status: p; error=dns_error\r\n\r\n',
    });
    await using unclear = await openHttpProxy(site.port, { refuse: 'HTTP/1.1 502 No\r\n\r\n' });
    await using locked = await openSocks5(site.port, { login: 'you:other' });
    const through = async (upstreamProxy: string) => {
      await using egress = await testEgress({ upstreamProxy });
      return await codeOf(egress, 'http://only-there.example/');
    };
    expect(await through(`socks5://127.0.0.1:${refused.port}`)).toBe('refused');
    expect(await through(`http://127.0.0.1:${noName.port}`)).toBe('dns');
    expect(await through(`http://127.0.0.1:${unclear.port}`)).toBe('upstream-failed');
    expect(await through(`socks5://me:wrong@127.0.0.1:${locked.port}`)).toBe('upstream-failed');
    expect(await through('http://127.0.0.1:1')).toBe('upstream-failed');
  });
});

describe('pace', () => {
  test('waits for a near slot, and hands work back when the slot is far', async () => {
    const store = (waitMs: number) => ({ reserve: async () => waitMs, pushBack: async () => {} });
    await hostPace(store(20), 500).ask('https://example.com/a', never);
    await expect(
      hostPace(store(5_000), 500).ask('https://example.com/a', never),
    ).rejects.toMatchObject({
      code: 'rate-limited',
      next: 'wait',
      host: 'example.com',
      retryAfterMs: 5_000,
    });
    const stop = new AbortController();
    const waiting = hostPace(store(900), 500).ask('https://example.com/a', stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('reads how long a host asks to wait, in seconds, as a date or as the reset of its limit', () => {
    const now = new Date('2026-11-24T07:00:00Z');
    const asks = (...headers: [string, string][]) => retryAfterMs(headers, now);
    expect(asks(['Retry-After', '120'])).toBe(120_000);
    expect(asks(['retry-after', 'Tue, 24 Nov 2026 07:01:00 GMT'])).toBe(60_000);
    expect(asks(['retry-after', 'Tue, 24 Nov 2026 06:00:00 GMT'])).toBe(0);
    expect(
      asks(
        ['x-rate-limit-remaining', '0'],
        ['x-rate-limit-reset', String(now.getTime() / 1000 + 30)],
      ),
    ).toBe(30_000);
    expect(asks(['x-rate-limit-remaining', '7'], ['x-rate-limit-reset', '1900000000'])).toBeNull();
    for (const nonsense of ['', '-5', 'soon', '1e9', '99999999999999'])
      expect(asks(['retry-after', nonsense])).toBeNull();
    fc.assert(fc.property(fc.string(), (value) => (asks(['retry-after', value]) ?? 0) >= 0));
  });
});
