/** Pages that show what they have only to who moves through them with a wheel. */
import { type PageKind, script, times } from '../kind.ts';
import { gap, lazy, page, paths, picture, pictures, shades } from './parts.ts';

const six = shades(0x20c040, 6);
const five = shades(0x7030a0, 5);
const four = shades(0x903040, 4);
const reveal = shades(0x0aa070, 5);
const snap = shades(0x309030, 5);

export const wheeled: PageKind[] = [
  {
    name: 'seen-for-a-second',
    what: 'pictures that load once they were in view for 900 ms',
    source: 'webrecorder/browsertrix-behaviors#18, webrecorder/browsertrix#3076',
    files: () => ({
      '/': page(
        `<h1>dwell head</h1>${gap}<div class=s data-n=0></div>${gap}<div class=s data-n=1></div>` +
          script(`const timers = new Map();
            const seen = new IntersectionObserver((all) => all.forEach(({ target, intersectionRatio }) => {
              clearTimeout(timers.get(target));
              if (intersectionRatio >= 0.9) timers.set(target, setTimeout(() => { target.innerHTML = '<img src=/s' + target.dataset.n + '.png>' }, 900));
            }), { threshold: [0, 0.5, 0.9, 1] });
            document.querySelectorAll('.s').forEach((one) => seen.observe(one))`),
        '.s{height:200px}',
      ),
      ...pictures('s', ['#b01060', '#1060b0']),
    }),
    words: ['dwell head'],
    drawn: ['#b01060', '#1060b0'].map((hex) => [hex, 200]),
    seen: ['/s0.png', '/s1.png'],
  },
  {
    name: 'thin-band',
    what: 'chapters that load while a thin mark passes a band of 54 px in the middle of the window',
    source: 'microsoft/playwright#40941',
    files: () => ({
      '/': page(
        times(
          6,
          (n) =>
            `<section style="height:700px"><h2>chapter ${n}</h2><div style="height:480px"></div><i data-n=${n} style="display:block;height:1px"></i></section>`,
        ) +
          '<div style="height:900px">the end of it</div>' +
          script(`const seen = new IntersectionObserver((all) => all.forEach(({ target, isIntersecting }) => {
              if (!isIntersecting) return; seen.unobserve(target);
              target.insertAdjacentHTML('afterend', '<img src=/n' + target.dataset.n + '.png>');
            }), { rootMargin: '-47% 0px -47% 0px' });
            document.querySelectorAll('i').forEach((one) => seen.observe(one))`),
      ),
      ...pictures('n', six, 300, 120),
    }),
    words: ['chapter 0', 'chapter 5', 'the end of it'],
    drawn: six.map((hex) => [hex, 120]),
    seen: paths('n', six),
  },
  {
    name: 'taken-out-again',
    what: 'pictures that are taken out when they leave the view',
    source: 'microsoft/playwright#40941',
    files: () => ({
      '/': page(
        times(
          5,
          (n) =>
            `<h2>place ${n}</h2><div class=u data-n=${n}></div><div style="height:1100px"></div>`,
        ) +
          script(`const seen = new IntersectionObserver((all) => all.forEach(({ target, isIntersecting }) => { target.innerHTML = isIntersecting ? '<img src=/u' + target.dataset.n + '.png>' : '' }), { rootMargin: '150px' });
            document.querySelectorAll('.u').forEach((one) => seen.observe(one))`),
        '.u{height:200px}',
      ),
      ...pictures('u', five),
    }),
    words: ['place 0', 'place 4'],
    drawn: five.map((hex) => [hex, 200]),
    seen: paths('u', five),
  },
  {
    name: 'view-timelines',
    what: 'blocks that a style reveals as they enter the view, without a script',
    source: 'microsoft/playwright#40941',
    files: () => ({
      '/': page(
        reveal
          .map(
            (hex, n) =>
              `<div style="height:900px"></div><div class=r style="background:${hex}">reveal ${n}</div>`,
          )
          .join('') + gap,
        '@keyframes in{from{opacity:0}to{opacity:1}}.r{height:220px;animation:in linear both;animation-timeline:view();animation-range:entry 0% entry 100%}',
      ),
    }),
    words: ['reveal 0', 'reveal 4'],
    drawn: reveal.map((hex) => [hex, 220]),
  },
  {
    name: 'slides-by-wheel',
    what: 'nothing scrolls: the wheel moves slides by a transform, and each loads on arrival',
    source: 'puppeteer/puppeteer#959, alvarotrigo/vue-fullpage.js#272',
    files: () => ({
      '/': page(
        `<div id=deck>${times(4, (n) => `<section><h2>slide ${n}</h2><div class=w></div></section>`)}</div>` +
          script(`let at = 0; let isBusy = false;
            const show = () => { const place = document.querySelectorAll('.w')[at]; if (!place.firstChild) place.innerHTML = '<img src=/d' + at + '.png>'; deck.style.transform = 'translateY(' + -100 * at + 'vh)' };
            show();
            addEventListener('wheel', (event) => { event.preventDefault(); if (isBusy) return; isBusy = true; setTimeout(() => { isBusy = false }, 700); at = Math.max(0, Math.min(3, at + Math.sign(event.deltaY))); show() }, { passive: false })`),
        'html,body{height:100%;overflow:hidden}section{height:100vh}#deck{transition:transform .3s}',
      ),
      ...pictures('d', four),
    }),
    words: ['slide 0', 'slide 3'],
    drawn: four.map((hex) => [hex, 200]),
    seen: paths('d', four),
    pictures: ['screenshot.scrolled'],
  },
  {
    name: 'first-gesture',
    what: 'every script waits for a pointer, a wheel or a key, and for no scroll',
    source: 'wp-media/wp-rocket#3938',
    files: () => ({
      '/': page(
        `<h1>before it</h1>${gap}<div id=place></div>${gap}` +
          script(`const go = () => document.head.append(Object.assign(document.createElement('script'), { src: '/late.js' }));
            for (const kind of ['mousemove', 'wheel', 'keydown', 'touchstart']) addEventListener(kind, go, { once: true })`),
      ),
      '/late.js': {
        type: 'text/javascript',
        body: "place.innerHTML = '<p>built late</p><img src=/g.png>'",
      },
      '/g.png': picture('#d06010'),
    }),
    words: ['before it', 'built late'],
    drawn: [['#d06010', 200]],
    seen: ['/g.png'],
  },
  {
    name: 'snaps-smoothly',
    what: 'a root that snaps and scrolls smoothly, with lazy pictures',
    source: 'ysr666/dsh-vision-router#111, marcinwieprzkowicz/take-screenshot#5',
    files: () => ({
      '/': page(
        times(5, (n) => `<section><h2>snap ${n}</h2>${lazy(`/p${n}.png`)}</section>`),
        'html{scroll-behavior:smooth;scroll-snap-type:y mandatory}section{height:850px;scroll-snap-align:start;scroll-snap-stop:always}',
      ),
      ...pictures('p', snap),
    }),
    words: ['snap 0', 'snap 4'],
    drawn: snap.map((hex) => [hex, 200]),
    seen: paths('p', snap),
  },
];
