/** A web server on loopback whose pages a test writes down one by one. */

import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestAuthority } from './authority.ts';

export type Answer = string | ((asked: IncomingMessage, answer: ServerResponse) => void);

export interface WebServer extends AsyncDisposable {
  port: number;
  /** Path with query → an HTML page, or a function. Others are 404. */
  pages: Record<string, Answer>;
  /** Every path that was asked for. */
  asked: string[];
  url(path: string): string;
}

export async function openWebServer(
  authority: TestAuthority | null,
  host = '127.0.0.1',
): Promise<WebServer> {
  const pages: Record<string, Answer> = {};
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    const page = pages[request.url ?? ''];
    if (typeof page === 'function') return page(request, response);
    response.writeHead(page === undefined ? 404 : 200, {
      'content-type': 'text/html; charset=utf-8',
    });
    response.end(page ?? '<title>Not here</title><h1>Nothing at this address</h1>');
  };
  const server: Server =
    authority === null
      ? createServer(listener)
      : (createSecureServer(
          { key: authority.key, cert: authority.cert },
          listener,
        ) as unknown as Server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    pages,
    asked,
    url: (path) => `${authority === null ? 'http' : 'https'}://${host}:${port}${path}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
