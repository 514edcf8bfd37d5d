/** Lies by whatever runs beside a page: workers of all kinds, sockets, streams. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { noisePng } from '../noise.ts';
import { type Lie, page, plain, script } from './lie.ts';
import type { Stage } from './lying-site.ts';

/** Registers a service worker and goes on when it answers for frames below it. */
const withServiceWorker = (url: string, then: string) =>
  page(`const registered = await navigator.serviceWorker.register('${url}'); const worker = registered.installing ?? registered.waiting ?? registered.active;
    if (worker.state !== 'activated') await new Promise((go) => worker.addEventListener('statechange', () => worker.state === 'activated' && go()));
    ${then}`);

const framed = (url: string) =>
  `const frame = document.createElement('iframe'); frame.src = '${url}'; document.body.append(frame); await new Promise((go) => { frame.onload = go });`;

function servedByWorker(stage: Stage, code: string, inner: string): void {
  stage.gives('/sw.js', script(code));
  stage.gives('/w/', { body: inner });
  stage.gives('/', { body: withServiceWorker(stage.at('/sw.js'), framed(stage.at('/w/'))) });
}

const atOnce = `self.addEventListener('install', () => self.skipWaiting());`;

/** One line over a WebSocket (RFC 6455) to whoever opens one. */
function saysOverSocket(stage: Stage): string {
  const said = stage.word();
  stage.upgrade = ({ headers }, socket) => {
    const key = `${String(headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(Buffer.concat([Buffer.from([0x81, said.length]), Buffer.from(said)]));
  };
  return `new WebSocket(location.origin.replace('http', 'ws') + '${stage.at('/socket')}')`;
}

export const liesOfWorkers: Lie[] = [
  {
    name: 'a service worker hands on what it fetches',
    isKnown: true,
    isHeld: true,
    lay(stage) {
      const url = stage.turns(
        '/w/t',
        { headers: plain, body: stage.text(), framing: stage.framing() },
        { body: 'other' },
      );
      servedByWorker(
        stage,
        `${atOnce} self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));`,
        page(`show(await text('${url}'))`),
      );
    },
  },
  {
    name: 'a service worker shows what it cached before any page was its own',
    isHeld: true,
    lay(stage) {
      const shown = page('', `<p>${stage.word()}</p>`);
      stage.turns('/kept', { body: shown, framing: stage.framing() }, { body: 'other' });
      servedByWorker(
        stage,
        `self.addEventListener('install', (event) => { self.skipWaiting(); event.waitUntil(caches.open('${stage.word()}').then((kept) => kept.add('${stage.at('/kept')}'))) });
         self.addEventListener('fetch', (event) => event.respondWith(caches.match('${stage.at('/kept')}')));`,
        'never asked for',
      );
    },
  },
  {
    name: 'a service worker uses what the browser loaded ahead of it',
    isHeld: false,
    lay(stage) {
      servedByWorker(
        stage,
        `${atOnce} self.addEventListener('activate', (event) => event.waitUntil(registration.navigationPreload.enable()));
         self.addEventListener('fetch', (event) => event.respondWith((async () => (await event.preloadResponse) ?? fetch(event.request))()));`,
        '',
      );
      const word = stage.word();
      stage.gives('/w/', ({ headers }) => ({
        body: page(
          '',
          `<p>${headers['service-worker-navigation-preload'] ? word : 'no preload'}</p>`,
        ),
        framing: stage.framing(),
      }));
    },
  },
  {
    name: 'a service worker races the network',
    isHeld: false,
    lay(stage) {
      const url = stage.turns(
        '/w/t',
        { headers: plain, body: stage.text(), framing: stage.framing() },
        { body: 'other' },
      );
      servedByWorker(
        stage,
        `self.addEventListener('install', (event) => { self.skipWaiting(); event.addRoutes?.({ condition: { urlPattern: '${stage.at('/w/t')}' }, source: 'race-network-and-fetch-handler' }) });
         self.addEventListener('fetch', (event) => { if (event.request.url.endsWith('/w/t')) event.respondWith(new Promise((go) => setTimeout(go, 3000)).then(() => new Response('late'))) });`,
        page(`show(await text('${url}'))`),
      );
    },
  },
  {
    name: 'a service worker fetches a picture that is too large to keep',
    isHeld: false,
    isAlone: true,
    lay(stage) {
      const [shown, other] = [paddedPng(stage.word(), 34), paddedPng(stage.word(), 34)];
      const headers = { 'content-type': 'image/png' };
      const url = stage.lies('/w/p.png', { headers, body: shown }, { headers, body: other });
      servedByWorker(
        stage,
        `${atOnce} self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));`,
        page(
          `const image = new Image(); image.src = '${url}'; document.body.append(image); await image.decode(); show('drawn')`,
        ),
      );
    },
  },
  {
    name: 'a shared worker fetches',
    isHeld: true,
    lay(stage) {
      const url = stage.turns(
        '/t',
        { headers: plain, body: stage.text(), framing: stage.framing() },
        { body: 'other' },
      );
      stage.gives(
        '/shared.js',
        script(
          `onconnect = async ({ ports: [port] }) => port.postMessage(await (await fetch('${url}')).text())`,
        ),
      );
      stage.gives('/', {
        body: page(`const shared = new SharedWorker('${stage.at('/shared.js')}'); shared.port.start();
          show(await new Promise((go) => { shared.port.onmessage = ({ data }) => go(data) }))`),
      });
    },
  },
  {
    name: 'a worker fetches, tells and is gone',
    isHeld: false,
    lay(stage) {
      const url = stage.turns(
        '/t',
        { headers: plain, body: stage.text(), framing: stage.framing() },
        { body: 'other' },
      );
      stage.gives(
        '/worker.js',
        script(
          `fetch('${url}').then((came) => came.text()).then((text) => { postMessage(text); close() })`,
        ),
      );
      stage.gives('/', {
        body: page(
          `const worker = new Worker('${stage.at('/worker.js')}'); show(await new Promise((go) => { worker.onmessage = ({ data }) => { worker.terminate(); go(data) } }))`,
        ),
      });
    },
  },
  {
    name: 'a worker made of a blob imports a script',
    isHeld: true,
    lay(stage) {
      const code = `postMessage('${stage.word()}')`;
      const url = stage.turns('/code.js', script(code), script("postMessage('other')"));
      stage.gives('/', {
        body: page(`const worker = new Worker(URL.createObjectURL(new Blob(["importScripts('" + location.origin + "${url}')"])));
          show(await new Promise((go) => { worker.onmessage = ({ data }) => go(data) }))`),
      });
    },
  },
  {
    name: 'a worklet is given its code',
    isHeld: true,
    mayShowNothing: true,
    lay(stage) {
      const url = stage.turns(
        '/paint.js',
        script(
          `/* ${stage.word()} */ registerPaint('lie', class { paint(at, size) { at.fillStyle = 'teal'; at.fillRect(0, 0, size.width, size.height) } })`,
        ),
      );
      stage.gives('/', {
        body: page(
          `await CSS.paintWorklet.addModule('${url}'); const box = document.createElement('div'); box.style = 'height: 50px; background: paint(lie)'; document.body.append(box); show('drawn')`,
        ),
      });
    },
  },
  {
    name: 'a socket says it',
    isKnown: true,
    isHeld: true,
    lay(stage) {
      const socket = saysOverSocket(stage);
      stage.gives('/', {
        body: page(
          `const socket = ${socket}; show(await new Promise((go) => { socket.onmessage = ({ data }) => go(data) }))`,
        ),
      });
    },
  },
  {
    name: 'a socket of a shared worker says it',
    isHeld: false,
    lay(stage) {
      const socket = saysOverSocket(stage);
      stage.gives(
        '/shared.js',
        script(
          `onconnect = ({ ports: [port] }) => { const socket = ${socket}; socket.onmessage = ({ data }) => port.postMessage(data) }`,
        ),
      );
      stage.gives('/', {
        body: page(`const shared = new SharedWorker('${stage.at('/shared.js')}'); shared.port.start();
          show(await new Promise((go) => { shared.port.onmessage = ({ data }) => go(data) }))`),
      });
    },
  },
  {
    name: 'a socket of a service worker says it',
    isHeld: false,
    lay(stage) {
      const socket = saysOverSocket(stage);
      servedByWorker(
        stage,
        `${atOnce} self.addEventListener('fetch', (event) => event.respondWith(new Promise((go) => { const socket = ${socket}; socket.onmessage = ({ data }) => go(new Response('<p>' + data, { headers: { 'content-type': 'text/html' } })) })));`,
        'never asked for',
      );
    },
  },
  {
    name: 'a stream of events says it',
    isHeld: true,
    lay(stage) {
      const said = stage.word();
      const url = stage.gives('/events', (asked, answer) => {
        answer.writeHead(200, { 'content-type': 'text/event-stream' });
        const bytes = Buffer.from(`data: ${said}\n\n`);
        stage.note(asked, answer, bytes);
        answer.write(bytes);
        return null;
      });
      stage.gives('/', {
        body: page(
          `const events = new EventSource('${url}'); show(await new Promise((go) => { events.onmessage = ({ data }) => go(data) }))`,
        ),
      });
    },
  },
  {
    name: 'a request without end says it on its way',
    isHeld: true,
    isAlone: true,
    lay(stage) {
      const said = stage.word();
      const url = stage.gives('/poll', (_, answer) => {
        answer.writeHead(200, plain).write(said);
        return null;
      });
      stage.gives('/', {
        body: page(
          `const { value } = await (await fetch('${url}')).body.getReader().read(); show(new TextDecoder().decode(value))`,
        ),
      });
    },
  },
];

/** A picture with a chunk that no decoder looks at: so many MiB in all. */
export function paddedPng(seed: string, sizeMiB: number): Buffer {
  const picture = noisePng(seed, 64);
  const padding = Buffer.alloc(sizeMiB * 1024 * 1024);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(padding.length);
  head.write('paDd', 4, 'latin1');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(padding, crc32(Buffer.from('paDd'))));
  const end = picture.length - 12; // IEND
  return Buffer.concat([picture.subarray(0, end), head, padding, sum, picture.subarray(end)]);
}
