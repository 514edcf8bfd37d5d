/** From a parsed address to its canonical key: wrappers off, then each platform in turn. */
import type { Identify, Identity, Rejection } from '../platforms/identity.ts';
import { identify as identifyPage } from '../platforms/web/identity.ts';
import { identify as identifyX } from '../platforms/x/identity.ts';
import { unwrap } from './wrappers.ts';

/** A page is what everything else is, so it comes last. */
const platforms: Identify[] = [identifyX, identifyPage];

/** Nobody wraps an address deeper than this by accident. */
const deepestWrapping = 8;

export function identifyAddress(url: URL, depth = 0): Identity | Rejection {
  const wrapped = unwrap(url);
  if (wrapped === null) return byPlatform(url);
  if (depth === deepestWrapping) return { rejected: 'bad-address' };
  const inner = identifyAddress(wrapped.inner, depth + 1);
  if ('key' in inner) return { key: inner.key, facts: { ...inner.facts, ...wrapped.facts } };
  // X's lists and searches can't be kept from X, but an archive's copy of one is a page.
  return wrapped.isArchive && inner.rejected === 'x-other' ? byPlatform(url) : inner;
}

function byPlatform(url: URL): Identity | Rejection {
  for (const identify of platforms) {
    const found = identify(url);
    if (found !== null) return found;
  }
  return { rejected: 'scheme' };
}
