/** trap.example.net: pages that try every way a browser has to reach what it is told to. */
import { redirect } from '../answer.ts';
import type { World } from '../world.ts';

const trap = 'https://trap.example.net';

/** One page that leads to all of `hosts` by every carrier there is; each host meets several. */
export function addTrap(world: World, hosts: string[]): string {
  world.addPage(`${trap}/to`, {
    handler: ({ url }) => redirect(url.searchParams.get('url') ?? '/', 302),
  });
  world.addPage(`${trap}/worker.js`, { mediaType: 'text/javascript', html: workerScript });
  world.addPage(`${trap}/service.js`, { mediaType: 'text/javascript', html: serviceScript });
  world.addPage(`${trap}/frame`, { html: '<!doctype html><title>Frame</title><p>framed</p>' });
  world.addPage(`${trap}/`, { html: page(hosts) });
  return `${trap}/`;
}

function page(hosts: string[]): string {
  const markup = hosts.map((host, index) => carriers[index % carriers.length]?.(host) ?? '');
  const meant = JSON.stringify(hosts).replaceAll('<', '\\u003c');
  return `<!doctype html><meta charset="utf-8"><title>Trap</title><p>A page that means harm.</p>
${markup.join('\n')}
<script>const hosts = ${meant};\n${pageScript}</script>`;
}

const through = (address: string) => `${trap}/to?url=${encodeURIComponent(address)}`;

const carriers: ((host: string) => string)[] = [
  (host) => `<img src="http://${host}/a.png" alt="">`,
  (host) => `<img src="${through(`http://${host}/a.png`)}" alt="">`,
  (host) => `<iframe src="http://${host}:8080/"></iframe>`,
  (host) => `<iframe src="${through(`http://${host}/`)}"></iframe>`,
  (host) => `<script src="http://${host}/s.js"></script>`,
  (host) => `<link rel="stylesheet" href="http://${host}/s.css">`,
  (host) => `<link rel="icon" href="http://${host}/favicon.ico">`,
  (host) =>
    `<link rel="prefetch" href="http://${host}/next"><link rel="preconnect" href="http://${host}:5432">`,
  (host) =>
    `<link rel="dns-prefetch" href="//${host}"><link rel="manifest" href="http://${host}/m.json">`,
  (host) => `<video src="http://${host}/v.mp4" preload="auto" autoplay muted></video>`,
  (host) =>
    `<video src="${through(`http://${host}/v.mp4`)}" preload="auto" autoplay muted></video>`,
  (host) => `<object data="http://${host}/o.svg"></object><embed src="http://${host}/e.svg">`,
  (host) => `<p style="background:url(http://${host}/b.png)">styled</p>`,
  (host) => `<iframe srcdoc="<meta http-equiv=refresh content='0;url=http://${host}/'>"></iframe>`,
  (host) => `<form action="http://${host}/" method="post" target="f"></form>`,
];

/** Runs in the page: what takes a script. Failures are the hoped-for case. */
const pageScript = `
const quietly = (make) => { try { make(); } catch {} };
hosts.forEach((host, index) => setTimeout(() => {
  quietly(() => fetch('http://' + host + '/f', { mode: 'no-cors' }).catch(() => {}));
  quietly(() => fetch('/to?url=' + encodeURIComponent('http://' + host + '/r'), { mode: 'no-cors' }).catch(() => {}));
  if (index % 4 === 0) quietly(() => new WebSocket('ws://' + host + ':8080/'));
  if (index % 4 === 1) quietly(() => new WebSocket('wss://' + host + '/'));
  if (index % 4 === 2) quietly(() => navigator.sendBeacon('http://' + host + '/b', 'x'));
  if (index % 4 === 3) quietly(() => new EventSource('http://' + host + '/e'));
}, index));
document.querySelectorAll('form').forEach((form) => quietly(() => form.submit()));
const worker = new Worker('/worker.js');
worker.postMessage(hosts);
navigator.serviceWorker?.register('/service.js').then((made) => {
  const ready = () => made.active?.postMessage(hosts);
  ready();
  made.installing?.addEventListener('statechange', ready);
}).catch(() => {});
quietly(() => {
  const peer = new RTCPeerConnection({ iceServers: [
    { urls: 'stun:93.184.215.99:3478' },
    { urls: 'turn:10.0.0.9:3478?transport=tcp', username: 'u', credential: 'c' },
  ] });
  peer.createDataChannel('d');
  peer.createOffer().then((offer) => peer.setLocalDescription(offer));
});
quietly(() => window.open('http://' + hosts[0] + '/'));
`;

const fetchAll = `hosts.forEach((host) => {
    try { fetch('http://' + host + '/w', { mode: 'no-cors' }).catch(() => {}); } catch {}
  });`;
const workerScript = `onmessage = ({ data: hosts }) => { ${fetchAll} };`;
const serviceScript = `
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('message', ({ data: hosts }) => { ${fetchAll} });`;
