/** Is the post still there, and still the same? One small request where syndication gives it. */
import { createHash } from 'node:crypto';
import { normalForm } from '../../base/normal-form.ts';
import type { Ask, Canaries, ObserveRequest, Reading } from '../platform.ts';
import type { PostClaims } from './claims/claims.ts';
import type { GraphqlRoute } from './routes/graphql.ts';
import { confirmedByOthers } from './routes/in-place-of-text.ts';
import { askOembed } from './routes/oembed.ts';
import type { RouteReading } from './routes/reading.ts';
import { resolveTco } from './routes/resolve-tco.ts';
import { askSyndication } from './routes/syndication.ts';

const provisional = 'x:tco:';
const status = 'x:status:';

/** Old posts that many look at, and posts that X itself calls deleted since they were first asked for. */
export const xCanaries: Canaries = {
  good: ['x:status:20', 'x:status:266031293945503744', 'x:status:1491475671058681863'],
  gone: ['x:status:24', 'x:status:26'],
};

export async function observeX(
  { source, thorough }: ObserveRequest,
  ask: Ask,
  signal: AbortSignal,
  graphql: GraphqlRoute,
): Promise<Reading[]> {
  if (source.startsWith(provisional)) {
    const { readings } = await resolveTco(source.slice(provisional.length), ask, signal);
    return readings.map(asReading);
  }
  if (!source.startsWith(status)) return [];
  const id = source.slice(status.length);
  const readings = await askSyndication(id, ask);
  if (!thorough && readings.at(-1)?.signal === 'available') return readings.map(asReading);
  signal.throwIfAborted();
  readings.push(...(await graphql.ask(id, ask, signal)));
  signal.throwIfAborted();
  const gaveIt = new Set(readings.filter(holdsPost).map(({ route }) => route));
  if (thorough || gaveIt.size < 2) readings.push(await askOembed(id, ask));
  return confirmedByOthers(readings).map(asReading);
}

function holdsPost({ claims }: RouteReading): boolean {
  return claims !== null;
}

/** What leaves the room: no claims, but what a later visit compares and what is counted. */
export function asReading(reading: RouteReading): Reading {
  const { route, signal, statement, answer, claims, warning } = reading;
  const told = { route, signal, statement, answer, ...(warning ? { warning } : {}) };
  if (claims === null) return told;
  const content = { contentSha256: contentDigest(claims), counters: claims.counters ?? {} };
  const lost = lostMedia(claims);
  if (lost === null || signal !== 'available') return { ...told, ...content };
  return { ...told, ...content, signal: 'media-removed', statement: lost };
}

/** The record names media that X no longer gives out: `dmcaed`, `deleted`, `geoblocked` … */
function lostMedia({ media }: PostClaims): string | null {
  const reasons = media.flatMap(({ unavailable }) => unavailable ?? []);
  return reasons.length === 0 ? null : [...new Set(reasons)].join(', ');
}

/**
 * Counters, pictures of authors, labels and hosts of addresses are left out: they differ
 * between two looks at a post that nobody touched.
 */
function contentDigest(claims: PostClaims): string {
  const content = [
    normalForm(claims.noteText ?? claims.rawText).trim(),
    claims.editIds,
    [claims.author.id, claims.author.handle, claims.author.name],
    claims.media.map(({ kind, pictureUrl, unavailable }) => [
      kind,
      pictureUrl === null ? null : new URL(pictureUrl).pathname,
      unavailable,
    ]),
    claims.quotedId,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
