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
  const server = createAdaptorServer({ fetch, hostname: loopback }) as Server;
  // Headers that trickle in for minutes hold nothing of ours.
  server.headersTimeout = 10_000;
  server.requestTimeout = 5 * 60_000;
  server.listen(wanted, loopback);
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
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server');
  return {
    origin: `http://${loopback}:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
