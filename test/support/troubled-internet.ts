/** An internet where nothing goes well: each link of it fails in a way of its own. */
import { lies } from '../internet/faults.ts';
import { startSmallInternet } from '../internet/small-internet.ts';
import type { World } from '../internet/world.ts';
import { type BrokenProxy, brokenHost, openBrokenProxy, waysToBreak } from './broken-proxy.ts';

export interface TroubledInternet extends AsyncDisposable {
  /** Settings of a program that is to meet it, and to lose patience soon. */
  environment: Record<string, string>;
  /** Name of the trouble → link. */
  links: Map<string, string>;
  /** A page whose pictures lie on every host that fails, but for those that take their time; with two clips. */
  everythingUrl: string;
  /** A post of a platform whose hosts all break like this. */
  postUrl(way: string): string;
}

const postId = '1227381802398646272';
const postHosts = [
  ...['x.com', 'api.x.com', 't.co', 'cdn.syndication.twimg.com', 'publish.x.com'],
  ...['publish.twitter.com', 'platform.twitter.com', 'twitter.com', 'video.twimg.com'],
];

export async function startTroubledInternet(): Promise<TroubledInternet> {
  await using opened = new AsyncDisposableStack();
  const internet = opened.use(await startSmallInternet());
  const { world } = internet;
  const proxy = opened.use(await openBrokenProxy(internet.proxyUrl));
  const links = new Map(waysToBreak.map((way) => [way, `https://${brokenHost(way)}/`]));
  for (const [name, cause] of Object.entries(troubles))
    links.set(name, addTrouble(world, name, cause));
  const everythingUrl = 'https://everything.test/';
  const pictures = [...links].filter(([name]) => !/slow|drips/.test(name));
  world.addPage(everythingUrl, {
    html: pageOn(
      pictures.map(([, link]) => new URL(link).host),
      [brokenHost('not-tls'), 'clip-cut.test'],
    ),
  });
  const all = opened.move();
  return {
    environment: {
      ...internet.environment,
      ...impatient,
      HOLDFAST_UPSTREAM_PROXY: proxy.url,
    },
    links,
    everythingUrl,
    postUrl: (way) => postThatBreaks(world, proxy, way),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const impatient = {
  HOLDFAST_PAGE_TIMEOUT_MS: '2000',
  HOLDFAST_PAGE_QUIET_MS: '300',
  HOLDFAST_MEDIA_TIMEOUT_MS: '800',
  HOLDFAST_RETRY_BASE_MS: '50',
  HOLDFAST_HOST_INTERVAL_MS: '0',
  HOLDFAST_OCR_LANGUAGES: 'none',
  HOLDFAST_YTDLP: 'none',
};

/** What the small internet can do by itself, to a page and to the clip on it. */
const troubles: Record<string, (world: World, host: string) => void> = {
  'no-name': (world, host) => world.failDns(host),
  'nobody-listens': (world, host) => world.refuse(host),
  'untrusted-certificate': (world, host) => world.failTls(host),
  'rate-limited': (world, host) => world.rateLimit(host, { times: 100 }),
  slow: (world, host) => world.slow(host, 3_000),
  'page-cut': (world, host) => world.truncate(`https://${host}/`, 40, { times: 100 }),
  'clip-cut': (world, host) => world.truncate(`https://${host}/clip.mp4`, 9_000, { times: 100 }),
  'clip-changes': (world, host) =>
    world.truncate(`https://${host}/clip.mp4`, 9_000, { times: 100, etag: 'changes' }),
  'clip-drips': (world, host) => world.drip(`https://${host}/clip.mp4`, { bytes: 2_000 }),
  'page-drips': (world, host) => world.drip(`https://${host}/`, { bytes: 5 }),
  intercepted: (world, host) => world.lie(`https://${host}/clip.mp4`, lies.interception()),
  'server-error': (world, host) => world.lie(`https://${host}/`, lies.status(503)),
  'other-type': (world, host) => world.lie(`https://${host}/`, lies.mediaType('video/mp4')),
  'never-the-same': (world, host) => world.lie(`https://${host}/clip.mp4`, lies.changingBytes()),
};

function addTrouble(world: World, name: string, cause: (world: World, host: string) => void) {
  const host = `${name}.test`;
  const url = `https://${host}/`;
  world.addPage(url, { html: pageOn([host], [host]) });
  world.addPage(`${url}clip.mp4`, { bytes: noClip, mediaType: 'video/mp4' });
  cause(world, host);
  return url;
}

/** Begins like one. */
const noClip = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42'), Buffer.alloc(60_000, 7)]);

function pageOn(pictureHosts: string[], clipHosts: string[]): string {
  const pictures = pictureHosts.map((host) => `<img src="https://${host}/picture.png">`);
  const clips = clipHosts.map((host) => `<video src="https://${host}/clip.mp4"></video>`);
  return `<!doctype html><title>In trouble</title><p>Words.${pictures.join('')}${clips.join('')}`;
}

function postThatBreaks(world: World, { breaking }: BrokenProxy, way: string): string {
  for (const host of postHosts) breaking.set(host, way);
  if (!world.posts.has(postId)) {
    const author = { id: '90000003', handle: 'example', name: 'Example' };
    world.addPost({ id: postId, author, text: 'A post that is hard to reach, made for a test.' });
  }
  return `https://x.com/example/status/${postId}`;
}
