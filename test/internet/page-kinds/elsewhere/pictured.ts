/** Pages of which pictures go wrong. */
import { band, type PageKind, script, times } from '../kind.ts';
import { gap, page, picture, pictures, shades, whenSeen } from './parts.ts';

const ruler = shades(0x203040, 30);
const svg = (body: string) => ({
  type: 'image/svg+xml',
  body: `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="120">${body}</svg>`,
});

export const pictured: PageKind[] = [
  {
    name: 'longer-than-a-texture',
    what: 'eighteen thousand rows, each 600 of another colour',
    source: 'browserless/browserless#1176, puppeteer/puppeteer#1576',
    files: () => ({
      '/': page(
        ruler
          .map((hex, n) => `<div style="height:600px;background:${hex}">ruler ${n}</div>`)
          .join(''),
      ),
    }),
    words: ['ruler 0', 'ruler 29'],
    // Smoothed letters have colours of other bands.
    drawn: ruler.map((hex) => [hex, 600, 15]),
    limits: { maxHeightPx: 20_000 },
  },
  {
    name: 'bars-once',
    what: 'a fixed header, a sticky heading and a fixed bar below: each drawn once',
    source: 'puppeteer/puppeteer#8191, SinhyeokKang/bugshot-2#165',
    files: () => ({
      '/': page(
        `<header style="position:fixed;top:0;left:0;right:0;height:70px;background:#0b5c2a">head</header><div style="height:900px"></div><h2 style="position:sticky;top:70px;height:50px;margin:0;background:#5c0b4a">sticky</h2><div style="height:6000px">long</div><footer style="position:fixed;bottom:0;left:0;right:0;height:40px;background:#0b2a5c">foot</footer>`,
      ),
    }),
    drawn: [
      ['#0b5c2a', 70],
      ['#5c0b4a', 50],
      ['#0b2a5c', 40],
    ],
  },
  {
    name: 'hero-follows',
    what: 'a hero that a script makes as high as the window at every change of it',
    source: 'puppeteer/puppeteer#3950, puppeteer/puppeteer#703',
    files: () => ({
      '/': page(
        `<div id=hero style="background:#7a1fa2">hero</div><div style="height:2400px;background:#1fa27a"></div>${script("const fit = () => { hero.style.height = innerHeight + 'px' }; addEventListener('resize', fit); fit()")}`,
      ),
    }),
    drawn: [
      ['#7a1fa2', 900],
      ['#1fa27a', 2400],
    ],
  },
  {
    name: 'fixed-background',
    what: 'a background that does not move, seen through two openings',
    source: 'microsoft/playwright#31992',
    files: () => ({
      '/': page(
        `<div style="height:500px"></div><div class=o></div><div style="height:2500px"></div><div class=o></div>`,
        '.o{height:300px;background:url(/bg.png) fixed}',
      ),
      '/bg.png': picture('#cc7711', 64, 64),
    }),
    drawn: [['#cc7711', 600]],
    seen: ['/bg.png'],
  },
  {
    name: 'webgl',
    what: 'a WebGL picture that is not kept, drawn when it comes into view',
    source: 'ArchiveBox/ArchiveBox#727, liamvinberg/spool#174',
    files: () => ({
      '/': page(
        `${gap}${gap}<canvas id=c width=300 height=200 style="display:block"></canvas>${whenSeen('c', "const gl = c.getContext('webgl'); if (gl === null) c.outerHTML = '<div style=\"height:200px;background:#33cc99\"></div>'; else { gl.clearColor(0.2, 0.8, 0.6, 1); gl.clear(gl.COLOR_BUFFER_BIT) }")}`,
      ),
    }),
    drawn: [['#33cc99', 200]],
  },
  {
    name: 'late-canvas',
    what: 'a canvas that two seconds later draws a picture named in JSON',
    source: 'microsoft/playwright#19225, webrecorder/replayweb.page#167',
    files: () => ({
      '/': page(
        `<canvas id=c width=300 height=200></canvas>${script("setTimeout(async () => { const { named } = await (await fetch('/d.json')).json(); const image = new Image(); image.src = named; await image.decode(); c.getContext('2d').drawImage(image, 0, 0) }, 2000)")}`,
      ),
      '/d.json': { type: 'application/json', body: '{"named":"/c.png"}' },
      '/c.png': picture('#8f2d56'),
    }),
    drawn: [['#8f2d56', 200]],
    seen: ['/c.png'],
    limits: { settleMs: 2_000 },
  },
  {
    name: 'offscreen-canvas',
    what: 'a canvas that a worker paints with a picture that it fetches',
    source: 'ArchiveBox/ArchiveBox#727',
    files: () => ({
      '/': page(
        `${gap}<canvas id=c width=300 height=200 style="display:block"></canvas>${whenSeen('c', "const far = c.transferControlToOffscreen(); new Worker('/w.js').postMessage(far, [far])")}`,
      ),
      '/w.js': {
        type: 'text/javascript',
        body: "onmessage = async ({ data }) => data.getContext('2d').drawImage(await createImageBitmap(await (await fetch('/w.png')).blob()), 0, 0)",
      },
      '/w.png': picture('#2d8f56'),
    }),
    drawn: [['#2d8f56', 200]],
    seen: ['/w.png'],
  },
  {
    name: 'hero-carousel',
    what: 'a hero that asks for another picture every 1.5 s',
    source: 'webrecorder/browsertrix-crawler#531',
    files: () => ({
      '/': page(
        `<img id=hero src=/h0.png>${gap}${times(3, (n) => band(n))}${script("let at = 0; setInterval(() => { hero.src = '/h' + (at = (at + 1) % 3) + '.png' }, 1500)")}`,
      ),
      ...pictures('h', ['#f02020', '#20f020', '#2020f0']),
    }),
    bands: 3,
    seen: ['/h0.png', '/h1.png'],
  },
  {
    name: 'drawings',
    what: 'words in drawings, a sprite from another file, an embedded drawing',
    source: 'gildas-lormeau/SingleFile#1097, gildas-lormeau/SingleFile#1315',
    files: () => ({
      '/': page(
        '<svg width=400 height=120><text x=10 y=40>drawn words</text><foreignObject x=0 y=60 width=300 height=50><p xmlns="http://www.w3.org/1999/xhtml">foreign words</p></foreignObject></svg><svg width=200 height=200 style="display:block"><use href="/sprite.svg#box"/></svg><embed src=/e.svg width=300 height=120>',
      ),
      '/sprite.svg': svg(
        '<symbol id="box" viewBox="0 0 10 10"><rect width="10" height="10" fill="#d4a017"/></symbol>',
      ),
      '/e.svg': svg(
        '<rect width="300" height="60" fill="#17a0d4"/><text x="10" y="100">embedded words</text>',
      ),
    }),
    words: ['drawn words', 'foreign words', 'embedded words'],
    drawn: [
      ['#d4a017', 200],
      ['#17a0d4', 60],
    ],
    seen: ['/sprite.svg', '/e.svg'],
  },
];
