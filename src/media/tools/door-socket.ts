/** A socket file that leads to the door, for a tool whose own network has nothing else in it. */
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeAll } from '../../base/close-all.ts';

export interface DoorSocket {
  /** Where the door listens, and where the tool will find it on its own loopback. */
  port: number;
  /** Short, whatever the data folder is called: the system allows some 100 characters. */
  socketPath: string;
}

/** @param doorUrl `http://127.0.0.1:port`, as `openDoor` gives it */
export async function openDoorSocket(doorUrl: string): Promise<DoorSocket & AsyncDisposable> {
  const port = Number(new URL(doorUrl).port);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-door-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  const socketPath = join(folder, 'door');
  try {
    const closeServer = await leadTo(port, socketPath);
    const close = () => closeAll([closeServer, removeFolder]);
    return { port, socketPath, [Symbol.asyncDispose]: close };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/** Whatever is sent to the socket file goes to the port, and back. @returns what ends that */
async function leadTo(port: number, socketPath: string): Promise<() => Promise<void>> {
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
  // For a tool that runs as another user: the folder around it is ours alone.
  await chmod(socketPath, 0o666);
  return async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
}
