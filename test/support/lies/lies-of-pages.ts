/** Lies by how documents and their parts come: frames, redirects, early hints, speculation, odd heads. */
import { noisePng } from '../noise.ts';
import { type Lie, page, plain, script } from './lie.ts';
import type { Gift, Stage } from './lying-site.ts';

const html = 'text/html; charset=utf-8';
const framed = (url: string) => `<iframe src="${url}" width=400 height=80></iframe>`;
const shownOnce = (stage: Stage, path: string, headers: Gift['headers'], body: string) =>
  stage.turns(path, { headers: headers ?? {}, body, framing: stage.framing() }, { body: 'other' });

export const liesOfPages: Lie[] = [
  {
    name: 'a redirect without a destination is a page',
    isHeld: true,
    lay(stage) {
      const status = stage.pick([300, 301, 302, 303, 305, 307, 308]);
      const url = stage.gives('/f', { status, body: stage.text(), framing: stage.framing() });
      stage.gives('/', { body: framed(url) });
    },
  },
  {
    name: 'an attachment that is none',
    isHeld: true,
    lay(stage) {
      const disposition = stage.pick(['attachment=1', 'attachment-not', 'inline; attachment']);
      const headers = { 'content-type': html, 'content-disposition': disposition };
      const url = stage.gives('/f', { headers, body: stage.text() });
      stage.gives('/', { body: framed(url) });
    },
    mayShowNothing: true,
  },
  {
    name: 'the answers of an error',
    isHeld: true,
    lay(stage) {
      const status = stage.pick([404, 410, 451, 500, 503]);
      const headers = { 'content-type': 'image/png' };
      const picture = stage.gives('/p.png', { status, headers, body: noisePng(stage.word(), 64) });
      const frame = stage.gives('/f', { status, body: stage.text(), framing: stage.framing() });
      stage.gives('/', { body: `<img src="${picture}">${framed(frame)}` });
    },
  },
  {
    name: 'a frame tells its parent and is taken away',
    isHeld: false,
    lay(stage) {
      const host = stage.pick(["''", "'http://localhost:' + location.port"]);
      const url = stage.turns(
        '/t',
        { headers: plain, body: stage.text(300_000), framing: 'chunked' },
        { body: 'other' },
      );
      const inner = stage.gives('/f', {
        body: page(`parent.postMessage(await text('${url}'), '*')`),
      });
      stage.gives('/', {
        body: page(`const frame = document.createElement('iframe'); frame.src = ${host} + '${inner}'; document.body.append(frame);
          show(await new Promise((go) => addEventListener('message', ({ data }) => { frame.remove(); go(data) })))`),
      });
    },
  },
  {
    name: 'half a text is shown, and the rest given up',
    isHeld: true,
    lay(stage) {
      const body = Buffer.from(stage.text(5_000));
      const url = stage.gives('/t', (_, answer) => {
        answer.writeHead(200, plain).write(body);
        return null;
      });
      stage.gives('/', {
        body: page(`const stop = new AbortController(); const came = await fetch('${url}', { signal: stop.signal });
          const { value } = await came.body.getReader().read(); show(new TextDecoder().decode(value)); stop.abort()`),
      });
    },
  },
  {
    name: 'a page of styles imports styles',
    isHeld: true,
    lay(stage) {
      const css = { 'content-type': 'text/css' };
      const picture = shownOnce(stage, '/p.png', { 'content-type': 'image/png' }, '');
      stage.gives('/p.png', {
        headers: { 'content-type': 'image/png' },
        body: noisePng(stage.word(), 64),
      });
      const last = shownOnce(
        stage,
        '/last.css',
        css,
        `p::before { content: '${stage.word()}' } p { background: url(${picture}) }`,
      );
      const first = shownOnce(stage, '/first.css', css, `@import url(${last});`);
      stage.gives('/', { body: `<link rel=stylesheet href="${first}"><p>styled</p>` });
    },
  },
  {
    name: 'a map of imports and modules that import',
    isHeld: true,
    lay(stage) {
      const word = stage.word();
      const far = shownOnce(
        stage,
        '/far.js',
        { 'content-type': 'text/javascript' },
        `export const said = '${word}'`,
      );
      const near = shownOnce(
        stage,
        '/near.js',
        { 'content-type': 'text/javascript' },
        `export { said } from 'far'`,
      );
      stage.gives('/', {
        body: `<script type=importmap>{"imports":{"far":"${far}","near":"${near}"}}</script><link rel=modulepreload href="${far}">${page(`const { said } = await import('near'); show(said)`)}`,
      });
    },
  },
  {
    name: 'a module of JSON',
    isHeld: true,
    lay(stage) {
      const url = shownOnce(
        stage,
        '/m.json',
        { 'content-type': 'application/json' },
        JSON.stringify({ said: stage.word() }),
      );
      stage.gives('/', {
        body: page(
          `const { default: { said } } = await import('${url}', { with: { type: 'json' } }); show(said)`,
        ),
      });
    },
  },
  {
    name: 'a picture in several sizes',
    isHeld: true,
    lay(stage) {
      const picture = (path: string) =>
        stage.turns(
          path,
          { headers: { 'content-type': 'image/png' }, body: noisePng(stage.word(), 48) },
          { headers: { 'content-type': 'image/png' }, body: noisePng(stage.word(), 48) },
        );
      const [small, large] = [picture('/s.png'), picture('/l.png')];
      stage.gives('/', {
        body: `<link rel=preload as=image imagesrcset="${small} 100w, ${large} 900w" imagesizes=50vw><img srcset="${small} 100w, ${large} 900w" sizes=50vw src="${small}">${page(`await document.images[0].decode(); document.images[0].sizes = '50px'; show('drawn')`)}`,
      });
    },
  },
  {
    name: 'parts of every other kind',
    isHeld: true,
    lay(stage) {
      const headers = { 'content-type': 'image/png' };
      const named = (path: string) =>
        stage.gives(path, { headers, body: noisePng(stage.word(), 32) });
      const svg = stage.gives('/d.svg', {
        headers: { 'content-type': 'image/svg+xml' },
        body: `<svg xmlns="http://www.w3.org/2000/svg"><circle id="c" r="20"/><!-- ${stage.word()} --></svg>`,
        framing: stage.framing(),
      });
      const vtt = stage.gives('/t.vtt', {
        headers: { 'content-type': 'text/vtt' },
        body: `WEBVTT\n\n00:00.000 --> 00:09.000\n${stage.word()}\n`,
      });
      stage.gives('/', {
        body: `<object data="${named('/o.png')}"></object><embed src="${named('/e.png')}"><input type=image src="${named('/i.png')}"><svg><use href="${svg}#c"/><image href="${named('/s.png')}" width=32 height=32 /></svg>
          <video poster="${named('/v.png')}"><track default kind=subtitles src="${vtt}"></video><div style="width:32px;height:32px;background:black;mask:url(${named('/m.png')})"></div><ul style="list-style-image:url(${named('/l.png')})"><li>drawn</ul>`,
      });
    },
  },
  {
    name: 'an answer that is a blob',
    isHeld: true,
    lay(stage) {
      const url = shownOnce(stage, '/p.png', { 'content-type': 'image/png' }, '');
      stage.turns('/p.png', {
        headers: { 'content-type': 'image/png' },
        body: noisePng(stage.word(), 96),
        framing: stage.pick(['chunked', 'gzip']),
      });
      const asked = stage.pick([
        `(await fetch('${url}')).blob()`,
        `new Promise((go) => { const asked = new XMLHttpRequest(); asked.responseType = 'blob'; asked.onload = () => go(asked.response); asked.open('GET', '${url}'); asked.send() })`,
      ]);
      stage.gives('/', {
        body: page(
          `const blob = await ${asked}; const image = new Image(); image.src = URL.createObjectURL(blob); document.body.append(image); await image.decode(); show('drawn')`,
        ),
      });
    },
  },
  {
    name: 'an answer to a beacon leaves a cookie',
    isHeld: true,
    lay(stage) {
      const word = stage.word();
      const url = stage.gives('/beacon', {
        headers: { ...plain, 'set-cookie': `said=${word}; Path=/` },
        body: 'unshown',
        unshown: true,
      });
      stage.gives('/', {
        body: page(
          `navigator.sendBeacon('${url}', 'x'); for (let look = 0; look < 50 && !document.cookie; look += 1) await pause(50); show((/said=(\\S+)/.exec(document.cookie) ?? [])[1])`,
        ),
      });
    },
  },
  {
    name: 'only the head of an answer is shown',
    isHeld: true,
    lay(stage) {
      const headers = {
        ...plain,
        'x-said': stage.word(),
        'access-control-expose-headers': '*',
        'cache-control': 'max-age=600',
      };
      const url = stage.turns(
        '/t',
        { headers, body: stage.text(), framing: stage.framing() },
        { body: 'other' },
      );
      stage.gives('/', {
        body: page(
          `for (const method of ['GET', 'HEAD']) show((await fetch('${url}', { method })).headers.get('x-said'))`,
        ),
      });
    },
  },
  {
    name: 'pictures that follow one another in one answer',
    isHeld: false,
    lay(stage) {
      const url = stage.gives('/p', (asked, answer) => {
        answer.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=next' });
        for (const picture of [noisePng(stage.word(), 48), noisePng(stage.word(), 48)]) {
          stage.note(asked, answer, picture);
          answer.write(`--next\r\nContent-Type: image/png\r\n\r\n`);
          answer.write(picture);
          answer.write('\r\n');
        }
        answer.end('--next--');
        return null;
      });
      stage.gives('/', { body: `<img src="${url}"><p>drawn</p>` });
    },
  },
  {
    name: 'a window is opened, tells and is closed',
    isHeld: false,
    isAlone: true,
    mayShowNothing: true,
    lay(stage) {
      // Windows are closed at once: what the server sent may have reached no page.
      const t = { headers: plain, body: stage.text(), framing: stage.framing(), unshown: true };
      const url = stage.turns('/t', t, { body: 'other', unshown: true });
      const inner = stage.gives('/w', {
        body: page(`opener.postMessage(await text('${url}'), '*'); close()`),
      });
      stage.gives('/', {
        body: page(
          `const said = new Promise((go) => addEventListener('message', ({ data }) => go(data))); open('${inner}'); show(await said)`,
        ),
      });
    },
  },
  {
    name: 'a page that is another one at the second look',
    isHeld: true,
    isAlone: true,
    lay(stage) {
      const how = stage.pick([
        'location.reload()',
        'history.go(0)',
        'location.replace(location.href)',
      ]);
      stage.turns(
        '/',
        {
          body: page(`await pause(300); ${how}`, `<p>${stage.word()}</p>`),
          framing: stage.framing(),
        },
        { body: page('', `<p>${stage.word()}</p>`), framing: stage.framing() },
        { body: 'a third one' },
      );
    },
  },
  {
    name: 'going back to a page that was left',
    isHeld: true,
    isAlone: true,
    lay(stage) {
      const back = stage.gives('/next', { body: page('await pause(200); history.back()') });
      const cache = stage.pick(['no-store', 'max-age=600', 'no-cache']);
      stage.turns(
        '/',
        {
          headers: { 'cache-control': cache, 'content-type': html },
          body: page(
            `if (sessionStorage.left) return show('came back'); sessionStorage.left = 1; await new Promise((go) => { onload = go }); await pause(200); location.href = '${back}'`,
            `<p>${stage.word()}</p>`,
          ),
        },
        { body: page("show('came back')", `<p>${stage.word()}</p>`) },
      );
    },
  },
  {
    name: 'speculation: a prefetched page is gone to',
    isHeld: false,
    isAlone: true,
    lay(stage) {
      const headers = {
        'content-type': html,
        'cache-control': stage.pick(['no-store', 'max-age=600']),
      };
      const next = stage.turns(
        '/next',
        { headers, body: page('', `<p>${stage.word()}</p>`), framing: stage.framing() },
        { headers, body: page('', `<p>${stage.word()}</p>`), framing: stage.framing() },
      );
      stage.gives('/', { body: speculating('prefetch', next) });
    },
  },
  {
    name: 'speculation: a page drawn ahead is gone to',
    isHeld: false,
    isAlone: true,
    lay(stage) {
      const url = stage.turns(
        '/t',
        { headers: plain, body: stage.text(), framing: stage.framing() },
        { headers: plain, body: stage.text() },
      );
      const body = page(`show(await text('${url}'))`, `<p>${stage.word()}</p>`);
      const next = stage.turns(
        '/next',
        { body },
        { body: page(`show(await text('${url}'))`, `<p>${stage.word()}</p>`) },
      );
      stage.gives('/', { body: speculating('prerender', next) });
    },
  },
  {
    name: 'early hints load what the page then shows',
    isHeld: true,
    isAlone: true,
    isSecure: true,
    lay(stage) {
      const headers = { 'content-type': 'text/javascript', 'cache-control': 'max-age=600' };
      const body = (word: string) => `document.body.append('${word}')`;
      const url = stage.turns(
        '/hinted.js',
        { headers, body: body(stage.word()) },
        { headers, body: body(stage.word()) },
      );
      stage.gives('/', (asked, answer) => {
        answer.writeEarlyHints({ link: `<${url}>; rel=preload; as=script` });
        setTimeout(
          () => stage.give(asked, answer, { body: `<body><script src="${url}"></script>` }),
          300,
        );
        return null;
      });
    },
  },
  {
    name: 'a frame that is too slow to be read before it is shown',
    isHeld: false,
    isAlone: true,
    documentTimeoutMs: 1_000,
    lay(stage) {
      const [first, last] = [stage.word(), stage.word()];
      const url = stage.gives('/f', (asked, answer) => {
        stage.note(asked, answer, Buffer.from(`<p>${first}</p><p>${last}</p>`));
        answer.writeHead(200, { 'content-type': html }).write(`<p>${first}</p>`);
        setTimeout(() => answer.end(`<p>${last}</p>`), 2_500);
        return null;
      });
      stage.gives('/', { body: framed(url) });
    },
    mayShowNothing: true,
  },
  {
    name: 'an answer that is longer than it says, or shorter',
    isHeld: false,
    lay(stage) {
      const shown = Buffer.from(stage.text(2_000));
      const url = stage.lies(
        '/f',
        (_, answer) => {
          answer.writeHead(200, { 'content-type': html, 'content-length': 50_000_000 });
          answer.write(shown);
          setTimeout(() => answer.destroy(), 300);
          return null;
        },
        { body: Buffer.alloc(50_000_000, ' ') },
      );
      stage.gives('/', { body: framed(url) });
    },
    mayShowNothing: true,
  },
  {
    name: 'styles turn a document of XML into another',
    isHeld: true,
    lay(stage) {
      const headers = { 'content-type': 'text/xml' };
      const sheet = stage.gives('/s.xsl', {
        headers,
        body: `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><html><body><p>${stage.word()}</p></body></html></xsl:template></xsl:stylesheet>`,
      });
      const url = stage.gives('/f', {
        headers,
        body: `<?xml-stylesheet type="text/xsl" href="${sheet}"?><x/>`,
      });
      stage.gives('/', { body: framed(url) });
    },
    mayShowNothing: true,
  },
  {
    name: 'a text that depends on how it is asked for',
    isHeld: true,
    lay(stage) {
      const [get, post] = [stage.text(), stage.text()];
      const url = stage.gives('/t', ({ method }) => ({
        headers: plain,
        body: method === 'POST' ? post : get,
        framing: stage.framing(),
      }));
      const how = stage.pick([
        "{ method: 'POST', body: 'x' }",
        "{ method: 'POST', keepalive: true }",
        "{ method: 'PUT' }",
      ]);
      stage.gives('/', {
        body: page(`show(await text('${url}')); show(await text('${url}', ${how}))`),
      });
    },
  },
  {
    name: 'a script that writes what it was asked for',
    isHeld: true,
    lay(stage) {
      const url = shownOnce(stage, '/jsonp.js', script('').headers, `said('${stage.word()}')`);
      stage.gives('/', {
        body: page(
          `window.said = show; const code = document.createElement('script'); code.src = '${url}'; document.head.append(code); await new Promise((go) => { code.onload = go }); code.remove()`,
        ),
      });
    },
  },
];

/** Goes on to a page once it was loaded ahead. */
function speculating(how: 'prefetch' | 'prerender', url: string): string {
  return `<script type=speculationrules>{"${how}":[{"urls":["${url}"],"eagerness":"immediate"}]}</script>${page(`await pause(350); location.href = '${url}'`)}`;
}
