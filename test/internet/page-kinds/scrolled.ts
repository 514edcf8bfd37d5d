/** Pages that show what they have only to who scrolls as people do. */
import { band, bands, html, type PageKind, script, times } from './kind.ts';

/** Six places far apart; `arm` says when `show(place)` is called of those `inView()`. */
function lazy(name: string, what: string, arm: string): PageKind {
  return {
    name,
    what,
    files: () => ({
      '/': html(
        times(
          6,
          (n) =>
            `<p style="height:800px">paragraph ${n}</p><section style="height:200px" data-n=${n}></section>`,
        ) +
          script(`const bands = ${JSON.stringify([0, 1, 2, 3, 4, 5].map((n) => band(n, 200)))};
            const places = [...document.querySelectorAll('section')];
            const show = (place) => { place.innerHTML = bands[place.dataset.n] };
            const inView = () => places.filter((one) => { const { top, bottom } = one.getBoundingClientRect(); return top < innerHeight && bottom > 0 });
            ${arm}`),
      ),
    }),
    bands: 6,
    words: ['band 0', 'band 5'],
  };
}

const virtual = (height: string, rowPx: number, rows: number) =>
  html(
    `<main id=list style="height:${height};overflow:auto;position:relative"><div style="height:${rows * rowPx}px"></div></main>` +
      script(`const draw = () => {
        list.querySelectorAll('.row').forEach((one) => one.remove());
        const first = Math.floor(list.scrollTop / ${rowPx});
        for (let n = first; n < Math.min(${rows}, first + Math.ceil(list.clientHeight / ${rowPx}) + 1); n += 1)
          list.insertAdjacentHTML('beforeend', '<div class=row style="position:absolute;left:0;right:0;height:${rowPx}px;top:' + n * ${rowPx} + 'px">row ' + n + ' of the list</div>');
      };
      list.onscroll = draw; addEventListener('resize', draw); draw()`),
    '<style>html,body{height:100%;overflow:hidden}</style>',
  );

export const scrolled: PageKind[] = [
  lazy(
    'debounced',
    'pictures 200 ms after the last scroll event',
    `let timer; addEventListener('scroll', () => { clearTimeout(timer); timer = setTimeout(() => inView().forEach(show), 200) })`,
  ),
  lazy(
    'throttled',
    'pictures at most every 300 ms',
    `let last = 0; addEventListener('scroll', () => { if (Date.now() - last < 300) return; last = Date.now(); inView().forEach(show) })`,
  ),
  lazy(
    'dwelled',
    'pictures that were in view for 250 ms',
    `const seen = new IntersectionObserver((all) => all.forEach((one) => { clearTimeout(one.target.timer); if (one.isIntersecting) one.target.timer = setTimeout(show, 250, one.target) })); places.forEach((one) => seen.observe(one))`,
  ),
  lazy(
    'by-wheel',
    'pictures for who turns the wheel',
    `addEventListener('wheel', () => setTimeout(() => inView().forEach(show), 50))`,
  ),
  lazy(
    'by-pointer',
    'nothing before the pointer moved',
    `addEventListener('pointermove', () => { const seen = new IntersectionObserver((all) => all.forEach((one) => { if (one.isIntersecting) show(one.target) })); places.forEach((one) => seen.observe(one)) }, { once: true })`,
  ),
  {
    name: 'grows',
    what: 'a list that grows four times when its end is seen',
    files: () => ({
      '/': html(
        `<main id=all>${bands(5)}</main>` +
          script(`const more = ${JSON.stringify([5, 10, 15, 20].map((from) => bands(5, 200, from)))}; let isBusy = false;
            addEventListener('scroll', () => { if (isBusy || more.length === 0 || innerHeight + scrollY < document.documentElement.scrollHeight - 50) return; isBusy = true; setTimeout(() => { all.insertAdjacentHTML('beforeend', more.shift()); isBusy = false }, 250) })`),
      ),
    }),
    bands: 25,
    words: ['band 24'],
  },
  {
    name: 'inner-box',
    what: 'a page that does not scroll, and a box in it that does',
    files: () => ({
      '/': html(
        `<main style="height:100%;overflow:auto">${bands(20)}</main>`,
        '<style>html,body{height:100%;overflow:hidden}</style>',
      ),
    }),
    bands: 20,
    words: ['band 19'],
  },
  {
    name: 'inner-lazy',
    what: 'the same, its sections filled as they are seen',
    files: () => ({
      '/': html(
        `<main style="height:100vh;overflow:auto">${times(6, (n) => `<section style="height:700px" data-n=${n}></section>`)}</main>` +
          script(`const seen = new IntersectionObserver((all) => all.forEach((one) => { if (one.isIntersecting) one.target.innerHTML = ${JSON.stringify([0, 1, 2, 3, 4, 5].map((n) => band(n, 700)))}[one.target.dataset.n] }));
            document.querySelectorAll('section').forEach((one) => seen.observe(one))`),
      ),
    }),
    bands: 6,
    words: ['band 5'],
  },
  {
    name: 'virtual-box',
    what: 'a list of 100 rows in a box that keeps those in view',
    files: () => ({ '/': virtual('100%', 60, 100) }),
    words: ['row 0 of the list', 'row 50 of the list', 'row 99 of the list'],
  },
  {
    name: 'virtual-fixed',
    what: 'the same in a box of fixed height',
    files: () => ({ '/': virtual('500px', 60, 100) }),
    words: ['row 0 of the list', 'row 50 of the list', 'row 99 of the list'],
    notes: ['not-drawn', 'text-moved'],
  },
  {
    name: 'carousel',
    what: 'a carousel whose slides are filled as they come into view',
    files: () => ({
      '/': html(
        `${bands(6, 200, 8)}<div style="display:flex;overflow-x:auto;width:800px;height:300px">${times(8, (n) => `<section style="flex:0 0 400px" data-n=${n}></section>`)}</div>` +
          script(`const seen = new IntersectionObserver((all) => all.forEach((one) => { if (one.isIntersecting) one.target.textContent = 'slide ' + one.target.dataset.n }));
            document.querySelectorAll('section').forEach((one) => seen.observe(one))`),
      ),
    }),
    words: ['slide 0', 'slide 7'],
  },
  {
    name: 'whole-frame',
    what: 'a page that is one frame of another site',
    files: (far) => ({
      '/': html(
        `<iframe src="${far('/inner')}" style="width:100%;height:100vh;border:0;display:block"></iframe>`,
      ),
      '/inner': html(bands(15)),
    }),
    bands: 15,
    words: ['band 14'],
  },
];
