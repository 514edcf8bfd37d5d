/**
 * The record of an X source: what every public route says about it now. Nothing is claimed
 * that no route said, and where the routes differ, both are kept and the difference is told.
 */
import type { LinkFacts } from '../identity.ts';
import type { Ask, Post, RecordRequest, SourceRecord } from '../platform.ts';
import { recordPage } from '../web/record.ts';
import { bestPost, conclude, type Found } from './conclude.ts';
import { mediaOf } from './media.ts';
import { asReading } from './observe.ts';
import { recordOther } from './other-sources.ts';
import { postPlan, recordOnlyPlan } from './plan.ts';
import { normalisePost } from './post.ts';
import type { GraphqlRoute } from './routes/graphql.ts';
import { confirmedByOthers } from './routes/in-place-of-text.ts';
import { askOembed } from './routes/oembed.ts';
import type { RouteReading } from './routes/reading.ts';
import { resolveTco } from './routes/resolve-tco.ts';
import { askSyndication } from './routes/syndication.ts';
import { warningsAboutPost, warningsOn } from './warnings.ts';

const provisional = 'x:tco:';
const status = 'x:status:';

/**
 * @throws only what `ask` throws: aborted, or nothing can be kept. Everything that the
 * outside does or says ends in the verdict.
 */
export async function recordX(
  request: RecordRequest,
  ask: Ask,
  signal: AbortSignal,
  graphql: GraphqlRoute,
): Promise<SourceRecord> {
  if (request.source.startsWith(provisional)) return recordBehindTco(request, ask, signal, graphql);
  if (request.source.startsWith(status)) return recordPost(request, ask, signal, graphql);
  return recordOther(request);
}

async function recordBehindTco(
  request: RecordRequest,
  ask: Ask,
  signal: AbortSignal,
  graphql: GraphqlRoute,
): Promise<SourceRecord> {
  const resolved = await resolveTco(request.source.slice(provisional.length), ask, signal);
  const { hops, readings } = resolved;
  if (resolved.source === null) {
    const retryAfterMs = readings.at(-1)?.retryAfterMs;
    const reason = resolved.reason ?? 'leads-nowhere';
    return {
      source: request.source,
      hops,
      readings: readings.map(asReading),
      post: null,
      plan: recordOnlyPlan(request.source),
      warnings: [],
      verdict: { state: 'failed', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    };
  }
  // What the address claims fills in what the link itself didn't say; it never overrules it.
  const behind = {
    ...request,
    source: resolved.source,
    facts: { ...resolved.facts, ...request.facts },
  };
  const record = resolved.source.startsWith('web:')
    ? recordPage(behind)
    : await recordX(behind, ask, signal, graphql);
  return {
    ...record,
    hops: [...hops, ...record.hops],
    readings: [...readings.map(asReading), ...record.readings],
  };
}

async function recordPost(
  request: RecordRequest,
  ask: Ask,
  signal: AbortSignal,
  graphql: GraphqlRoute,
): Promise<SourceRecord> {
  const id = request.source.slice(status.length);
  const readings = await askRoutes(id, ask, signal, graphql);
  const found = bestPost(readings);
  const verdict = conclude(readings, found);
  const post = found && asPost(found, readings);
  const media = found === null ? [] : mediaOf(found.claims);
  const handle = post?.author.handle ?? request.facts.handle ?? null;
  return {
    source: request.source,
    hops: [],
    readings: readings.map(asReading),
    post,
    plan: postPlan(request.source, { post: post !== null, id, handle, media }, verdict),
    warnings: allWarnings(readings, found, post, request.facts),
    verdict,
  };
}

/** Two routes always; the third, which knows less, unless both of them gave the post. */
async function askRoutes(
  id: string,
  ask: Ask,
  signal: AbortSignal,
  graphql: GraphqlRoute,
): Promise<RouteReading[]> {
  const readings = await askSyndication(id, ask);
  signal.throwIfAborted();
  readings.push(...(await graphql.ask(id, ask, signal)));
  const gaveIt = new Set(
    readings.filter(({ claims }) => claims !== null).map(({ route }) => route),
  );
  signal.throwIfAborted();
  if (gaveIt.size < 2) readings.push(await askOembed(id, ask));
  return confirmedByOthers(readings);
}

function asPost(found: Found, readings: RouteReading[]): Post {
  const post = withFilledFrom(normalisePost(found.claims, found.route), found.filledFrom);
  if (found.route === 'oembed') return { ...post, degraded: ['oembed-only'] };
  const routes = new Set(
    readings.filter(({ claims }) => claims !== null).map(({ route }) => route),
  );
  return routes.size > 1 ? post : { ...post, degraded: [...post.degraded, 'one-route-only'] };
}

/** A related post that another route gave was read from that route's answer. */
function withFilledFrom(post: Post, filledFrom: Found['filledFrom']): Post {
  const related = (name: 'quoted' | 'repliedTo' | 'reposted') => {
    const one = post[name] ?? null;
    return one && { ...one, route: filledFrom[name] ?? one.route };
  };
  return {
    ...post,
    quoted: related('quoted'),
    repliedTo: related('repliedTo'),
    reposted: related('reposted'),
    filledFrom,
  };
}

function allWarnings(
  readings: RouteReading[],
  found: Found | null,
  post: Post | null,
  facts: LinkFacts,
): SourceRecord['warnings'] {
  const about = found && post ? warningsAboutPost(post, found.claims, facts) : [];
  return [...warningsOn(readings, found), ...about];
}
