/**
 * The page sets on which the recorder is judged, generated from a seed, each a small web of its own:
 * tiny; many pictures and a video; a post in a frame of another site; a service worker; every
 * kind of answer; a long video; HTTP/2; hostile; walled.
 */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { RecordedExchange } from '../../src/warc/exchange.ts';
import { noise, noisePng } from './noise.ts';
import {
  packedZeros,
  type Reply,
  type Route,
  rangedFile,
  type Served,
  type Upgrade,
} from './page-server.ts';

export interface PageSet {
  name: string;
  what: string;
  path: string;
  /** HTTP/2 over TLS, and nothing older. */
  isSecure: boolean;
  routes: Record<string, Route>;
  upgrade: Upgrade | null;
  /** Addresses of which something must be missing, by reason. */
  lacking: Record<string, string>;
  /** Why anything else may be missing, if it is named; where empty everything else must be whole. */
  mayLack: string[];
  state: 'done' | 'blocked';
}

export interface SetOptions {
  seed: string;
  /** A short clip; made longer as the set needs. */
  clip: Buffer;
  /** As large and slow as the proof wants it, or as the suite can bear. */
  isFull: boolean;
}

const MiB = 1024 * 1024;

const makers: Record<string, (options: SetOptions) => PageSet> = {
  P1: tiny,
  P2: picturesAndVideo,
  P3: post,
  P4: serviceWorker,
  P5: everyAnswer,
  P6: longVideo,
  P7: secure,
  P8: hostile,
  P9: walled,
};

/** Of all page sets, in the order in which they are proved. */
export const pageSetNames = Object.keys(makers);

export function makePageSet(name: string, options: SetOptions): PageSet {
  const make = makers[name];
  if (make === undefined) throw new Error(`there is no page set ${name}`);
  return make(options);
}

function pageSet(
  name: string,
  what: string,
  routes: PageSet['routes'],
  more: Partial<PageSet> = {},
) {
  return {
    name,
    what,
    path: '/',
    isSecure: false,
    upgrade: null,
    lacking: {},
    mayLack: [],
    state: 'done' as const,
    ...more,
    routes: { '/favicon.ico': { status: 204 }, ...routes },
  };
}

const script = (body: string): Reply => ({ headers: { 'content-type': 'text/javascript' }, body });
const json = (value: unknown): Reply => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
const png = (seed: string, sidePx = 96): Reply => ({
  headers: { 'content-type': 'image/png' },
  body: noisePng(seed, sidePx),
});

export function tiny({ seed }: Pick<SetOptions, 'seed'>): PageSet {
  return pageSet('P1', 'tiny', {
    '/': {
      body: `<!doctype html><title>tiny</title><link rel=stylesheet href=/style.css><h1>${seed}</h1><img src=/dot.png><script src=/code.js></script>`,
    },
    '/style.css': {
      headers: { 'content-type': 'text/css' },
      body: 'h1 { color: #333 }',
      encoding: 'gzip',
    },
    '/code.js': script('document.title += " and alive"'),
    '/dot.png': png(seed, 8),
  });
}

export function picturesAndVideo({ seed, clip, isFull }: SetOptions): PageSet {
  const pictures = Array.from({ length: 30 }, (_, index) => `/picture-${index}.png`);
  return pageSet('P2', '30 lazy pictures and a video', {
    '/': {
      body: `<!doctype html><title>gallery</title><video src=/film.mp4 muted preload=auto width=320 height=180></video>${pictures.map((url) => `<p style="height:120px"><img loading=lazy width=96 height=96 src=${url}></p>`).join('')}`,
    },
    ...Object.fromEntries(pictures.map((url) => [url, png(seed + url)])),
    '/film.mp4': rangedFile(longer(clip, isFull ? 20 * MiB : 3 * MiB), 'video/mp4'),
  });
}

function post({ seed }: SetOptions): PageSet {
  const renditions = ['240', '480', '720'];
  const pieces = renditions.flatMap((height) => [0, 1].map((n) => `/v/${height}-${n}.ts`));
  const playlist = (height: string) =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${height}-0.ts\n#EXTINF:4,\n${height}-1.ts\n#EXT-X-ENDLIST\n`;
  const m3u8 = (body: string): Reply => ({
    headers: { 'content-type': 'application/vnd.apple.mpegurl' },
    body,
    encoding: 'gzip',
  });
  return pageSet('P3', 'a post in a frame of another site, with a playlist', {
    '/': {
      body: `<!doctype html><title>outer</title><script>document.write('<iframe width=600 height=500 src="http://localhost:' + location.port + '/embed"></iframe>')</script>`,
    },
    '/embed': {
      headers: { 'set-cookie': ['guest=1; Path=/', 'lang=en; Path=/'] },
      encoding: 'br',
      body: `<!doctype html><article id=a></article><script>(async () => {
        const post = await (await fetch('/api/post.json')).json(); a.textContent = post.text;
        const master = await (await fetch('/v/master.m3u8')).text();
        for (const line of master.split('\\n').filter((one) => one.endsWith('.m3u8'))) {
          const list = await (await fetch('/v/' + line)).text();
          for (const piece of list.split('\\n').filter((one) => one.endsWith('.ts'))) await (await fetch('/v/' + piece)).arrayBuffer();
        }
        new Image().src = '/avatar.png'; new Worker('/worker.js');
      })()</script>`,
    },
    '/api/post.json': { ...json({ id: seed, text: `a post, ${seed}` }), encoding: 'gzip' },
    '/v/master.m3u8': m3u8(
      `#EXTM3U\n${renditions.map((height) => `#EXT-X-STREAM-INF:BANDWIDTH=${height}000\n${height}.m3u8\n`).join('')}`,
    ),
    ...Object.fromEntries(
      renditions.map((height) => [`/v/${height}.m3u8`, m3u8(playlist(height))]),
    ),
    ...Object.fromEntries(
      pieces.map((url) => [
        url,
        { headers: { 'content-type': 'video/mp2t' }, body: noise(seed + url, 200_000) },
      ]),
    ),
    '/avatar.png': png(`${seed} avatar`, 48),
    '/worker.js': script("fetch('/from-worker.json').then((came) => came.text())"),
    '/from-worker.json': json({ from: 'worker', seed }),
  });
}

function serviceWorker({ seed }: SetOptions): PageSet {
  return pageSet('P4', 'a service worker', {
    '/': {
      body: `<!doctype html><title>service</title><p id=p>…</p><script>(async () => {
        await navigator.serviceWorker.register('/sw.js'); await navigator.serviceWorker.ready;
        await new Promise((go) => navigator.serviceWorker.controller ? go() : navigator.serviceWorker.addEventListener('controllerchange', go));
        p.textContent = await (await fetch('/through-worker.txt')).text() + await (await fetch('/made-up.txt')).text();
      })()</script>`,
    },
    '/sw.js':
      script(`self.addEventListener('install', (event) => { self.skipWaiting(); event.waitUntil(fetch('/precached.bin').then((came) => came.arrayBuffer())) });
      self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));
      self.addEventListener('fetch', (event) => { const { pathname } = new URL(event.request.url);
        if (pathname === '/through-worker.txt') event.respondWith(fetch('/behind-worker.txt'));
        if (pathname === '/made-up.txt') event.respondWith(new Response('made up by the worker')); });`),
    '/precached.bin': {
      headers: { 'content-type': 'application/octet-stream' },
      body: noise(`${seed} precached`, 300_000),
      encoding: 'gzip',
    },
    '/behind-worker.txt': { headers: { 'content-type': 'text/plain' }, body: `behind, ${seed}` },
  });
}

function everyAnswer({ seed, isFull }: SetOptions): PageSet {
  const slowMs = isFull ? 10_000 : 1_500;
  const text = { 'content-type': 'text/plain' };
  const dripped: Route = (_, answer, served) => {
    const [first, second] = [Buffer.from(`slow ${seed} `), Buffer.from('and done')];
    answer.writeHead(200, text);
    served(Buffer.concat([first, second]));
    answer.write(first);
    setTimeout(() => answer.end(second), slowMs);
  };
  const broken: Route = (_, answer, served) => {
    answer.writeHead(200, { ...text, 'content-length': 1_000 });
    served(Buffer.from('half'));
    answer.write('half', () => setTimeout(() => answer.destroy(), 50));
  };
  const held: Route = (_, answer) => void answer.writeHead(200, text).write('held');
  const events: Route = (_, answer) =>
    void answer.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: one\n\n');
  return pageSet(
    'P5',
    'every kind of answer',
    {
      '/': {
        status: 302,
        headers: { location: '/second', 'set-cookie': ['a=1', 'b=2; HttpOnly'] },
        body: 'moved',
      },
      '/second': { status: 301, headers: { location: '/page' } },
      '/page': {
        headers: {
          'content-type': 'text/html; charset=windows-1251',
          'set-cookie': ['c=3', 'd=4; SameSite=Strict'],
          'X-Odd-Case': 'Kept',
        },
        encoding: 'gzip',
        body: Buffer.from(
          `<!doctype html><title>\xcf\xf0\xe8\xe2\xe5\xf2</title><img src=/slow.png><iframe src=/frame></iframe><script>(async () => {
          const get = (url, how) => fetch(url, how).then((came) => came.arrayBuffer()).catch(() => {});
          await Promise.all(['/gzip.txt', '/br.txt', '/chunked.txt', '/missing.txt', '/moved.txt', '/broken.txt', '/empty.txt', '/large.json', '/unread.txt'].map((url) => url === '/unread.txt' ? fetch(url) : get(url)));
          await get('/head.txt', { method: 'HEAD' }); await get('/nothing', { method: 'DELETE' });
          await get('/form', { method: 'POST', body: new URLSearchParams({ seed: '${seed}', a: '\xe9' }) });
          await get('/upload', { method: 'POST', body: new Uint8Array([0, 255, 254, 10, 13, 128]) });
          await get('/cached.txt'); await get('/cached.txt'); await get('/tagged.txt'); await get('/tagged.txt');
          const stop = new AbortController(); setTimeout(() => stop.abort(), 200); get('/held', { signal: stop.signal });
          navigator.sendBeacon('/beacon', 'x'); fetch('/poll').catch(() => {}); new EventSource('/events');
          const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket'); socket.onopen = () => socket.send('hello from the page');
          get('/slow.txt');
          })()</script>`,
          'latin1',
        ),
      },
      '/frame': { body: `<p>a frame of the same site, ${seed}</p>` },
      '/slow.png': png(`${seed} slow`, 64),
      '/gzip.txt': { headers: text, body: `gzip \u00fc ${seed}`.repeat(500), encoding: 'gzip' },
      '/br.txt': { headers: text, body: noise(`${seed} br`, 100_000), encoding: 'br' },
      '/chunked.txt': (_, answer, served) => {
        const body = noise(`${seed} chunked`, 400_000);
        answer.writeHead(200, text);
        served(body);
        for (let at = 0; at < body.length; at += 50_000)
          answer.write(body.subarray(at, at + 50_000));
        answer.end();
      },
      '/missing.txt': { status: 404, headers: text, body: `not here, ${seed}` },
      '/moved.txt': { status: 307, headers: { location: '/arrived.txt' } },
      '/arrived.txt': { headers: text, body: `arrived, ${seed}` },
      '/broken.txt': broken,
      '/empty.txt': { headers: { ...text, 'content-length': '0' } },
      '/large.json': {
        headers: { 'content-type': 'application/json' },
        body: noise(`${seed} large`, 3 * MiB),
      },
      '/unread.txt': {
        headers: { ...text, 'content-length': '700000' },
        body: noise(`${seed} unread`, 700_000),
      },
      '/head.txt': { headers: { ...text, 'content-length': '77' } },
      '/nothing': { status: 204 },
      '/form': json({ took: 'form', seed }),
      '/upload': json({ took: 'upload', seed }),
      '/cached.txt': {
        headers: { ...text, 'cache-control': 'max-age=600' },
        body: `cached ${seed}`,
      },
      '/tagged.txt': (asked, answer, served) => {
        const fresh = asked.headers['if-none-match'] === '"t"';
        answer.writeHead(fresh ? 304 : 200, { ...text, etag: '"t"', 'cache-control': 'no-cache' });
        if (!fresh) served(Buffer.from(`tagged ${seed}`));
        answer.end(fresh ? undefined : `tagged ${seed}`);
      },
      '/held': held,
      '/beacon': { status: 204 },
      '/poll': () => {},
      '/events': events,
      '/slow.txt': dripped,
    },
    { upgrade: oneFrame },
  );
}

function longVideo({ clip, isFull }: SetOptions): PageSet {
  return pageSet('P6', 'a long video', {
    '/': { body: '<!doctype html><title>film</title><video src=/film.mp4 muted autoplay></video>' },
    '/film.mp4': rangedFile(longer(clip, isFull ? 200 * MiB : 16 * MiB), 'video/mp4'),
  });
}

function secure({ seed }: SetOptions): PageSet {
  return pageSet(
    'P7',
    'HTTP/2 over TLS',
    {
      '/': {
        headers: { 'set-cookie': ['one=1', 'two=2'] },
        encoding: 'br',
        body: '<!doctype html><title>secure</title><link rel=stylesheet href=/s.css><img src=/i.png><script src=/s.js></script>',
      },
      '/s.css': {
        headers: { 'content-type': 'text/css' },
        body: 'h1 { color: red }',
        encoding: 'gzip',
      },
      '/s.js': script("fetch('/api', { method: 'POST', body: 'q' }).then((came) => came.text())"),
      '/i.png': png(`${seed} secure`),
      '/api': json({ seed }),
    },
    { isSecure: true },
  );
}

function hostile({ seed, isFull }: SetOptions): PageSet {
  const count = isFull ? 10_000 : 200;
  const flood = Array.from({ length: count }, (_, index) => `/flood-${index}.png`);
  const odd = "/$(touch%20/tmp/holdfast-was-here);'`id`|&.png";
  const body = `<!doctype html><title>$(id) "; rm -rf</title><link rel=icon href="/icon.png?'$(touch%20x)">
    <div style="height:30000px"></div><img src="${odd}"><img src=/inward.png><img src=/metadata.png>
    <script>${JSON.stringify(flood)}.forEach((url) => { new Image().src = url });
    fetch('/bomb.txt').then((came) => came.text()).catch(() => {});
    fetch('/endless').then(async (came) => { for await (const part of came.body); }).catch(() => {})</script>`;
  const endless: Route = (_, answer) => {
    answer.writeHead(200, { 'content-type': 'application/octet-stream' });
    const block = noise(seed, 65_536);
    const timer = setInterval(() => answer.write(block), 20);
    answer.once('close', () => clearInterval(timer));
  };
  return pageSet(
    'P8',
    'hostile',
    {
      '/': { body },
      "/icon.png?'$(touch%20x)": png(`${seed} icon`, 16),
      [odd]: png(`${seed} odd`, 16),
      '/inward.png': { status: 302, headers: { location: 'http://127.0.0.99/inward.png' } },
      '/metadata.png': { status: 302, headers: { location: 'http://169.254.169.254/latest/' } },
      ...Object.fromEntries(flood.map((url) => [url, png(seed + url, 4)])),
      '/bomb.txt': packedZeros(isFull ? 400 * MiB : 100 * MiB, 'text/plain'),
      '/endless': endless,
    },
    {
      // What was under way beside the bomb may be cut with it, and 10,000 pictures by time; on a
      // machine that is busy with other things any of them may be.
      mayLack: ['capped', 'in-flight', 'timed-out'],
      lacking: {
        '/bomb.txt': 'capped|in-flight|timed-out',
        '/endless': 'capped|in-flight|timed-out',
        '/inward.png': 'policy',
        '/latest/': 'policy',
      },
    },
  );
}

function walled(): PageSet {
  return pageSet(
    'P9',
    'a block page',
    {
      '/': {
        status: 429,
        headers: { 'retry-after': '120' },
        body: '<!doctype html><title>Slow down</title><h1>Too many requests</h1><img src=/logo.png>',
      },
      '/logo.png': png('logo', 32),
    },
    { state: 'blocked' },
  );
}

/** A clip and then a `free` box, which players pass over (ISO 14496-12). */
export function longer(clip: Buffer, sizeBytes: number): Buffer {
  const padding = Buffer.alloc(Math.max(8, sizeBytes - clip.length));
  padding.writeUInt32BE(padding.length, 0);
  padding.write('free', 4, 'latin1');
  return Buffer.concat([clip, padding]);
}

/** Takes a WebSocket (RFC 6455) and sends it one line of text. */
function oneFrame({ headers }: { headers: Record<string, unknown> }, socket: Socket): void {
  const key = `${String(headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const text = Buffer.from('hello from the server');
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
}

export interface Balance {
  /** Bodies whose digest is in the record, of those that were served whole and aren't redirects or pieces. */
  recorded: number;
  served: number;
  /** Bodies that are neither in the record nor named in a class that says so. */
  lost: Served[];
}

/** What was served against what was recorded. */
export function balance(served: Served[], exchanges: RecordedExchange[]): Balance {
  const digests = new Set(exchanges.map(({ response }) => response?.body?.sha256));
  // What a redirect says beside its address no browser shows to anybody; a piece is in the whole.
  const counted = served.filter(
    ({ status, whole }) => whole && status !== 206 && (status < 300 || status > 399),
  );
  const isNamed = (one: Served) =>
    exchanges.some(
      (exchange) =>
        exchange.url === one.url &&
        (exchange.class !== 'recorded' ||
          // Kept as far as it had come, and said to be cut.
          (!one.whole && exchange.response?.truncated === 'time') ||
          (one.status >= 300 && one.status < 400)),
    );
  return {
    recorded: counted.filter(({ sha256 }) => digests.has(sha256)).length,
    served: counted.length,
    lost: served.filter((one) => !digests.has(one.sha256) && !isNamed(one)),
  };
}
