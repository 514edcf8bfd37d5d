/** Names to addresses: by the operator's DNS servers where there are any, else by the system. */
import { lookup, Resolver } from 'node:dns/promises';
import { TransientError } from '../base/errors.ts';
import { within } from '../base/time-limit.ts';

/** Every address of a name, IPv4 first. @throws TransientError `dns` */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<string[]>;

const limitMs = 10_000;

export function nameResolver(servers: string[]): ResolveName {
  const ask = servers.length === 0 ? askSystem : askServers(servers);
  return async (name, signal) => {
    const addresses = await within(limitMs, signal, ask(name)).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new TransientError('dns', `${name} could not be resolved`, { cause });
    });
    if (addresses.length === 0) throw new TransientError('dns', `${name} has no address`);
    return addresses;
  };
}

async function askSystem(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
}

function askServers(servers: string[]): (name: string) => Promise<string[]> {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  resolver.setServers(servers);
  return async (name) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    if (v4.status === 'rejected' && v6.status === 'rejected') throw v4.reason;
    return [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };
}
