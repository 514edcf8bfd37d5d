/** Plays the script of a year on the small internet: at every moment it answers as the script says. */
import type { Answer, SiteRequest } from '../internet/answer.ts';
import { type Lie, lies } from '../internet/faults.ts';
import type { PostState } from '../internet/post.ts';
import type { World } from '../internet/world.ts';
import { chance } from './chance.ts';
import { type Route, routes, startMs, type Trouble } from './simulated-world.ts';
import { type HostTrouble, type ScriptedSource, truthOf, type YearScript } from './year-script.ts';

/** Known-good sources of the platform; 24 and 26 are known to be gone. */
const canaries = ['20', '266031293945503744'];
const hostOf: Record<Route, string> = {
  syndication: 'cdn.syndication.twimg.com',
  graphql: 'api.x.com',
  oembed: 'publish.x.com',
};
/** A single answer that is wrong by itself. */
const glitchShare = 0.002;
const slowMs = 40;
const askToWaitSeconds = 900;

export interface Stage {
  /** Everything becomes as it is at that time. Never goes back. */
  setTo(at: number): void;
}

export function openStage(world: World, script: YearScript, seed: number): Stage {
  const moments = momentsOf(script);
  let at = startMs;
  let next = 0;
  const account = { id: '90000007', handle: 'canary', name: 'Canary' };
  for (const id of canaries) world.addPost({ id, author: account, text: 'canary' });
  for (const source of script.sources) put(world, script, source, () => at);
  const set = () => {
    for (const source of script.sources) setPost(world, source, at);
    for (const route of routes)
      setRoute(world, route, platformTrouble(script, route, at), { seed, at: () => at });
    for (const host of new Set(script.hostTroubles.map((one) => one.host)))
      setHost(world, host, hostTrouble(script, host, at));
  };
  set();
  return {
    setTo(to) {
      at = to;
      const from = next;
      while ((moments[next] ?? Number.POSITIVE_INFINITY) <= to) next += 1;
      if (next > from) set();
    },
  };
}

/** When anything begins or ends. */
function momentsOf({ sources, outages, hostTroubles }: YearScript): number[] {
  return [
    ...sources.flatMap(({ history, edits }) => [...history.map(({ from }) => from), ...edits]),
    ...[...outages, ...hostTroubles].flatMap(({ from, to }) => [from, to]),
  ].sort((a, b) => a - b);
}

function put(world: World, script: YearScript, source: ScriptedSource, now: () => number): void {
  if (source.post !== null) {
    const { id, account } = source.post;
    world.addPost({ id, author: account, text: textOf(source, startMs) });
    return;
  }
  const { origin, hostname: host } = new URL(source.link);
  const page = (answer: () => Answer) => ({
    handler: () => refusal(hostTrouble(script, host, now())) ?? answer(),
  });
  world.addPage(
    `${origin}/`,
    page(() => html('<title>Front</title><p>All the news</p>')),
  );
  world.addPage(
    `${origin}/login`,
    page(() => html('<title>Log in</title><form></form>')),
  );
  world.addPage(
    source.link,
    page(() => pageAnswer(source, now())),
  );
}

/** Living pages and posts speak of removal, too. */
function textOf({ link, edits }: ScriptedSource, at: number): string {
  const edition = edits.filter((edit) => edit <= at).length + 1;
  return `The mayor has been removed, this post was deleted, says ${new URL(link).pathname}, edition ${edition}`;
}

function setPost(world: World, source: ScriptedSource, at: number): void {
  if (source.post === null) return;
  const post = world.post(source.post.id);
  post.state = truthOf(source, at) as PostState;
  const text = textOf(source, at);
  if (post.text !== text) world.alter(post.id, { text });
}

function pageAnswer(source: ScriptedSource, at: number): Answer {
  switch (truthOf(source, at)) {
    case 'page-gone':
      return html('<title>Gone</title>', 410);
    case 'page-missing':
      return html('<title>Not found</title>', 404);
    case 'walled':
      return { status: 302, headers: { location: '/login' }, body: '' };
    default:
      return html(`<title>Story</title><p>${textOf(source, at)}</p>`);
  }
}

function html(body: string, status = 200): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function refusal(trouble: HostTrouble['trouble'] | null): Answer | null {
  switch (trouble) {
    case 'server-error':
      return html('<h1>Oops</h1>', 503);
    case 'rate-limited':
      return { ...html('', 429), headers: { 'retry-after': String(askToWaitSeconds) } };
    case 'blocked':
      return html('<title>Robot?</title>', 403);
    case 'all-gone':
      return html('<title>Not found</title>', 404);
    default:
      return null;
  }
}

function setHost(world: World, host: string, trouble: HostTrouble['trouble'] | null): void {
  world.heal(host);
  if (trouble === 'unreachable') world.refuse(host);
  if (trouble === 'slow') world.slow(host, slowMs);
}

function setRoute(
  world: World,
  route: Route,
  trouble: Trouble | null,
  glitches: { seed: number; at: () => number },
): void {
  const host = hostOf[route];
  world.heal(host);
  if (trouble === 'unreachable') world.failDns(host);
  if (trouble === 'rate-limited')
    world.rateLimit(host, { times: Number.POSITIVE_INFINITY, retryAfterSeconds: askToWaitSeconds });
  for (const address of addressesOf(world, route)) {
    world.lie(address, lieFor(route, trouble, glitches));
  }
}

function addressesOf(world: World, route: Route): string[] {
  switch (route) {
    case 'syndication':
      return ['https://cdn.syndication.twimg.com/tweet-result'];
    case 'oembed':
      return ['https://publish.x.com/oembed'];
    case 'graphql':
      return world.graphqlQueryIds.map(
        (queryId) => `https://api.x.com/graphql/${queryId}/TweetResultByRestId`,
      );
  }
}

function lieFor(
  route: Route,
  trouble: Trouble | null,
  { seed, at }: { seed: number; at: () => number },
): Lie {
  const gone = (honest: Answer): Answer =>
    route === 'graphql'
      ? { ...honest, body: JSON.stringify({ data: { tweetResult: {} } }) }
      : { status: 404, body: '' };
  switch (trouble) {
    case 'blocked':
      return lies.status(403);
    case 'extractor-broken':
      return lies.interception();
    case 'all-gone':
      return gone;
    case 'all-gone-but-canaries':
      return (honest, request) => (canaries.includes(idIn(request)) ? honest : gone(honest));
    default:
      return (honest, request) => {
        const turn = Number(BigInt(idIn(request) || '0') % 1_000_003n) + at() / 60_000;
        return chance(seed + turn + routes.indexOf(route))() < glitchShare ? gone(honest) : honest;
      };
  }
}

function idIn({ url }: SiteRequest): string {
  const asked = url.searchParams;
  const named = asked.get('id') ?? asked.get('variables') ?? asked.get('url') ?? '';
  return /\d{2,19}/.exec(named)?.[0] ?? '';
}

function platformTrouble({ outages }: YearScript, route: Route, at: number): Trouble | null {
  const found = outages.find(
    ({ from, to, routes: hit }) => from <= at && at < to && hit.includes(route),
  );
  return found?.trouble ?? null;
}

function hostTrouble(
  { hostTroubles }: YearScript,
  host: string,
  at: number,
): HostTrouble['trouble'] | null {
  const found = hostTroubles.find((one) => one.host === host && one.from <= at && at < one.to);
  return found?.trouble ?? null;
}
