/** Pages that never come to rest, or that have an opinion on how they are looked at. */
import { band, bands, html, type PageKind, script, times } from './kind.ts';

export const hanging: PageKind[] = [
  {
    name: 'font',
    what: 'a web font that never answers',
    files: () => ({
      '/': html(
        `<p style="font:40px slow">written in a slow font</p>${bands(6)}`,
        '<style>@font-face{font-family:slow;src:url(/font.woff2)}</style>',
      ),
      '/font.woff2': 'never',
    }),
    bands: 6,
    words: ['written in a slow font'],
    notes: ['not-settled', 'not-loaded'],
    notKept: ['/font.woff2'],
  },
  {
    name: 'picture',
    what: 'a picture that never answers, above lazy sections',
    files: () => ({
      '/': html(
        `<img src=/slow.png>${times(6, (n) => `<section style="height:700px" data-n=${n}></section>`)}` +
          script(`const seen = new IntersectionObserver((all) => all.forEach((one) => { if (one.isIntersecting) one.target.innerHTML = ${JSON.stringify([0, 1, 2, 3, 4, 5].map((n) => band(n, 700)))}[one.target.dataset.n] }));
            document.querySelectorAll('section').forEach((one) => seen.observe(one))`),
      ),
      '/slow.png': 'never',
    }),
    bands: 6,
    words: ['band 5'],
    notes: ['not-settled', 'not-loaded'],
    notKept: ['/slow.png'],
  },
  {
    name: 'polls',
    what: 'a page that asks its server ten times a second, with lazy sections',
    files: () => ({
      '/': html(
        `${times(6, (n) => `<section style="height:700px" data-n=${n}></section>`)}` +
          script(`setInterval(() => fetch('/tick'), 100);
            const seen = new IntersectionObserver((all) => all.forEach((one) => { if (one.isIntersecting) one.target.innerHTML = ${JSON.stringify([0, 1, 2, 3, 4, 5].map((n) => band(n, 700)))}[one.target.dataset.n] }));
            document.querySelectorAll('section').forEach((one) => seen.observe(one))`),
      ),
      '/tick': { body: 'tick' },
    }),
    bands: 6,
    words: ['band 5'],
    notes: ['not-settled'],
    notKept: ['/tick'],
  },
  {
    name: 'animation',
    what: 'an animation without end',
    files: () => ({
      '/': html(
        `<div style="width:40px;height:40px;background:#f0f;animation:turn 1s infinite linear"></div>${bands(10)}`,
        '<style>@keyframes turn{to{transform:translateX(600px)}}</style>',
      ),
    }),
    bands: 10,
  },
  {
    name: 'spins',
    what: 'a script that never ends',
    files: () => ({ '/': html(bands(10) + script('setTimeout(() => { for (;;); }, 200)')) }),
    bands: 10,
    words: ['band 9'],
    notes: ['script-stopped'],
  },
  {
    name: 'redefines',
    what: 'sizes, queries and texts that a script redefined',
    files: () => ({
      '/': html(
        bands(10) +
          script(`const lie = (of, name, get) => Object.defineProperty(of, name, { get, configurable: true });
            lie(document, 'scrollingElement', () => ({ scrollHeight: 12, clientWidth: 12 }));
            lie(Element.prototype, 'scrollHeight', () => 12); lie(HTMLElement.prototype, 'innerText', () => 'a lie');
            Document.prototype.querySelectorAll = Element.prototype.querySelectorAll = () => [];
            window.scrollTo = window.scrollBy = Element.prototype.scrollTo = () => {};
            window.requestAnimationFrame = () => 0; window.getComputedStyle = () => ({})`),
      ),
    }),
    bands: 10,
    words: ['band 9'],
    notWords: ['a lie'],
    size: { width: 1280, height: 2000 },
  },
  {
    name: 'resizes',
    what: 'a page that becomes another one when its window changes',
    files: () => ({
      '/': html(
        bands(20) +
          script(
            `addEventListener('resize', () => { document.body.innerHTML = '<h1>another page</h1>' + innerHeight })`,
          ),
      ),
    }),
    words: ['band 0', 'band 19'],
    notes: ['text-moved', 'picture-moved'],
  },
  {
    name: 'asks-who',
    what: 'a page that shows itself to people only',
    files: () => ({
      '/': html(
        script(`const look = () => {
          const isPerson = !navigator.webdriver && outerWidth >= innerWidth && outerHeight > innerHeight && screen.height >= outerHeight && !/headless/i.test(navigator.userAgent + JSON.stringify(navigator.userAgentData));
          document.body.innerHTML = isPerson ? ${JSON.stringify(bands(10))} : 'robots see nothing';
          if (!isPerson) setTimeout(look, 50);
        };
        addEventListener('load', look)`),
      ),
    }),
    bands: 10,
    notWords: ['robots see nothing'],
  },
];
