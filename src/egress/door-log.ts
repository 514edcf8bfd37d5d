/** What passed one door: each connection with its address, its fate and its bytes on the wire. */
import type { Socket } from 'node:net';
import type { DialOutcome, DialRecord } from './dial.ts';
import type { Target } from './target.ts';
import { transportCode } from './tcp.ts';

export interface DoorConnection {
  host: string;
  port: number;
  /** The address that was connected to, tried or refused; null where there was none, or an upstream proxy chose it. */
  address: string | null;
  outcome: DialOutcome;
  /** When the fate of the connection was known, ISO 8601 UTC. */
  at: string;
  /** Bytes from the origin and to it, TLS included. */
  bytesIn: number;
  bytesOut: number;
}

export interface DoorLog {
  add(target: Target, record: DialRecord, socket: Socket | null): void;
  connections(): DoorConnection[];
  closeAll(): void;
}

export function doorLog(): DoorLog {
  const entries: DoorConnection[] = [];
  const open = new Map<DoorConnection, () => void>();
  const sockets = new Set<Socket>();

  const watch = (entry: DoorConnection, socket: Socket) => {
    // What a handshake with an upstream proxy took doesn't count.
    const [readBefore, writtenBefore] = [
      socket.bytesRead - socket.readableLength,
      socket.bytesWritten,
    ];
    const count = () => {
      entry.bytesIn = socket.bytesRead - readBefore;
      entry.bytesOut = socket.bytesWritten - writtenBefore;
    };
    open.set(entry, count);
    sockets.add(socket);
    socket.on('error', (error) => {
      if (transportCode(error) === 'reset') entry.outcome = 'reset';
    });
    socket.once('close', () => {
      count();
      open.delete(entry);
      sockets.delete(socket);
    });
  };

  return {
    add(target, record, socket) {
      const { host, port } = target;
      const at = new Date().toISOString();
      const entry = { host, port, ...record, at, bytesIn: 0, bytesOut: 0 };
      entries.push(entry);
      if (socket !== null) watch(entry, socket);
    },
    connections() {
      for (const count of open.values()) count();
      return entries.map((entry) => ({ ...entry }));
    },
    closeAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
