/**
 * A stand-in for the outside. Any program reaches it through an HTTP proxy and one extra
 * certificate authority; nothing in `src/` knows of it.
 *
 *   program → gate (which hosts exist) → mockttp (certificates, HTTP/2) → sites (the world)
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCACertificate, getLocal } from 'mockttp';
import { type Answer, type ServedRequest, type SiteRequest, send } from './answer.ts';
import { Content } from './content.ts';
import type { ConnectionFault } from './faults.ts';
import { closable, createGate, listen } from './gate.ts';
import { answer, exists } from './sites/directory.ts';
import { World } from './world.ts';

export interface SmallInternetOptions {
  /** Where the authority's certificate is written; default: a temporary folder, removed at the end. */
  folder?: string;
  /** Where pictures and clips are kept between runs; default: one cache per user. */
  contentFolder?: string;
  /** Port of the proxy; default: any free one. */
  port?: number;
}

export interface SmallInternet extends AsyncDisposable {
  proxyUrl: string;
  /** PEM file of the authority, readable by everybody. */
  caFile: string;
  environment: { HOLDFAST_UPSTREAM_PROXY: string; HOLDFAST_EXTRA_CA: string };
  world: World;
  /** On loopback: where TLS and plain connections end that come without a proxy. */
  ports: { tls: number; plain: number };
  /** Every request so far, answered or refused, in the order of arrival. */
  log(): ServedRequest[];
}

export async function startSmallInternet(
  options: SmallInternetOptions = {},
): Promise<SmallInternet> {
  await using opened = new AsyncDisposableStack();
  const authority = await generateCACertificate({
    subject: { commonName: 'Small internet (tests and demonstration only)' },
  });
  const caFile = await writeAuthority(authority.cert, options.folder, opened);
  const world = new World(new Content(options.contentFolder));
  const served: ServedRequest[] = [];
  const sites = siteServer('https', world, served);
  const plain = siteServer('http', world, served);
  const stranger = await untrustedServer();
  for (const one of [sites, plain, stranger]) opened.defer(() => one.close());
  const sitesPort = await listen(sites.server);
  const tls = getLocal({ https: authority, http2: true, recordTraffic: false });
  await tls.start();
  opened.defer(() => tls.stop());
  await tls.forAnyRequest().thenPassThrough({
    simulateConnectionErrors: true,
    transformRequest: {
      setProtocol: 'http',
      replaceHost: { targetHost: `127.0.0.1:${sitesPort}`, updateHostHeader: false },
    },
  });
  const ports = { tls: tls.port, plain: await listen(plain.server) };
  const entrance = createGate({
    tlsPort: ports.tls,
    plainPort: ports.plain,
    untrustedPort: await listen(stranger.server),
    fault: (host) => world.connectionFault(host) ?? (exists(host, world) ? null : 'dns'),
    refused: (target, fault, request) => served.push(refusal(target, fault, request)),
    plain: (request, response) => plain.server.emit('request', request, response),
  });
  world.cutConnections = entrance.cut;
  const gate = closable(entrance.server);
  opened.defer(() => gate.close());
  const proxyUrl = `http://127.0.0.1:${await listen(gate.server, options.port)}`;
  const resources = opened.move();
  return {
    proxyUrl,
    caFile,
    environment: { HOLDFAST_UPSTREAM_PROXY: proxyUrl, HOLDFAST_EXTRA_CA: caFile },
    world,
    ports,
    log: () => [...served],
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function writeAuthority(
  certificate: string,
  folder: string | undefined,
  opened: AsyncDisposableStack,
): Promise<string> {
  if (folder === undefined) {
    folder = await mkdtemp(join(tmpdir(), 'small-internet-'));
    const made = folder;
    opened.defer(() => rm(made, { recursive: true, force: true }));
  } else await mkdir(folder, { recursive: true });
  // A browser under another user must be able to read it; it holds no secret.
  await chmod(folder, 0o755);
  const caFile = join(folder, 'small-internet-authority.pem');
  await writeFile(caFile, certificate, { mode: 0o644 });
  return caFile;
}

function siteServer(scheme: 'http' | 'https', world: World, served: ServedRequest[]) {
  return closable(
    createServer((request, response) => {
      serve(scheme, request, response, world, served).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end(String(error));
      });
    }),
  );
}

async function serve(
  scheme: 'http' | 'https',
  message: IncomingMessage,
  response: ServerResponse,
  world: World,
  served: ServedRequest[],
): Promise<void> {
  const entry: ServedRequest = {
    method: message.method ?? 'GET',
    url: absoluteUrl(scheme, message),
    status: null,
    bodySha256: '',
    bodyBytes: 0,
    decodedSha256: '',
    userAgent: message.headers['user-agent'] ?? null,
    at: new Date(),
    fault: null,
  };
  served.push(entry);
  const request: SiteRequest = {
    method: entry.method,
    url: new URL(entry.url),
    headers: message.headers,
    body: await readBody(message),
  };
  const stopped = await world.before(request);
  const given: Answer = stopped ?? (await world.bend(request, await answer(request, world)));
  const delivery = world.delivery(request);
  if (stopped) entry.fault = 'rate-limited';
  else if (delivery.cutsAfter !== null) entry.fault = 'truncated';
  Object.assign(entry, await send(request, given, response, delivery));
}

function absoluteUrl(scheme: string, message: IncomingMessage): string {
  const target = message.url ?? '/';
  return target.startsWith('/') ? `${scheme}://${message.headers.host}${target}` : target;
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function untrustedServer() {
  const stranger = await generateCACertificate({ subject: { commonName: 'Nobody you know' } });
  return closable(createTlsServer({ key: stranger.key, cert: stranger.cert }));
}

function refusal(url: string, fault: ConnectionFault, request: IncomingMessage): ServedRequest {
  return {
    method: request.method ?? 'CONNECT',
    url,
    status: fault === 'tls' ? null : 502,
    bodySha256: '',
    bodyBytes: 0,
    decodedSha256: '',
    userAgent: request.headers['user-agent'] ?? null,
    at: new Date(),
    fault,
  };
}
