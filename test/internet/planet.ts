/**
 * The small internet without a proxy in front of it: inside a network namespace where every
 * address there is, public or private, leads to this machine. Its sites have a public
 * address and a name server of their own; whoever calls any other address is written down.
 */
import { execFileSync } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type NameServer, openNameServer } from '../support/name-server.ts';
import { closable } from './gate.ts';
import { exists } from './sites/directory.ts';
import type { SmallInternet } from './small-internet.ts';

/** Public by the registries, and nobody's here: all of it stays inside the namespace. */
export const siteAddress = '93.184.215.14';
const nameServerAddress = '93.184.215.53';

/** Ports on which somebody listens at every address that is no site. */
const trapPorts = [80, 443, 5432, 8080];

export interface Planet extends AsyncDisposable {
  /** As HOLDFAST_DNS takes it. */
  dns: string;
  names: NameServer['names'];
  /** `address:port` of every connection that reached what is no site. */
  strays(): string[];
}

/** @throws when this process is not alone in a namespace of its own: `unshare --net` */
export async function openPlanet(internet: SmallInternet): Promise<Planet> {
  routeEverythingHere();
  await using opened = new AsyncDisposableStack();
  const strays: string[] = [];
  for (const port of trapPorts) {
    const trap = closable(trapServer(port, internet, strays));
    await new Promise<void>((resolve, reject) => {
      trap.server.once('error', reject).listen({ port, host: '::' }, resolve);
    });
    opened.defer(() => trap.close());
  }
  const dns = opened.use(
    await openNameServer({
      host: nameServerAddress,
      port: 53,
      otherwise: (name) => (exists(name, internet.world) ? [siteAddress] : []),
    }),
  );
  const resources = opened.move();
  return {
    dns: dns.address,
    names: dns.names,
    strays: () => [...strays],
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Makes every address of both families an address of this machine. */
function routeEverythingHere(): void {
  const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });
  const links = ip('-brief', 'link').trim().split('\n');
  if (links.length !== 1 || !links[0]?.startsWith('lo'))
    throw new Error('not in a network namespace of its own: start this with unshare --net');
  ip('link', 'set', 'lo', 'up');
  ip('route', 'add', 'local', 'default', 'dev', 'lo');
  ip('-6', 'route', 'add', 'local', 'default', 'dev', 'lo');
}

function trapServer(port: number, internet: SmallInternet, strays: string[]): Server {
  const inner = port === 443 ? internet.ports.tls : internet.ports.plain;
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const address = socket.localAddress?.replace(/^::ffff:/, '') ?? '';
    if (address === siteAddress && (port === 80 || port === 443)) return join(socket, inner);
    strays.push(`${address}:${port}`);
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret');
  });
}

function join(socket: Socket, port: number): void {
  // Another address of ours than mockttp's own, which it would take for a loop.
  const far = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  far.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  socket.on('close', () => far.destroy());
  far.pipe(socket).pipe(far);
}
