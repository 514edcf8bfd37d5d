/** A capture with one of everything that a web archive can hold. */
import { type KeptCapture, keptCapture } from './kept-capture.ts';
import { bodyIn, exchange } from './recorded-exchanges.ts';

export const story = 'https://news.example/story?b=2&a=1';

/** Small, so that a test may take the file apart a hundred times. */
const largeFromBytes = 4096;

export async function sampleCapture(): Promise<KeptCapture> {
  const capture = await keptCapture();
  const body = (bytes: string | Uint8Array) => bodyIn(capture.folder, bytes);
  const screenshot = await capture.keep(
    'screenshot.full',
    'page/screenshot.full.png',
    'image/png',
    Buffer.alloc(5000, 7),
  );
  await capture.record({
    step: 'record',
    largeFromBytes,
    pages: [],
    exchanges: [
      exchange({
        view: 'record',
        url: 'https://cdn.example/post?id=12',
        response: {
          headers: [['content-type', 'application/json']],
          body: await body('{"id":"12"}'),
        },
      }),
      exchange({
        view: 'record',
        url: 'https://cdn.example/long.json',
        response: { headers: [], body: await body(Buffer.alloc(5_000, '{')) },
      }),
    ],
  });
  await capture.record({
    largeFromBytes,
    exchanges: [
      exchange({
        url: story,
        response: {
          body: await body('<h1>A story</h1>'),
          headers: [
            ['Content-Type', 'text/html'],
            ['Set-Cookie', 'a=1'],
            ['Set-Cookie', 'b=2'],
            ['Content-Encoding', 'gzip'],
            ['Content-Length', '7'],
          ],
        },
      }),
      exchange({
        url: 'https://news.example/api',
        method: 'POST',
        resourceType: 'fetch',
        request: {
          headers: [
            ['Cookie', 'session=secret'],
            ['Content-Type', 'application/json'],
          ],
          body: await body('{"q":"x y"}'),
        },
        response: { headers: [['content-type', 'application/json']], body: await body('{}') },
      }),
      exchange({
        url: 'https://news.example/video.mp4',
        resourceType: 'media',
        refetched: true,
        response: {
          decoded: false,
          headers: [
            ['content-type', 'video/mp4'],
            ['content-length', '9000'],
          ],
          body: await body(Buffer.alloc(9_000, 'v')),
        },
      }),
      exchange({
        url: 'https://news.example/old',
        response: {
          status: 302,
          headers: [
            ['location', '/story'],
            ['content-length', '5'],
          ],
        },
      }),
      exchange({ url: 'https://news.example/gone.png', class: 'not-kept', reason: 'evicted' }),
      exchange({
        url: 'https://nowhere.example/a.js',
        class: 'origin-failed',
        reason: 'dns',
        response: null,
      }),
      exchange({ url: 'https://ads.example/b', class: 'excluded', reason: 'beacon' }),
      exchange({
        url: 'wss://news.example/live',
        resourceType: 'websocket',
        response: { status: 101 },
      }),
    ],
    resources: [
      {
        target: 'urn:holdfast:page/screenshot.full.png',
        mediaType: 'image/png',
        at: '2026-03-04T05:06:30.000Z',
        body: screenshot.body,
      },
    ],
  });
  await capture.close([
    { view: 'page', finalUrl: `${story}#top`, title: 'A story', text: 'A story' },
  ]);
  return capture;
}
