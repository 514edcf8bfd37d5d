/** Names to addresses: by the operator's DNS servers where there are any, else by the system. */
import { lookup, Resolver } from 'node:dns/promises';
import { TransientError } from '../base/errors.ts';
import { timeLimit, within } from '../base/time-limit.ts';

/** Every address of a name, IPv4 first. @throws TransientError `dns` */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<string[]>;

const limitMs = 10_000;

export function nameResolver(servers: string[]): ResolveName {
  const ask: ResolveName = servers.length === 0 ? askSystem : askServers(servers);
  return async (name, signal) => {
    const addresses = await ask(name, signal).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new TransientError('dns', `${name} could not be resolved`, { cause });
    });
    if (addresses.length === 0) throw new TransientError('dns', `${name} has no address`);
    return addresses;
  };
}

/** A question to the system can't be taken back: it ends when the system's own patience does. */
async function askSystem(name: string, signal: AbortSignal): Promise<string[]> {
  const asked = lookup(name, { all: true, order: 'ipv4first' });
  const found = await within(limitMs, signal, asked);
  return found.map(({ address }) => address);
}

function askServers(servers: string[]): ResolveName {
  return async (name, signal) => {
    using limit = timeLimit(limitMs, signal);
    limit.signal.throwIfAborted();
    // One for each question: it takes back all of its questions or none.
    const resolver = new Resolver({ timeout: 3_000, tries: 2 });
    resolver.setServers(servers);
    limit.signal.addEventListener('abort', () => resolver.cancel(), { once: true });
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    if (v4.status === 'rejected' && v6.status === 'rejected') throw v4.reason;
    return [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };
}
