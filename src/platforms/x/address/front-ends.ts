/**
 * Sites that show X's posts under X's own paths. Their addresses name a post of X; what we
 * fetch is always X, so that nobody else learns what is being looked at.
 */
const embedFixers = [
  'fxtwitter.com',
  'vxtwitter.com',
  'fixuptwitter.com',
  'twittpr.com',
  'fixupx.com',
  'xfixup.com',
  'fixvx.com',
  'twitterez.com',
  'cunnyx.com',
  'girlcockx.com',
];
const readers = ['xcancel.com', 'lightbrd.com', 'twiiit.com'];

const known = new Set([...embedFixers, ...readers]);

/** `host` without a trailing dot, lower-case. */
export function isFrontEnd(host: string): boolean {
  if (/^(?:www\.)?nitter\.[a-z0-9.-]+$/.test(host)) return true;
  return known.has(host) || known.has(host.slice(host.indexOf('.') + 1));
}
