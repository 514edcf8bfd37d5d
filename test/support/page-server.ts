/** A web server on loopback that knows the digest of every body it served: the ground truth for completeness. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { brotliCompressSync, constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';
import type { TestAuthority } from './authority.ts';

/** One body as the server sent it, content coding taken off. */
export interface Served {
  url: string;
  method: string;
  status: number;
  sha256: string;
  sizeBytes: number;
  /** All of it was handed to the network. */
  whole: boolean;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
  encoding?: 'gzip' | 'br';
}

/** What is known of a body that nobody holds whole. */
export type BodyFacts = Pick<Served, 'sha256' | 'sizeBytes'>;

export type Route =
  | Reply
  | ((
      asked: IncomingMessage,
      answer: ServerResponse,
      served: (body: Buffer | BodyFacts) => void,
    ) => void);

export interface PageServer extends AsyncDisposable {
  port: number;
  served: Served[];
  /** Bodies of requests, as they came. */
  sent: { url: string; body: Buffer }[];
  url(path: string, host?: string): string;
}

export type Upgrade = (asked: IncomingMessage, socket: Socket) => void;

/** Path with query → what it answers. HTTP/2 only where an authority is given. */
export async function openPageServer(
  routes: Record<string, Route>,
  authority: TestAuthority | null = null,
  upgrade: Upgrade | null = null,
): Promise<PageServer> {
  const served: Served[] = [];
  const sent: PageServer['sent'] = [];
  const sockets = new Set<{ destroy(): void }>();
  const listener = (asked: IncomingMessage, answer: ServerResponse) => {
    const path = asked.url ?? '';
    const url = `${authority === null ? 'http' : 'https'}://${hostOf(asked)}${path}`;
    const note = (body: Buffer | BodyFacts) => {
      const facts = Buffer.isBuffer(body) ? factsOf(body) : body;
      const entry = { url, method: asked.method ?? 'GET', status: answer.statusCode, ...facts };
      answer.once('close', () => served.push({ ...entry, whole: answer.writableFinished }));
    };
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.once('end', () => {
      if (chunks.length > 0) sent.push({ url, body: Buffer.concat(chunks) });
      const route = routes[path] ?? { status: 404, body: `nothing at ${path}` };
      if (typeof route === 'function') route(asked, answer, note);
      else reply(asked, answer, route, note);
    });
  };
  const server =
    authority === null
      ? createServer(listener)
      : (createSecureServer({ key: authority.key, cert: authority.cert }) as unknown as Server);
  if (authority !== null) server.on('request', listener);
  if (upgrade !== null) server.on('upgrade', upgrade);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    served,
    sent,
    url: (path, host = '127.0.0.1') =>
      `${authority === null ? 'http' : 'https'}://${host}:${port}${path}`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function factsOf(body: Buffer): BodyFacts {
  return { sha256: createHash('sha256').update(body).digest('hex'), sizeBytes: body.length };
}

function hostOf(asked: IncomingMessage): string {
  return asked.headers.host ?? String(asked.headers[':authority' as 'host'] ?? '');
}

function reply(
  asked: IncomingMessage,
  answer: ServerResponse,
  { status = 200, headers = {}, body = '', encoding }: Reply,
  note: (body: Buffer) => void,
): void {
  const plain = Buffer.from(body);
  const coded =
    encoding === 'gzip' ? gzipSync(plain) : encoding === 'br' ? brotliCompressSync(plain) : plain;
  const coding = encoding === undefined ? {} : { 'content-encoding': encoding };
  answer.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers, ...coding });
  if (asked.method === 'HEAD' || status === 204) {
    answer.end();
    return;
  }
  note(plain);
  answer.end(coded);
}

/** A file that players may ask for in pieces (RFC 9110 14.2). */
export function rangedFile(bytes: Buffer, mediaType: string): Route {
  return (asked, answer, served) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(asked.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to ? Math.min(Number(to), bytes.length - 1) : bytes.length - 1;
    const part = bytes.subarray(start, end + 1);
    const headers = {
      'content-type': mediaType,
      'accept-ranges': 'bytes',
      'content-length': part.length,
    };
    if (from === undefined) answer.writeHead(200, headers);
    else {
      const range = { 'content-range': `bytes ${start}-${end}/${bytes.length}` };
      answer.writeHead(206, { ...headers, ...range });
    }
    served(part);
    answer.end(part);
  };
}

/** Zeros that take a thousandth of their size until they are unpacked: packed once, never held whole. */
export function packedZeros(sizeBytes: number, mediaType: string): Route {
  let made: { packed: Buffer; facts: BodyFacts } | null = null;
  return (_, answer, served) => {
    made ??= packZeros(sizeBytes);
    const { packed, facts } = made;
    answer.writeHead(200, { 'content-type': mediaType, 'content-encoding': 'gzip' });
    served(facts);
    answer.end(packed);
  };
}

/** One block is deflated, and stands there again and again: it takes no time to make a bomb. */
function packZeros(sizeBytes: number): { packed: Buffer; facts: BodyFacts } {
  const block = Buffer.alloc(1024 * 1024);
  const rest = block.subarray(0, sizeBytes % block.length);
  const blocks = Math.floor(sizeBytes / block.length);
  const hash = createHash('sha256');
  let sum = 0;
  for (const part of [...Array<Buffer>(blocks).fill(block), rest]) {
    hash.update(part);
    sum = crc32(part, sum);
  }
  // A full flush: what follows refers to nothing before it.
  const deflated = deflateRawSync(block, { finishFlush: constants.Z_FULL_FLUSH });
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  const end = Buffer.alloc(8);
  end.writeUInt32LE(sum, 0);
  end.writeUInt32LE(sizeBytes % 2 ** 32, 4);
  const packed = Buffer.concat([
    head,
    ...Array<Buffer>(blocks).fill(deflated),
    deflateRawSync(rest),
    end,
  ]);
  return { packed, facts: { sha256: hash.digest('hex'), sizeBytes } };
}
