/** Pages of which a picture easily lacks something. */
import { band, bands, html, type PageKind, script, times } from './kind.ts';

export const drawn: PageKind[] = [
  {
    name: 'frames-below',
    what: 'six posts of another site, embedded below the first screen',
    files: (far) => ({
      '/': html(
        times(
          6,
          (n) =>
            `<p style="height:500px">paragraph ${n}</p><iframe src="${far(`/${n}`)}" style="width:600px;height:300px;border:0"></iframe>`,
        ),
      ),
      ...Object.fromEntries(
        [0, 1, 2, 3, 4, 5].map((n) => [`/${n}`, html(band(n, 300, `an embedded post ${n}`))]),
      ),
    }),
    bands: 6,
    words: ['paragraph 5', 'an embedded post 0', 'an embedded post 5'],
  },
  {
    name: 'content-visibility',
    what: 'eight sections with `content-visibility: auto`',
    files: () => ({
      '/': html(
        times(
          8,
          (n) =>
            `<section style="content-visibility:auto;contain-intrinsic-size:auto 600px">${band(n, 600)}</section>`,
        ),
      ),
    }),
    bands: 8,
    words: ['band 7'],
  },
  {
    name: 'wrong-estimates',
    what: 'such sections whose height is estimated wrongly',
    files: () => ({
      '/': html(
        times(
          8,
          (n) =>
            `<section style="content-visibility:auto;contain-intrinsic-size:300px">${band(n, 700)}</section>`,
        ),
      ),
    }),
    bands: 8,
    words: ['band 7'],
  },
  {
    name: 'sticky',
    what: 'a header that sticks and a bar at the bottom',
    files: () => ({
      '/': html(
        `<header style="position:sticky;top:0;height:80px;background:#f0f">the header</header>${bands(20)}<footer style="position:fixed;bottom:0;left:0;right:0;height:50px;background:#0ff">the bar</footer>`,
      ),
    }),
    bands: 20,
    words: ['the header', 'band 19', 'the bar'],
    size: { width: 1280, height: 4080 },
  },
  {
    name: 'window-heights',
    what: 'sections of 100vh and 50vh between others',
    files: () => ({
      '/': html(
        `<div style="height:100vh">${band(0, 300)}</div>${bands(5, 200, 1)}<div style="height:50vh">${band(6, 100)}</div>${bands(8, 200, 7)}`,
      ),
    }),
    bands: 15,
    words: ['band 14'],
    size: { width: 1280, height: 900 + 1000 + 450 + 1600 },
  },
  {
    name: 'window-heights-sticky',
    what: 'the same with a header that sticks',
    files: () => ({
      '/': html(
        `<header style="position:sticky;top:0;height:80px;background:#f0f">the header</header><div style="height:100vh">${band(0, 300)}</div>${bands(14, 200, 1)}`,
      ),
    }),
    bands: 15,
  },
  {
    name: 'hides-again',
    what: 'sections that are shown only while they are in view',
    files: () => ({
      '/': html(
        times(8, (n) => `<section><div style="visibility:hidden">${band(n, 600)}</div></section>`) +
          script(`const seen = new IntersectionObserver((all) => all.forEach((one) => one.target.firstChild.style.visibility = one.isIntersecting ? 'visible' : 'hidden'));
            document.querySelectorAll('section').forEach((one) => seen.observe(one))`),
      ),
    }),
    bands: 8,
    words: ['band 0', 'band 7'],
  },
  {
    name: 'fades-in',
    what: 'sections that fade in when they are first seen',
    files: () => ({
      '/': html(
        times(
          8,
          (n) => `<section style="opacity:0;transition:opacity .4s">${band(n, 600)}</section>`,
        ) +
          script(`const seen = new IntersectionObserver((all) => all.forEach((one) => { if (one.isIntersecting) one.target.style.opacity = 1 }));
            document.querySelectorAll('section').forEach((one) => seen.observe(one))`),
      ),
    }),
    bands: 8,
  },
  {
    name: 'too-high',
    what: 'a page higher than the limit',
    files: () => ({ '/': html(bands(60)) }),
    bands: 40,
    words: ['band 59'],
    notes: ['height-capped'],
    size: { width: 1280, height: 8000 },
  },
  {
    name: 'wide',
    what: 'a page of 2,400 px width',
    files: () => ({
      '/': html(
        `<div style="width:2400px;display:flex">${times(6, (n) => `<div style="width:400px">${band(n, 300)}</div>`)}</div>`,
      ),
    }),
    bands: 6,
    size: { width: 2400, height: 900 },
  },
  {
    name: 'too-wide',
    what: 'a page of 9,000 px width',
    files: () => ({ '/': html(`<div style="width:9000px">${band(0, 300)}</div>`) }),
    bands: 1,
    notes: ['width-capped'],
  },
  {
    name: 'frameset',
    what: 'a `<frameset>` of two documents',
    files: () => ({
      '/': {
        body: '<!doctype html><title>frames</title><frameset cols="50%,50%"><frame src="/left"><frame src="/right"></frameset>',
      },
      '/left': html(bands(10)),
      '/right': html(bands(3, 200, 10)),
    }),
    bands: 13,
    words: ['band 9', 'band 12'],
  },
  {
    name: 'svg',
    what: 'an SVG document',
    files: () => ({
      '/': {
        type: 'image/svg+xml',
        body: '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="2000"><rect width="600" height="2000" fill="rgb(31,17,40)"/><text y="50">words of a drawing</text></svg>',
      },
    }),
    bands: 1,
    words: ['words of a drawing'],
  },
  {
    name: 'xml',
    what: 'an XML document',
    files: () => ({
      '/': { type: 'text/xml', body: '<?xml version="1.0"?><all><one>words of XML</one></all>' },
    }),
    words: ['words of XML'],
  },
  {
    name: 'no-body',
    what: 'a document whose body a script removed',
    files: () => ({
      '/': html(
        script(
          `document.body.remove(); const all = document.createElement('div'); all.innerHTML = ${JSON.stringify(bands(10))}; document.documentElement.append(all)`,
        ),
      ),
    }),
    bands: 10,
    words: ['band 9'],
  },
  {
    name: 'named-fields',
    what: 'form fields and pictures named like properties',
    files: () => ({
      '/': html(
        `<form name=scrollingElement><input name=scrollHeight><input name=clientHeight><input name=shadowRoot></form><img name=documentElement><img name=body><img name=querySelectorAll>${bands(10)}`,
      ),
    }),
    bands: 10,
    words: ['band 9'],
  },
];
