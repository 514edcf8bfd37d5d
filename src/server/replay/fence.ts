/**
 * What fences a replay in. Everything that its origin sends carries a policy under which nothing
 * leaves it; and since the player's service worker answers for the recorded pages itself, a few
 * lines of ours stand before it and put a policy on each of its answers.
 *
 * Recorded pages run no script. No policy keeps a script from calling out by WebRTC: Chromium sends
 * packets to whatever server a page names, and knows no directive against it.
 */
import type { Headers } from '../policy.ts';

/** Of the player: what it shows opens no window, sends no form, asks nothing and saves nothing. */
const sandbox = 'sandbox allow-scripts allow-same-origin';

const always = ["object-src 'none'", "form-action 'none'", "base-uri 'none'"];

export const replayPaths = {
  frame: '/',
  ui: '/ui.js',
  /** The same file: the worker's own page asks for it beside itself. */
  uiBeside: '/replay/ui.js',
  /** Ours; the only one that may become a service worker. */
  worker: '/replay/sw.js',
  player: '/replay/player.js',
  /** Of the player's service worker, which answers here itself once it has started. */
  begun: '/replay/',
  archive: '/capture.wacz',
  end: '/end',
} as const;

/** Where the player shows recorded pages. */
const recordedPath = '/replay/w/';

/** The page around the player, and the player's own: its two files run, and reach their origin. */
export function playerPolicy(origin: string): string {
  const { ui, uiBeside, worker, player } = replayPaths;
  return [
    sandbox,
    "default-src 'none'",
    `script-src ${origin}${ui} ${origin}${uiBeside} ${origin}${player}`,
    `worker-src ${origin}${worker}`,
    `style-src 'self' 'unsafe-inline'`,
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    // Its icons are addresses of themselves.
    "connect-src 'self' data:",
    "frame-src 'self'",
    ...always,
    "frame-ancestors 'self'",
  ].join('; ');
}

/** Recorded pages: shown with their styles, pictures and recordings. Their base is what they say it is. */
const recordedPolicy = [
  'sandbox allow-same-origin',
  "default-src 'none'",
  "script-src 'none'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "font-src 'self' data:",
  "frame-src 'self'",
  "object-src 'none'",
  "form-action 'none'",
  "base-uri 'self'",
  "frame-ancestors 'self'",
].join('; ');

export function replayHeaders(origin: string): Headers {
  return {
    'content-security-policy': playerPolicy(origin),
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'permissions-policy':
      'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), clipboard-read=(), clipboard-write=()',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

/** The service worker of a replay. The player is brought in as it is, from the path beside it. */
export function fencedWorker(origin: string): string {
  return `const policies = ${JSON.stringify({ player: playerPolicy(origin), recorded: recordedPolicy })};
const bare = new Set([101, 103, 204, 205, 304]);
const leading = ['link', 'refresh', 'speculation-rules', 'report-to', 'reporting-endpoints', 'nel', 'sourcemap'];
function fenced(url, answer) {
  if (answer.type === 'error') return answer;
  if (answer.type.startsWith('opaque')) return Response.error();
  const { status, statusText } = answer;
  const headers = new Headers(answer.headers);
  for (const name of leading) headers.delete(name);
  const isRecorded = new URL(url).pathname.startsWith(${JSON.stringify(recordedPath)});
  headers.set('content-security-policy', isRecorded ? policies.recorded : policies.player);
  headers.set('x-dns-prefetch-control', 'off');
  headers.set('referrer-policy', 'no-referrer');
  return new Response(bare.has(status) ? null : answer.body, { status, statusText, headers });
}
const listen = self.addEventListener.bind(self);
self.addEventListener = (type, hear, options) =>
  listen(
    type,
    type !== 'fetch'
      ? hear
      : (event) => {
          const answer = event.respondWith.bind(event);
          event.respondWith = (given) =>
            answer(Promise.resolve(given).then((one) => fenced(event.request.url, one)));
          return hear(event);
        },
    options,
  );
importScripts(${JSON.stringify(replayPaths.player)});
`;
}
