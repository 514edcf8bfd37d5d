/** A socket file that leads to the door, for a tool whose own network has nothing else in it. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DoorSocket {
  /** Where the door listens, and where the tool will find it on its own loopback. */
  port: number;
  /** Short, whatever the data folder is called: the system allows some 100 characters. */
  socketPath: string;
}

/** @param doorUrl `http://127.0.0.1:port`, as `openDoor` gives it */
export async function openDoorSocket(doorUrl: string): Promise<DoorSocket & AsyncDisposable> {
  const port = Number(new URL(doorUrl).port);
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-door-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const socketPath = join(folder, 'door');
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    inside.pipe(outside).pipe(inside);
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(socketPath);
  await once(server, 'listening');
  opened.defer(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  });
  const all = opened.move();
  return { port, socketPath, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
