/** What would become of links if they were added now, for whoever wants to see it first. */
import { existingCaptures } from '../../catalog/captures.ts';
import { addressPolicy } from '../../egress/address-policy.ts';
import { isLocalName } from '../../egress/local-names.ts';
import type { FoundLink } from '../../links/read-links.ts';
import type { Parts } from '../parts.ts';

export type Becoming =
  | { becomes: 'captured' | 'named-before' | 'local' | 'rejected' }
  /** A capture that is there already: nothing new, unless it is asked for again. */
  | { becomes: 'kept'; captureId: string };

/** In the order of the links. Nothing is looked up in a network. */
export async function whatBecomes(
  { database, config }: Pick<Parts, 'database' | 'config'>,
  links: FoundLink[],
): Promise<Becoming[]> {
  const keys = links.flatMap((found) => ('key' in found ? [found.key] : []));
  const existing = await existingCaptures(database, [...new Set(keys)]);
  const seen = new Set<string>();
  return links.map((found) => {
    if ('rejected' in found) return { becomes: 'rejected' };
    const { key } = found;
    if (seen.has(key)) return { becomes: 'named-before' };
    seen.add(key);
    if (leadsHome(config, key)) return { becomes: 'local' };
    const captureId = existing.get(key);
    return captureId === undefined ? { becomes: 'captured' } : { becomes: 'kept', captureId };
  });
}

/** As the door judges a name or a literal address; what a name leads to shows only later. */
export function leadsHome({ egress }: Parts['config'], key: string): boolean {
  const address = URL.parse(key.replace(/^web:/, ''));
  if (address === null || !/^https?:$/.test(address.protocol)) return false;
  const host = address.hostname.replace(/^\[|\]$/g, '');
  if (/^[\d.]+$/.test(host) || host.includes(':')) return !addressPolicy(egress.allowPrivate)(host);
  return egress.allowPrivate.length === 0 && isLocalName(host);
}
