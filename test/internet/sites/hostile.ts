/** hostile.example.net: answers that try to harm whoever keeps them. */
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Answer, html, redirect, type SiteRequest } from '../answer.ts';

export const hostileHost = 'hostile.example.net';

const MiB = 1024 * 1024;

const routes: Record<string, (request: SiteRequest) => Answer> = {
  // Small on the wire, 256 MiB when unpacked.
  '/bomb': () => ({
    status: 200,
    headers: { 'content-type': 'text/html', 'content-encoding': 'gzip' },
    body: bomb(),
  }),
  // Ends only with the connection.
  '/endless': () => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    stream: async function* (signal) {
      yield '<!doctype html><title>Endless</title>';
      while (!signal.aborted) {
        yield Buffer.alloc(64 * 1024, 0x20);
        await pause(20, undefined, { signal });
      }
    },
  }),
  '/silent': () => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    stream: async function* (signal) {
      yield '<!doctype html><title>Silent</title>';
      await pause(3_600_000, undefined, { signal });
    },
  }),
  // Towards what no capture may reach.
  '/to-loopback': () => redirect('http://127.0.0.1:5432/', 302),
  '/to-metadata': () => redirect('http://169.254.169.254/latest/meta-data/', 302),
  '/to-file': () => redirect('file:///etc/passwd', 302),
  '/private-pictures': () =>
    html(
      ['127.0.0.1', '[::1]', '169.254.169.254', '10.0.0.1', '0x7f.1', '2130706433', 'localhost']
        .map((host) => `<img src="http://${host}/secret.png" alt="">`)
        .join(''),
    ),
  // Lies about what it is.
  '/picture-that-is-a-page.jpg': () =>
    typed('image/jpeg', '<!doctype html><script>alert(1)</script>'),
  '/page-that-is-binary': () => typed('text/html', Buffer.from([0, 1, 2, 0xff, 0xfe, 0xd8])),
  '/picture-bomb.png': () => typed('image/png', pictureBomb()),
  '/playlist.mp4': () => typed('video/mp4', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'),
  // Names and texts meant for terminals, spreadsheets and other people's pages.
  '/title': () =>
    html(
      '<!doctype html><title>\u202egnp.exe \u001b[31m=HYPERLINK("http://evil")</title><p>\u2066<script>0</script>&lt;img onerror&gt;</p>',
    ),
  '/file-name': () => ({
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="../../../etc/cron.d/evil"',
    },
    body: 'nothing',
  }),
  '/many-cookies': () => ({
    status: 200,
    headers: {
      'content-type': 'text/html',
      'set-cookie': Array.from({ length: 200 }, (_, index) => `c${index}=${'x'.repeat(40)}`),
    },
    body: '<!doctype html><title>Cookies</title>',
  }),
  // Keep the browser itself busy.
  '/busy': () => html('<!doctype html><title>Busy</title><script>for (;;) {}</script>'),
  '/memory': () =>
    html(
      '<!doctype html><title>Memory</title><script>const all=[];setInterval(()=>all.push(new Uint8Array(5e7).fill(1)),10)</script>',
    ),
  '/many-frames': () =>
    html(
      `<!doctype html><title>Frames</title>${'<iframe src="/many-requests"></iframe>'.repeat(20)}`,
    ),
  '/many-requests': () =>
    html(
      '<!doctype html><title>Requests</title><script>let n=0;setInterval(()=>{for(let i=0;i<20;i+=1)fetch("/nothing?"+(n+=1))},50)</script>',
    ),
};

export function hostile(request: SiteRequest): Answer {
  return (
    routes[request.url.pathname]?.(request) ?? html('<!doctype html><title>Nothing</title>', 404)
  );
}

function typed(mediaType: string, body: Buffer | string): Answer {
  return { status: 200, headers: { 'content-type': mediaType }, body };
}

let packed: Buffer | null = null;

/** Packed once: it takes half a second. */
function bomb(): Buffer {
  packed ??= gzipSync(Buffer.alloc(256 * MiB, 0x20));
  return packed;
}

/** A PNG header that claims 60,000 by 60,000 pixels, and no pixels. */
function pictureBomb(): Buffer {
  return Buffer.from(
    '89504e470d0a1a0a0000000d49484452' + '0000ea60' + '0000ea60' + '0802000000' + '00000000',
    'hex',
  );
}
