/**
 * Who calls at a door. It listens on loopback, which every user of this machine can reach, and what
 * passes it stands in a sealed record as the capture's: so it asks the kernel whose each connection
 * is. A password would not do: Chromium sends none before it was asked, and shows others' programs
 * its command line.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { browserUser, systemUser } from '../base/system-users.ts';

/** `true` also where the system doesn't tell (only Linux does). */
export type MayCall = (socket: Socket) => Promise<boolean>;

/** This process's own user and, where that is root, the browser's. */
export async function ownCallers(): Promise<MayCall> {
  const own = process.geteuid?.();
  const browser = own === 0 ? await systemUser([browserUser]) : null;
  const users = new Set([own, browser?.uid]);
  return async ({ remotePort, localPort }) => {
    const table = await readFile('/proc/net/tcp', 'latin1').catch(() => null);
    if (table === null) return true;
    const uid = userIn(table, remotePort ?? 0, localPort ?? 0);
    return uid !== null && users.has(uid);
  };
}

/** See proc(5). A connection whose program is gone has no inode, and then says that it is root's. */
function userIn(table: string, from: number, to: number): number | null {
  const line = table
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find(([, local, remote]) => local === loopback(from) && remote === loopback(to));
  return line === undefined || line[9] === '0' ? null : Number(line[7]);
}

/** 127.0.0.1 in the byte order of this machine, which is little-endian wherever Node runs. */
function loopback(port: number): string {
  return `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}
