/** A web server on this machine's own address, closed with everything that hangs on it. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { errno } from '../base/disk.ts';
import { UnreachableError } from '../base/errors.ts';

/** Never a name: what a name leads to is for others to say. */
export const loopback = '127.0.0.1';

export interface Listener extends AsyncDisposable {
  /** `http://127.0.0.1:7070` */
  origin: string;
}

type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * @param wanted the port; 0: any that is free
 * @throws UnreachableError `port-taken`
 */
export async function listen(fetch: Fetch, wanted: number): Promise<Listener> {
  const server = await listening(fetch, wanted, loopback);
  return { origin: `http://${loopback}:${portOf(server)}`, [Symbol.asyncDispose]: closing(server) };
}

/**
 * Names below `localhost` lead browsers to `::1` first: there, too, the same port must be ours.
 * Where this machine has no such address, nobody else has it either.
 */
export async function listenOnBoth(fetch: Fetch): Promise<Listener> {
  for (let tries = 1; ; tries += 1) {
    const server = await listening(fetch, 0, loopback);
    const close = closing(server);
    const origin = `http://${loopback}:${portOf(server)}`;
    try {
      const second = closing(await listening(fetch, portOf(server), '::1'));
      const both = async () => {
        await Promise.all([close(), second()]);
      };
      return { origin, [Symbol.asyncDispose]: both };
    } catch (error) {
      if (!(error instanceof UnreachableError)) return { origin, [Symbol.asyncDispose]: close };
      await close();
      if (tries === mostTries) throw error;
    }
  }
}

const mostTries = 20;

async function listening(fetch: Fetch, wanted: number, address: string): Promise<Server> {
  const server = createAdaptorServer({ fetch, hostname: address }) as Server;
  // Headers that trickle in for minutes hold nothing of ours.
  server.headersTimeout = 10_000;
  server.requestTimeout = 5 * 60_000;
  server.listen(wanted, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (errno(error) !== 'EADDRINUSE' && errno(error) !== 'EACCES') throw error;
    throw new UnreachableError(
      'port-taken',
      `port ${wanted} is in use on this machine: name another one with --port, or 0 for any`,
      { cause: error },
    );
  }
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server');
  return address.port;
}

function closing(server: Server): () => Promise<void> {
  return async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
}
