/** Lies by what a browser keeps: prefetches, caches of every kind, validators, what varies. */
import { noisePng } from '../noise.ts';
import { type Lie, lasting, page, plain } from './lie.ts';
import type { Stage } from './lying-site.ts';

/** Shows what a cache holds of an address, and says something else to whoever asks the network. */
function cachedText(stage: Stage, path: string): string {
  const body = stage.text();
  return stage.turns(
    path,
    { headers: lasting, body, framing: stage.framing() },
    { headers: lasting, body: `other ${body.length}` },
  );
}

export const liesOfCaches: Lie[] = [
  {
    name: 'a script says that it prefetches',
    isKnown: true,
    isHeld: true,
    lay(stage) {
      const url = stage.gives('/t', {
        headers: plain,
        body: stage.text(),
        framing: stage.framing(),
      });
      const header = stage.pick(['Purpose', 'X-Purpose', 'X-Moz']);
      stage.gives('/', {
        body: page(`show(await text('${url}', { headers: { '${header}': 'prefetch' } }))`),
      });
    },
  },
  {
    name: 'a prefetched text is used later',
    isKnown: true,
    isHeld: true,
    lay(stage) {
      const url = cachedText(stage, '/t');
      stage.gives('/', {
        body: page(`const link = document.createElement('link'); link.rel = 'prefetch'; link.href = '${url}'; link.as = 'fetch';
          const came = new Promise((go) => { link.onload = link.onerror = go }); document.head.append(link); await came;
          show(await text('${url}'))`),
      });
    },
  },
  {
    name: 'a prefetched picture is used later',
    isKnown: true,
    isHeld: true,
    lay(stage) {
      const picture = { ...lasting, 'content-type': 'image/png' };
      const url = stage.turns(
        '/p.png',
        { headers: picture, body: noisePng(stage.word(), 64) },
        { headers: picture, body: noisePng(stage.word(), 64) },
      );
      stage.gives('/', {
        body: page(`const link = document.createElement('link'); link.rel = 'prefetch'; link.href = '${url}';
          const came = new Promise((go) => { link.onload = link.onerror = go }); document.head.append(link); await came;
          const image = new Image(); image.src = '${url}'; document.body.append(image); await image.decode(); show('drawn')`),
      });
    },
  },
  {
    name: 'a prefetched document is gone to later',
    isKnown: true,
    isAlone: true,
    isHeld: true,
    lay(stage) {
      const headers = { 'cache-control': 'max-age=600', 'content-type': 'text/html' };
      const url = stage.turns(
        '/d',
        { headers, body: stage.text() },
        { headers, body: stage.text() },
      );
      stage.gives('/', {
        body: page(`const link = document.createElement('link'); link.rel = 'prefetch'; link.href = '${url}'; link.as = 'document';
          const came = new Promise((go) => { link.onload = link.onerror = go }); document.head.append(link); await came;
          location.href = '${url}'`),
      });
    },
  },
  {
    name: 'a preloaded picture is used later',
    isHeld: true,
    lay(stage) {
      const headers = { 'content-type': 'image/png', 'cache-control': 'no-store' };
      const url = stage.turns(
        '/p.png',
        { headers, body: noisePng(stage.word(), 64) },
        { headers, body: noisePng(stage.word(), 64) },
      );
      stage.gives('/', {
        body: `<link rel=preload as=image href="${url}">${page(`await pause(200); const image = new Image(); image.src = '${url}'; document.body.append(image); await image.decode(); show('drawn')`)}`,
      });
    },
  },
  {
    name: 'a text is taken from the cache by force',
    isHeld: true,
    lay(stage) {
      const url = cachedText(stage, '/t');
      const how = stage.pick([
        "{ cache: 'force-cache' }",
        "{ cache: 'only-if-cached', mode: 'same-origin' }",
      ]);
      stage.gives('/', { body: page(`await text('${url}'); show(await text('${url}', ${how}))`) });
    },
  },
  {
    name: 'what a HEAD or an abandoned request left is taken from the cache',
    isHeld: true,
    lay(stage) {
      const url = cachedText(stage, '/t');
      stage.gives('/', {
        body: page(`const stop = new AbortController(); const first = fetch('${url}', { signal: stop.signal }); const came = await first; stop.abort();
          await fetch('${url}', { method: 'HEAD' }); show(await text('${url}', { cache: 'force-cache' }))`),
      });
    },
  },
  {
    name: 'a text that varies has two faces under one address',
    isHeld: true,
    lay(stage) {
      const [first, second] = [stage.text(), stage.text()];
      const url = stage.gives('/t', ({ headers }) => ({
        headers: { ...lasting, vary: 'x-face' },
        body: headers['x-face'] === 'one' ? first : second,
        framing: stage.framing(),
      }));
      stage.gives('/', {
        body: page(`const face = (name) => text('${url}', { headers: { 'x-face': name } });
          await face('one'); show(await face('one')); show(await face('two')); show(await face('one'))`),
      });
    },
  },
  {
    name: 'the cache is cleared behind what was shown',
    isHeld: true,
    lay(stage) {
      const url = cachedText(stage, '/t');
      const clear = stage.gives('/clear', {
        headers: { ...plain, 'clear-site-data': '"cache", "storage"' },
        body: 'cleared',
      });
      stage.gives('/', {
        body: page(`await text('${url}'); show(await text('${url}')); await text('${clear}')`),
      });
    },
  },
  {
    name: 'a 304 leads to what the cache holds',
    isHeld: true,
    lay(stage) {
      const body = stage.text();
      const url = stage.gives('/t', ({ headers }) =>
        headers['if-none-match'] === undefined
          ? {
              headers: { ...plain, etag: '"t"', 'cache-control': 'no-cache' },
              body,
              framing: stage.framing(),
            }
          : { status: 304, headers: { etag: '"t"' } },
      );
      stage.gives('/', {
        body: page(`const link = document.createElement('link'); link.rel = 'prefetch'; link.href = '${url}';
          const came = new Promise((go) => { link.onload = link.onerror = go }); document.head.append(link); await came;
          show(await text('${url}', { cache: 'no-cache' }))`),
      });
    },
  },
  {
    name: 'half a text is kept, and its end asked for as a range',
    isHeld: false,
    lay(stage) {
      const body = Buffer.from(`${stage.text(1_500_000)} ${stage.word()}`);
      const headers = { ...lasting, etag: '"half"', 'accept-ranges': 'bytes' };
      let asked = 0;
      const url = stage.gives('/t', (request, answer) => {
        asked += 1;
        const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
        if (from > 0) {
          const range = `bytes ${from}-${body.length - 1}/${body.length}`;
          return {
            status: 206,
            headers: { ...headers, 'content-range': range },
            body: body.subarray(from),
          };
        }
        if (asked > 1) return { headers, body };
        answer.writeHead(200, { ...headers, 'content-length': body.length });
        answer.write(body.subarray(0, 200_000));
        return null;
      });
      stage.gives('/', {
        body: page(`const stop = new AbortController(); const came = await fetch('${url}', { signal: stop.signal });
          const reader = came.body.getReader(); let got = 0; while (got < 150000) got += (await reader.read()).value.length; stop.abort(); await pause(200);
          const whole = await text('${url}', { cache: 'force-cache' }); show(whole); show(whole.slice(-22))`),
      });
    },
  },
  {
    name: 'a redirect leads elsewhere each time, and one is remembered',
    isHeld: true,
    lay(stage) {
      const [first, second] = ['/a', '/b'].map((path) =>
        stage.gives(path, { headers: plain, body: stage.text() }),
      );
      const to = (location: string, status: number, cache: string) => ({
        status,
        headers: { location, 'cache-control': cache },
        body: 'moved',
        unshown: true,
      });
      const once = stage.turns(
        '/r',
        to(first ?? '', 302, 'no-store'),
        to(second ?? '', 302, 'no-store'),
      );
      const kept = stage.turns(
        '/k',
        to(first ?? '', 301, 'max-age=600'),
        to(second ?? '', 301, 'max-age=600'),
      );
      stage.gives('/', {
        body: page(
          `for (const url of ['${once}', '${once}', '${kept}', '${kept}']) show(await text(url))`,
        ),
      });
    },
  },
  {
    name: 'a page puts a text into a cache of its own',
    isHeld: false,
    lay(stage) {
      const body = stage.text();
      const url = stage.turns(
        '/t',
        { headers: plain, body, framing: stage.framing() },
        { body: 'other' },
      );
      stage.gives('/', {
        body: page(
          `const kept = await caches.open('${stage.word()}'); await kept.add('${url}'); show(await (await kept.match('${url}')).text())`,
        ),
      });
    },
  },
  {
    name: 'a picture is drawn twice, the second time from memory',
    isHeld: true,
    lay(stage) {
      const headers = { 'content-type': 'image/png', 'cache-control': 'no-store' };
      const url = stage.turns(
        '/p.png',
        { headers, body: noisePng(stage.word(), 64) },
        { headers, body: noisePng(stage.word(), 64) },
      );
      stage.gives('/', {
        body: page(
          `for (const place of [1, 2]) { const image = new Image(); image.src = '${url}'; document.body.append(image); await image.decode() } show('drawn')`,
        ),
      });
    },
  },
];
