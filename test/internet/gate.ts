/**
 * The entrance of the small internet: an HTTP proxy that knows which hosts exist. Tunnels
 * to port 443 end in mockttp (which holds the certificates), those to port 80 and plain
 * requests at the sites themselves. Refusals carry their reason as RFC 9209 says it.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionFault } from './faults.ts';

export interface GateTargets {
  /** Listens on loopback; gets tunnels to port 443, `CONNECT` line included. */
  tlsPort: number;
  /** Gets tunnels to port 80. */
  plainPort: number;
  /** Shows a certificate that nobody trusts. */
  untrustedPort: number;
  /** What is wrong with the way to this host; `null` = nothing. */
  fault(hostname: string): ConnectionFault | null;
  refused(target: string, fault: ConnectionFault, request: IncomingMessage): void;
  /** Answers a plain request for a whole address. */
  plain: Parameters<typeof createServer>[1] & object;
}

const proxyStatus = { dns: 'dns_error', refused: 'connection_refused' };

export interface Gate {
  server: Server;
  /** Cuts every open tunnel to the host. */
  cut(hostname: string): void;
}

export function createGate(targets: GateTargets): Gate {
  const tunnels = new Map<Duplex, string>();
  const gate = createServer((request, response) => {
    const hostname = hostOf(request.url ?? '');
    const fault = hostname === null ? 'dns' : targets.fault(hostname);
    if (fault === null || fault === 'tls') return targets.plain(request, response);
    targets.refused(request.url ?? '', fault, request);
    response.writeHead(502, { 'proxy-status': `small-internet; error=${proxyStatus[fault]}` });
    response.end(`${proxyStatus[fault]}\n`);
  });
  gate.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client may vanish at any moment; that is no fault of ours.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => tunnels.delete(socket));
    const target = request.url ?? '';
    const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(target) ?? [];
    const fault = portFault(port) ?? targets.fault(host.toLowerCase());
    tunnels.set(socket, host.toLowerCase());
    if (fault) targets.refused(target, fault, request);
    if (fault === 'tls') openTunnel(socket, head, targets.untrustedPort, null);
    else if (fault) refuseTunnel(socket, proxyStatus[fault]);
    else if (port === '80') openTunnel(socket, head, targets.plainPort, null);
    else openTunnel(socket, head, targets.tlsPort, target);
  });
  const cut = (hostname: string) => {
    for (const [socket, host] of tunnels) if (host === hostname) socket.destroy();
  };
  return { server: gate, cut };
}

/** Closes a server and every connection that it still holds, tunnels included. */
export function closable<S extends NetServer>(server: S): { server: S; close(): Promise<void> } {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { server, close };
}

export async function listen(server: NetServer, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

function portFault(port: string): ConnectionFault | null {
  return port === '443' || port === '80' ? null : 'refused';
}

function refuseTunnel(socket: Duplex, reason: string): void {
  socket.end(
    `HTTP/1.1 502 Bad Gateway\r\nProxy-Status: small-internet; error=${reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
}

/** `passOn`: let the far side answer the CONNECT; otherwise it is answered here. */
function openTunnel(socket: Duplex, head: Buffer, port: number, passOn: string | null): void {
  // mockttp takes a request for a loop when the port it comes from is also one that it calls
  // out from; the system gives one port to both when their ends differ. Another address of
  // ours keeps them apart (Linux answers on all of 127.0.0.0/8).
  const localAddress = process.platform === 'linux' ? '127.0.0.2' : undefined;
  const far = connect({ port, host: '127.0.0.1', localAddress });
  far.on('error', () => socket.destroy());
  far.on('close', () => socket.destroy());
  socket.on('close', () => far.destroy());
  far.once('connect', () => {
    if (passOn === null) socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    else far.write(`CONNECT ${passOn} HTTP/1.1\r\nHost: ${passOn}\r\n\r\n`);
    far.write(head);
    far.pipe(socket).pipe(far);
  });
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}
