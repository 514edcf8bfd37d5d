/** Whether this machine has any way to other machines: asked when requests fail, never before. */
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

export interface WayOut {
  /** As it was when last looked at: false until somebody had a reason to look. */
  readonly wasGone: boolean;
  isGone(): Promise<boolean>;
}

/** @param upstreamHost a proxy on this machine is a way out that only it knows */
export function wayOut(upstreamHost: string | null): WayOut {
  let wasGone = false;
  const throughThisMachine = /^(?:localhost|127\.[\d.]+|\[?::1\]?)(?::\d+)?$/.test(
    upstreamHost ?? '',
  );
  return {
    get wasGone() {
      return wasGone;
    },
    async isGone() {
      wasGone = !throughThisMachine && !(await leadsAnywhere());
      return wasGone;
    },
  };
}

/** By the kernel's routes; where it doesn't show them, by whether there is an interface at all. */
async function leadsAnywhere(): Promise<boolean> {
  const tables = await Promise.all(
    ['/proc/net/route', '/proc/net/ipv6_route'].map((path) =>
      readFile(path, 'utf8').catch(() => null),
    ),
  );
  const [v4 = null, v6 = null] = tables;
  if (v4 === null && v6 === null) return hasInterface();
  return hasDefaultRoute(v4 ?? '') || hasDefaultRoute6(v6 ?? '');
}

/** Columns: interface, destination, gateway, flags … in hexadecimal; flag 1: it is up. */
export function hasDefaultRoute(table: string): boolean {
  return table.split('\n').some((line) => {
    const [name = '', destination, , flags = '0'] = line.trim().split(/\s+/);
    return name !== 'lo' && destination === '00000000' && (Number.parseInt(flags, 16) & 1) === 1;
  });
}

/** Columns: destination, length of its prefix, …, flags, interface. The loopback has one that refuses. */
export function hasDefaultRoute6(table: string): boolean {
  return table.split('\n').some((line) => {
    const [destination = '', length, ...rest] = line.trim().split(/\s+/);
    return /^0{32}$/.test(destination) && length === '00' && rest.at(-1) !== 'lo';
  });
}

function hasInterface(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ internal }) => !internal));
}
