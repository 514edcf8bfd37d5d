/** The recorder against servers that know what they served. */
import { readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenBrowser } from '../src/browser/browser.ts';
import { isLimited } from '../src/pipeline/capture/asked-to-wait.ts';
import { captureState, lacksSomething } from '../src/pipeline/state.ts';
import type { PageVisit } from '../src/visit/visit-page.ts';
import type { RecordedExchange } from '../src/warc/exchange.ts';
import { pdf } from './internet/small-files.ts';
import { judge } from './prove/recorder.ts';
import { makeClip } from './support/clips.ts';
import { noise } from './support/noise.ts';
import { openPageServer, packedZeros, type Route, rangedFile } from './support/page-server.ts';
import { longer, makePageSet, type PageSet, pageSetNames } from './support/page-sets.ts';
import {
  openRecordingRig,
  type RecordingRig,
  type RigOptions,
  type SetVisit,
} from './support/recording-rig.ts';

const MiB = 1024 * 1024;
let rig: RecordingRig;
let clip: Buffer;

beforeAll(async () => {
  rig = await openRecordingRig();
  clip = await makeClip(rig.folder, { size: '320x180', seconds: 1 });
});
afterAll(() => rig?.[Symbol.asyncDispose]());

/** Each page set is visited once, for whatever is asked about it; the proof visits each many times. */
function visitedSet(name: string): Promise<{ set: PageSet; visit: SetVisit }> {
  const visiting = visits.get(name) ?? visitSet(name);
  visits.set(name, visiting);
  return visiting;
}

const visits = new Map<string, ReturnType<typeof visitedSet>>();

async function visitSet(name: string) {
  const set = makePageSet(name, { seed: 'suite', clip, isFull: false });
  return { set, visit: await rig.visitSet(set) };
}

async function visitRoutes(routes: Record<string, Route>, options: RigOptions = {}) {
  await using server = await openPageServer({ '/favicon.ico': { status: 204 }, ...routes });
  const made = await rig.visit(server.url('/'), options);
  return { made, server };
}

function exchangeAt({ exchanges }: PageVisit, path: string): RecordedExchange {
  const found = exchanges.find(({ url }) => new URL(url).pathname === path);
  if (found === undefined) throw new Error(`no ${path} among ${exchanges.map(({ url }) => url)}`);
  return found;
}

const bodyOf = async (exchange: RecordedExchange | undefined) =>
  readFile(exchange?.response?.body?.path ?? '');

const values = (headers: [string, string][] | undefined, wanted: string) =>
  headers?.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value) ?? [];

// Two side by side: most of a visit is waiting for the page to become quiet.
test.concurrent.each(pageSetNames)(
  'of page set %s every body that the server sent is recorded or named in its class',
  async (name) => {
    const { set, visit } = await visitedSet(name);
    await judge(set, visit.made, visit.served);
  },
  240_000,
);

describe('every kind of answer', () => {
  let visited: SetVisit;
  beforeAll(async () => {
    visited = (await visitedSet('P5')).visit;
  });
  const at = (path: string) => exchangeAt(visited.made, path);

  test('has its headers as they came: spelling, order, and every cookie apart', () => {
    const { response } = at('/page');
    expect(values(response?.headers, 'set-cookie')).toEqual(['c=3', 'd=4; SameSite=Strict']);
    expect(response?.headers.map(([name]) => name)).toContain('X-Odd-Case');
    expect(values(at('/').response?.headers, 'set-cookie')).toEqual(['a=1', 'b=2; HttpOnly']);
    expect(values(at('/page').request.headers, 'cookie')).toEqual(['a=1; b=2']);
    expect(response).toMatchObject({ status: 200, statusText: 'OK', decoded: true });
  });

  test('has the bodies of requests, binary ones too', async () => {
    for (const path of ['/form', '/upload']) {
      const { method, request } = at(path);
      expect(method).toBe('POST');
      const sent = visited.sent.find(({ url }) => new URL(url).pathname === path);
      expect(await readFile(request.body?.path ?? '')).toEqual(sent?.body);
    }
  });

  test('ends each request in the class that fits', () => {
    const ended = (path: string) => [at(path).class, at(path).reason];
    expect(ended('/held')).toEqual(['page-cancelled', 'aborted']);
    expect(ended('/broken.txt')).toEqual(['origin-failed', 'reset']);
    expect(ended('/beacon')).toEqual(['excluded', 'beacon']);
    expect(ended('/poll')).toEqual(['excluded', 'long-poll']);
    expect(ended('/events')).toEqual(['recorded', null]);
    expect(ended('/missing.txt')).toEqual(['recorded', null]);
    expect(at('/broken.txt').response).toMatchObject({ truncated: 'disconnect' });
    expect(at('/events').response).toMatchObject({ truncated: 'time' });
    const tagged = visited.made.exchanges.filter(({ url }) => url.endsWith('/tagged.txt'));
    expect(tagged.map(({ response }) => response?.status)).toEqual([200, 304]);
    const cached = visited.made.exchanges.filter(({ url }) => url.endsWith('/cached.txt'));
    expect(cached.map(({ reason }) => reason)).toEqual([null, 'cache']);
    const filled = { filledBy: cached[0]?.id };
    expect(cached.map(({ cache }) => cache)).toEqual([null, filled]);
    expect(tagged.map(({ cache }) => cache)).toEqual([null, { filledBy: tagged[0]?.id }]);
    expect(visited.made.facts.notKept).toEqual([]);
  });

  test('keeps what a WebSocket said, both ways', async () => {
    const lines = (await bodyOf(at('/socket'))).toString('utf8').trim().split('\n');
    const said = lines.map((line) => JSON.parse(line));
    expect(said).toHaveLength(2);
    expect(said).toContainEqual(
      expect.objectContaining({ direction: 'received', opcode: 1, text: 'hello from the server' }),
    );
    expect(said).toContainEqual(
      expect.objectContaining({ direction: 'sent', opcode: 1, text: 'hello from the page' }),
    );
  });
});

test('over HTTP/2 names protocol and TLS, and has every cookie apart', async () => {
  const { made } = (await visitedSet('P7')).visit;
  const main = exchangeAt(made, '/');
  expect(main).toMatchObject({ protocol: 'h2', remoteAddress: '127.0.0.1' });
  expect(main.tls).toContain('TLS 1.3');
  expect(values(main.response?.headers, 'set-cookie')).toEqual(['one=1', 'two=2']);
  expect(values(main.request.headers, 'host')).toHaveLength(1);
});

test('a video that the page asks for in pieces is fetched again whole, as the page would ask, and says so', async () => {
  const film = longer(clip, 2 * MiB);
  const cookies: (string | undefined)[] = [];
  const { made } = await visitRoutes({
    '/': {
      headers: { 'set-cookie': 'who=me' },
      body: '<video src=/film.mp4 autoplay muted></video>',
    },
    '/film.mp4': (asked, answer, served) => {
      if (asked.headers.range === undefined) cookies.push(asked.headers.cookie);
      (rangedFile(film, 'video/mp4') as (...all: unknown[]) => void)(asked, answer, served);
    },
  });
  const again = made.exchanges.find(({ refetched }) => refetched);
  expect(again).toMatchObject({ class: 'recorded', response: { status: 200, decoded: false } });
  expect((await bodyOf(again)).equals(film)).toBe(true);
  expect(again?.comparedBytes).toBeGreaterThan(0);
  const { url, comparedBytes } = again ?? {};
  expect(made.facts.fetchedAgain).toEqual([{ url, comparedBytes }]);
  expect(cookies).toEqual(['who=me']);
  expect(
    made.exchanges.filter(({ reason }) => reason === 'refetched-whole').length,
  ).toBeGreaterThan(0);
});

test('a video that is another one when it is fetched again is named as not kept', async () => {
  let asked = 0;
  const { made } = await visitRoutes({
    '/': { body: '<video src=/film.mp4 autoplay muted></video>' },
    '/film.mp4': (request, answer, served) => {
      asked += 1;
      const film = longer(clip, (request.headers.range === undefined ? 2 : 3) * MiB);
      (rangedFile(film, 'video/mp4') as (...all: unknown[]) => void)(request, answer, served);
    },
  });
  expect(asked).toBeGreaterThan(1);
  const reasons = (made.facts.notKept as { reason: string }[]).map(({ reason }) => reason);
  expect(new Set(reasons)).toEqual(new Set(['refetch-differs']));
});

test('an answer that the browser keeps from the page (ORB) is listed with its head', async () => {
  const busy: Route = { status: 429, headers: { 'retry-after': '30' }, body: '<p>later</p>' };
  const { made } = await visitRoutes({
    '/': {
      body: "<script>new Image().src = 'http://localhost:' + location.port + '/busy.jpg'</script>",
    },
    '/busy.jpg': busy,
  });
  const blocked = exchangeAt(made, '/busy.jpg');
  expect(blocked).toMatchObject({ class: 'page-cancelled', response: { status: 429, body: null } });
  expect(values(blocked.response?.headers, 'retry-after')).toEqual(['30']);
  expect(isLimited(blocked)).toBe(true);
  expect(made.facts.notKept).toEqual([]);
});

test('the cap of a capture names what it cost, and makes the capture partial', async () => {
  const { made } = await visitRoutes(
    {
      '/': {
        body: '<h1>page</h1><script>for (const n of [1, 2, 3]) fetch("/part-" + n).then((came) => came.text())</script>',
      },
      ...Object.fromEntries(
        [1, 2, 3].map((n) => [`/part-${n}`, { body: noise(`part ${n}`, 600_000) }]),
      ),
    },
    { maxBytes: MiB },
  );
  expect(made.state).toBe('done');
  expect(made.facts.notKept).toEqual(
    expect.arrayContaining([{ url: expect.stringContaining('/part-'), reason: 'capped' }]),
  );
  const lacking = lacksSomething(made.facts);
  expect(
    captureState([{ name: 'page', required: true }], [{ name: 'page', state: 'done', lacking }]),
  ).toBe('partial');
  expect(
    captureState([{ name: 'page', required: false }], [{ name: 'page', state: 'done', lacking }]),
  ).toBe('complete');
});

test('what the page never awaits, or stops itself, makes nothing partial; what was cut by time does', async () => {
  const { made } = await visitRoutes(
    { '/': { body: '<h1>page</h1><img src=/never.png>' }, '/never.png': () => {} },
    { timeoutMs: 2_500 },
  );
  expect(made.facts.notKept).toEqual([
    { url: expect.stringContaining('/never.png'), reason: 'in-flight' },
  ]);
});

test('a PDF that its server cuts off is not called whole, though its viewer says nothing', async () => {
  const cut: Route = (_, answer) => {
    answer.writeHead(200, { 'content-type': 'application/pdf', 'content-length': 100_000 });
    answer.write(pdf('Order', ['words of a court']), () => answer.destroy());
  };
  const { made } = await visitRoutes({
    '/': { body: '<h1>page</h1><iframe src=/cut.pdf width=600 height=400></iframe>' },
    '/cut.pdf': cut,
  });
  const cutOff = exchangeAt(made, '/cut.pdf');
  expect([cutOff.class, cutOff.reason]).toEqual(['origin-failed', 'reset']);
  expect(cutOff.response).toMatchObject({ truncated: 'disconnect' });
  expect(made.facts.notKept).toMatchObject([{ reason: 'unseen' }]);
});

test('a page is not quiet while the script of its service worker comes, of which no session tells', async () => {
  const dripped: Route = (_, answer) => {
    answer.writeHead(200, { 'content-type': 'text/javascript' });
    answer.write('self.skipWaiting();');
    setTimeout(() => answer.end("self.addEventListener('install', () => {})"), 1_500);
  };
  const { made } = await visitRoutes({
    '/': { body: "<script>navigator.serviceWorker.register('/sw.js')</script>it works offline" },
    '/sw.js': dripped,
  });
  expect(made.exchanges.filter(({ class: ended }) => ended === 'not-kept')).toEqual([]);
  expect((await bodyOf(exchangeAt(made, '/sw.js'))).toString()).toMatch(/^self.skip.*\}\)$/);
});

test('what passes the recorder unseen is named as not kept, never claimed', async () => {
  const { made } = await visitRoutes({
    '/': {
      body: "<p id=p></p><script>caches.open('kept').then((kept) => kept.add('/added.txt')).then(() => { p.textContent = 'added' })</script>",
    },
    '/added.txt': { body: noise('added', 50_000), encoding: 'gzip' },
  });
  expect(made.text).toContain('added');
  expect(made.facts.notKept).toMatchObject([{ reason: 'evicted' }]);
});

test('a page of many files holds few of them open', async () => {
  const pictures = Array.from({ length: 80 }, (_, index) => `/${index}.png`);
  let open = pictures.length;
  const { made } = await visitRoutes({
    '/': {
      body: `<script>(async () => {
        for (const url of ${JSON.stringify(pictures)}) await (await fetch(url)).arrayBuffer();
        await fetch('/count');
      })()</script>`,
    },
    ...Object.fromEntries(pictures.map((url) => [url, { body: noise(url, 2_000) }])),
    '/count': (_, answer) => {
      const files = readdirSync('/dev/fd').map((fd) => {
        try {
          return readlinkSync(`/dev/fd/${fd}`);
        } catch {
          return '';
        }
      });
      open = files.filter((path) => path.includes('/bodies-')).length;
      answer.end();
    },
  });
  expect(made.exchanges.filter((one) => one.class === 'recorded').length).toBeGreaterThan(80);
  expect(open).toBeLessThan(10);
});

test('a large document of unannounced size, as one with its pictures in it, is no bomb', async () => {
  const picture = noise('picture', 24 * MiB).toString('base64');
  const { made } = await visitRoutes({
    '/': {
      headers: { 'content-type': 'text/html' },
      body: `<h1>large</h1><!-- ${picture} -->`,
      encoding: 'gzip',
    },
  });
  expect(made.state).toBe('done');
  expect(exchangeAt(made, '/')).toMatchObject({ class: 'recorded' });
  expect(exchangeAt(made, '/').response?.body?.sizeBytes).toBeGreaterThan(32 * MiB);
}, 60_000);

test('a stream of events reaches a page that was too busy to pass it on, and the record', async () => {
  const events: Route = (_, answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write('data: said in a stream\n\n');
  };
  const busy = 'const end = Date.now() + 5000; while (Date.now() < end);';
  const { made } = await visitRoutes({
    '/': {
      body: `<h1>events</h1><script>new EventSource('/events').onmessage = ({ data }) => document.body.append(data);
        setTimeout(() => { ${busy} });</script>`,
    },
    '/events': events,
  });
  expect(made.text).toContain('said in a stream');
  expect(exchangeAt(made, '/events')).toMatchObject({ class: 'recorded' });
  const { path = '' } = exchangeAt(made, '/events').response?.body ?? {};
  expect(await readFile(path, 'utf8')).toContain('said in a stream');
}, 60_000);

describe('a page that means harm ends in time, with a record', () => {
  const bombed = packedZeros(1024 * MiB, 'text/html');

  test('a document that is a decompression bomb', async () => {
    const { made } = await visitRoutes({ '/': bombed }, { timeoutMs: 15_000 });
    expect(made.state).toBe('failed');
    expect(made.reason).toMatch(/^(too-large|timed-out|renderer-crashed)$/);
    expect(made.facts.notKept).not.toEqual([]);
    expect(made.artifacts.map(({ role }) => role)).toContain('exchanges');
  });

  test('a document that is one, where nobody can tell how large the browser grows, costs the browser', async () => {
    const blind = (browser: OpenBrowser) => ({ ...browser, residentBytes: async () => null });
    await using server = await openPageServer({ '/': packedZeros(300 * MiB, 'text/html') });
    const patient = { documentTimeoutMs: 100_000, timeoutMs: 100_000 };
    const visiting = rig.visit(server.url('/'), { ...patient, seenAs: blind });
    await expect(visiting).rejects.toMatchObject({ code: 'browser-crashed', next: 'retry' });
  });

  test('a bomb that comes while its page is too busy to pass it on', async () => {
    const { made } = await visitRoutes({
      '/': {
        body: '<script>fetch("/bomb").then((came) => came.text()).catch(() => {}); const end = Date.now() + 5000; while (Date.now() < end);</script>',
      },
      '/bomb': bombed,
    });
    expect(exchangeAt(made, '/bomb')).toMatchObject({ class: 'not-kept', reason: 'capped' });
  });

  test('a document without end', async () => {
    const endless: Route = (_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/html' });
      answer.write(`<h1>begun</h1>${' '.repeat(12_000)}`);
      const timer = setInterval(() => answer.write(`<p>${'more '.repeat(2_000)}</p>`), 50);
      answer.once('close', () => clearInterval(timer));
    };
    const { made } = await visitRoutes(
      { '/': endless },
      { timeoutMs: 4_000, documentTimeoutMs: 1_000 },
    );
    expect(made).toMatchObject({ state: 'failed', reason: 'timed-out' });
    expect(made.text).toContain('begun');
    const classes = made.exchanges.filter(({ url }) => new URL(url).pathname === '/');
    expect(classes.map(({ reason }) => reason)).toEqual(['asked-again', 'in-flight']);
    expect(classes[1]?.response).toMatchObject({ truncated: 'time' });
    expect(classes[1]?.response?.body?.sizeBytes).toBeGreaterThan(10_000);
  });
});

describe('walls are known by evidence', () => {
  const reasonOf = async (route: Route) => {
    const { made } = await visitRoutes({ '/': route });
    return [made.state, made.reason, ...made.notes.map(({ code }) => code)];
  };

  test('by header, by a challenge that comes as a page, and a page about one is none', async () => {
    expect(
      await reasonOf({
        status: 403,
        headers: { 'cf-mitigated': 'challenge' },
        body: '<p>wait</p>',
      }),
    ).toEqual(['blocked', 'captcha']);
    expect(
      await reasonOf({ body: '<title>Just a moment...</title><p>Checking your browser</p>' }),
    ).toEqual(['blocked', 'captcha']);
    expect(
      await reasonOf({
        body: `<h1>Captchas</h1><p>They say "checking your browser".</p><p>${'A long article. '.repeat(60)}</p>`,
      }),
    ).toEqual(['done', null]);
  });

  test('a page that says it is not there, with status 200, is done and says so', async () => {
    expect(await reasonOf({ body: '<title>404 - Page not found</title><h1>Oops</h1>' })).toEqual([
      'done',
      null,
      'soft-404',
    ]);
  });
});
