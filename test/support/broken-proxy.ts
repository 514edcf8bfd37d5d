/** An upstream proxy that breaks in every way we know; `WAY.broken.test` always breaks that way. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface BrokenProxy extends AsyncDisposable {
  url: string;
  /** Other hosts that break, and how. */
  breaking: Map<string, string>;
}

/** What becomes of one connection once its CONNECT was read. */
type Break = (client: Socket) => unknown;

const agreed = 'HTTP/1.1 200 OK\r\n\r\n';
/** A TLS record that announces a server's hello of 118 bytes, and its first 26. */
const halfAHello = Buffer.from(`160303007a020000760303${'5a'.repeat(20)}`, 'hex');
const fatalAlert = Buffer.from('15030300020228', 'hex');

const breaks: Record<string, Break> = {
  // The proxy itself.
  'hangs-up': (client) => client.end(),
  resets: (client) => client.resetAndDestroy(),
  garbage: (client) => client.end(Buffer.from('00ff17c3a9'.repeat(40), 'hex')),
  'endless-answer': (client) => client.write(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}`),
  'half-an-answer': (client) => client.end('HTTP/1.1 200 OK\r\nX-'),
  'answers-502': (client) => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
  'wants-login': (client) => client.end('HTTP/1.1 407 Who are you\r\n\r\n'),
  'no-answer': () => {},
  // Whatever it leads to.
  'not-tls': (client) => client.end(`${agreed}This is not TLS.\n`),
  'not-tls-later': async (client) => {
    client.write(agreed);
    await once(client, 'data');
    client.end('This is not TLS.\n');
  },
  'not-tls-and-stays': (client) => client.write(`${agreed}This is not TLS.\n`),
  'switches-protocols': (client) =>
    client.write(`${agreed}HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n`),
  'ends-after-connect': (client) => client.end(agreed),
  'resets-after-connect': async (client) => {
    client.write(agreed);
    await pause(5);
    client.resetAndDestroy();
  },
  'silent-after-connect': (client) => client.write(agreed),
  'half-a-handshake': (client) => client.end(Buffer.concat([Buffer.from(agreed), halfAHello])),
  'resets-in-handshake': async (client) => {
    client.write(agreed);
    await once(client, 'data');
    client.write(halfAHello);
    await pause(5);
    client.resetAndDestroy();
  },
  'silent-in-handshake': async (client) => {
    client.write(agreed);
    await once(client, 'data');
    client.write(halfAHello);
  },
  'refuses-handshake': async (client) => {
    client.write(agreed);
    await once(client, 'data');
    client.end(fatalAlert);
  },
};

export const waysToBreak = Object.keys(breaks);

/** Nobody is told that these failed: whoever asks has to lose patience. */
export const isSilent = (way: string) => /no-answer|silent|stays|switches/.test(way);

export const brokenHost = (way: string) => `${way}.broken.test`;

/** Other hosts are left to the proxy at `others`: the small internet's, or nobody's. */
export async function openBrokenProxy(others: string | null): Promise<BrokenProxy> {
  const sockets = new Set<Socket>();
  const breaking = new Map(waysToBreak.map((way) => [brokenHost(way), way]));
  const server = createServer((client) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client)).on('error', () => {});
    serve(client, breaking, others).catch(() => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    breaking,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(
  client: Socket,
  breaking: BrokenProxy['breaking'],
  others: string | null,
): Promise<void> {
  const [head] = (await once(client, 'data')) as [Buffer];
  const [, host = ''] = /^CONNECT ([\w.-]+):/.exec(head.toString('latin1')) ?? [];
  const fail = breaks[breaking.get(host) ?? ''];
  if (fail === undefined && others !== null) return passOn(client, head, others);
  client.on('data', () => {});
  if (fail !== undefined) await fail(client);
  else client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
}

function passOn(client: Socket, head: Buffer, others: string): void {
  const other = connect(Number(new URL(others).port), '127.0.0.1');
  other.on('error', () => {}).once('close', () => client.destroy());
  client.once('close', () => other.destroy());
  other.write(head);
  client.pipe(other).pipe(client);
}
