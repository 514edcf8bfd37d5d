/** A page may register one service worker after another, or many at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenBrowser } from '../src/browser/browser.ts';
import { openPageServer, type Route } from './support/page-server.ts';
import { openRecordingRig, type RecordingRig } from './support/recording-rig.ts';

let rig: RecordingRig;
beforeAll(async () => {
  rig = await openRecordingRig();
});
afterAll(() => rig?.[Symbol.asyncDispose]());

/** Of no announced length, as servers send what they compress on the way. */
const unannounced =
  (type: string, body: string): Route =>
  (_, answer, served) => {
    answer.writeHead(200, { 'content-type': type });
    served(Buffer.from(body));
    answer.write(body);
    answer.end();
  };

const registering = `<body><script type="module">
  const { installing, waiting, active } = await navigator.serviceWorker.register('sw.js');
  const worker = installing ?? waiting ?? active;
  if (worker.state !== 'activated')
    await new Promise((go) => worker.addEventListener('statechange', () => worker.state === 'activated' && go()));
  const frame = document.createElement('iframe');
  frame.src = 'inside/';
  document.body.append(frame);
</script>`;

const worker = (folder: string) => `importScripts('${folder}part.js');
  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));`;

const folders = Array.from({ length: 16 }, (_, number) => `/${number}/`);
const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';

function routesOf(folder: string): Record<string, Route> {
  return {
    [folder]: { body: registering },
    [`${folder}sw.js`]: unannounced('text/javascript', worker(folder)),
    [`${folder}part.js`]: unannounced('text/javascript', `self.of = '${folder}'`),
    [`${folder}inside/`]: unannounced('text/html', `<p>inside<img src="${folder}seen.svg">`),
    [`${folder}seen.svg`]: unannounced('image/svg+xml', drawing),
  };
}

function siteOf(routes: Record<string, Route>[]) {
  const frames = folders.slice(0, routes.length);
  const body = frames.map((folder) => `<iframe width=300 height=60 src="${folder}"></iframe>`);
  return openPageServer({
    '/favicon.ico': { status: 204 },
    '/': { body: `<!doctype html>${body.join('')}` },
    ...Object.assign({}, ...routes),
  });
}

/** As if service workers were met only when they have asked for all of their scripts. */
function meetingLate(browser: OpenBrowser): OpenBrowser {
  const tunnels: string[] = [];
  const newSession: OpenBrowser['newSession'] = async () => {
    const session = await browser.newSession();
    const send = session.send.bind(session) as (...words: unknown[]) => Promise<unknown>;
    const late = async (method: string, params?: { sessionId?: string; message?: string }) => {
      const { sessionId = '', message = '' } = params ?? {};
      if (tunnels.indexOf(sessionId) === 1 && message.includes('Network.enable')) return {};
      const came = await send(method, params);
      if (method === 'Target.attachToTarget')
        tunnels.push((came as { sessionId: string }).sessionId);
      return came;
    };
    return Object.assign(session, { send: late as typeof session.send });
  };
  return new Proxy(browser, {
    get: (of, name) => (name === 'newSession' ? newSession : Reflect.get(of, name, of)),
  });
}

test('service workers that begin at once are recorded with all that they fetch', async () => {
  await using server = await siteOf(folders.map(routesOf));
  const made = await rig.visit(server.url('/'), { timeoutMs: 60_000 });
  expect({ state: made.state, notKept: made.facts.notKept }).toEqual({
    state: 'done',
    notKept: [],
  });
  const kept = made.exchanges.filter((one) => one.class === 'recorded').map(({ url }) => url);
  const given = folders.flatMap((folder) => Object.keys(routesOf(folder)));
  expect(given.filter((path) => !kept.includes(server.url(path)))).toEqual([]);
}, 120_000);

/** One that fetches nothing for its page: nobody would tell of that. */
const onlyImporting = {
  '/0/sw.js': unannounced('text/javascript', `importScripts('/0/part.js')`),
  '/0/': { body: `<script>navigator.serviceWorker.register('sw.js')</script>` },
};

test('scripts of a service worker that was met too late are in the record, and nothing is missing', async () => {
  await using server = await siteOf([{ ...routesOf('/0/'), ...onlyImporting }]);
  const made = await rig.visit(server.url('/'), { seenAs: meetingLate });
  expect(made.facts.notKept).toEqual([]);
  const kept = made.exchanges.filter((one) => one.class === 'recorded').map(({ url }) => url);
  expect(kept).toContain(server.url('/0/sw.js'));
  expect(kept).toContain(server.url('/0/part.js'));
}, 60_000);

test('a script of such a worker that broke off is not called whole', async () => {
  const broken: Route = (_, answer) => {
    answer.writeHead(200, { 'content-type': 'text/javascript' });
    answer.write('self.half = 1;');
    setTimeout(() => answer.destroy(), 200);
  };
  const routes = { ...routesOf('/0/'), ...onlyImporting, '/0/part.js': broken };
  await using server = await siteOf([routes]);
  const made = await rig.visit(server.url('/'), { seenAs: meetingLate });
  const part = made.exchanges.filter(({ url }) => url === server.url('/0/part.js'));
  expect(part.map((one) => one.class)).toEqual(['not-kept']);
}, 60_000);

test('one whose script never comes is named as missing, and the page is not looked at later', async () => {
  const silent: Route = () => {};
  await using server = await siteOf([{ ...routesOf('/0/'), '/0/sw.js': silent }]);
  const timeoutMs = 90_000;
  const startedAtMs = performance.now();
  const made = await rig.visit(server.url('/'), { timeoutMs });
  expect(performance.now() - startedAtMs).toBeLessThan(timeoutMs / 2);
  expect(made.facts.notKept).toEqual([{ reason: 'in-flight', url: server.url('/0/sw.js') }]);
}, 120_000);
