import type { Command } from 'commander';
import { write } from './output.ts';
import { configFor, formatOf, globals } from './verb.ts';

/** Prints the settings in force; whatever could be a secret is hidden. */
export async function config(command: Command): Promise<void> {
  const options = globals(command);
  const { databaseUrl, redisUrl, x, egress, seal, ...rest } = await configFor(options);
  const shown = {
    ...rest,
    databaseUrl: hidden(databaseUrl),
    redisUrl: hidden(redisUrl),
    egress: { ...egress, upstreamProxy: hidden(egress.upstreamProxy) },
    seal: { ...seal, tsaUrls: seal.tsaUrls.map(withoutQuery) },
    x: { bearer: x.bearer === null ? null : '(set)', queryIds: x.queryIds },
  };
  if (formatOf(options) === 'json')
    return write(JSON.stringify({ schema: 'holdfast.config/1', ...shown }, null, 2));
  for (const [name, value] of flattened(shown)) write(`${name.padEnd(28)} ${value}`);
}

/** The address without its user and password. */
function hidden(address: string | null): string | null {
  if (address === null) return null;
  try {
    const url = new URL(address);
    if (url.password !== '') url.password = 'hidden';
    return url.href;
  } catch {
    return '(set)';
  }
}

/** Some authorities are paid for by a key in their address. */
function withoutQuery(address: string): string {
  return address.replace(/\?.*$/s, '?(hidden)');
}

function flattened(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([name, inner]): [string, string][] => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner))
      return flattened(inner, path);
    return [
      [path, inner === null ? '-' : Array.isArray(inner) ? inner.join(', ') || '-' : String(inner)],
    ];
  });
}
