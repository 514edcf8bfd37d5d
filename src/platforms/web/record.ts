/**
 * Any page. It has no record to ask for: the page itself is the thing, and so the page is
 * what the capture needs. Media that the page shows are fetched too, but are not required:
 * pages are full of clips of others (advertisements, teasers), and one that can't be had
 * must not make a well-kept page look half-kept. Each one missed is named in its step.
 */
import type { LinkFacts } from '../identity.ts';
import type { Platform, RecordRequest, SourceRecord } from '../platform.ts';
import { withoutElementName, withoutFragment } from './fragment.ts';
import { identify } from './identity.ts';
import { observePage, pageCanaries, readVisit } from './observe.ts';
import { pageRecipe } from './page.ts';

const prefix = 'web:';

export const web: Platform = {
  name: 'web',
  identify,
  record: async (request) => recordPage(request),
  observe: observePage,
  canaries: pageCanaries,
  readVisit,
  ifElement: withoutElementName,
  atArchives: {
    addresses: (source) => [withoutFragment(source.slice(prefix.length))],
    isSame: isAddressOf,
    // A page is kept as it is; what it says is for its reader.
    read: () => null,
  },
};

/** Archives write addresses with and without port, and with the scheme of the day. */
function isAddressOf(source: string, original: string): boolean {
  if (!URL.canParse(original)) return false;
  const found = identify(new URL(original));
  if (found === null || !('key' in found)) return false;
  const plain = (key: string) => withoutFragment(key.replace(/^web:https?:/, ''));
  return plain(found.key) === plain(source);
}

/** With the fragment that was pasted, also where the key has none of it. */
function asGiven(source: string, fragment: LinkFacts[string]): string {
  const address = source.slice(prefix.length);
  return typeof fragment === 'string' ? withoutFragment(address) + fragment : address;
}

export function recordPage({ source, facts }: RecordRequest): SourceRecord {
  return {
    source,
    hops: [],
    readings: [],
    post: null,
    plan: {
      schema: 'holdfast.plan/1',
      source,
      platform: 'web',
      shape: 'page',
      steps: [
        { name: 'page', required: true },
        { name: 'media', required: false },
        { name: 'seal', required: true },
      ],
      pages: [pageRecipe(asGiven(source, facts.fragment))],
      media: [],
    },
    warnings: [],
    verdict: { state: 'done', reason: null },
  };
}
