/** Pages that are read in other ways than downwards in one piece. */
import { type PageKind, script, times } from '../kind.ts';
import { gap, lazy, page, paths, picture, pictures, shades } from './parts.ts';

const left = shades(0xc02010, 5);
const right = shades(0x2010c0, 5);
const body = shades(0xa0b030, 4);
const down = shades(0x402040, 4);
const slides = shades(0x305010, 6);
const chat = shades(0x60b0c0, 12);

/** A list that grows at its own end, five pictures long. */
const feed = (
  id: string,
  end: string,
) => `{ let n = 0; const pane = document.getElementById('${id}');
  const add = () => { if (n > 4) return;
    const at = n++;
    pane.insertAdjacentHTML('beforeend', '<div style="height:420px"><h3>${id} item ' + at + '</h3><img width=300 height=150 src=/${id}' + at + '.png></div>' + (n > 4 ? '<p>${end}</p>' : '')); };
  add(); add(); add();
  pane.addEventListener('scroll', () => { if (pane.scrollTop + pane.clientHeight > pane.scrollHeight - 60) setTimeout(add, 250) }); }`;

export const panes: PageKind[] = [
  {
    name: 'two-panes',
    what: 'a list and a text side by side that both scroll, and both grow',
    source: 'microsoft/playwright#18406',
    files: () => ({
      '/': page(
        `<div style="display:flex;height:100vh"><nav id=list style="width:40%;overflow:auto"></nav><main id=text style="flex:1;overflow-y:scroll"></main></div>` +
          script(feed('list', 'the list ends') + feed('text', 'the text ends')),
        'html,body{height:100%;overflow:hidden}',
      ),
      ...pictures('list', left, 300, 150),
      ...pictures('text', right, 300, 150),
    }),
    words: ['list item 0', 'list item 4', 'the list ends', 'text item 4', 'the text ends'],
    drawn: [...left, ...right].map((hex) => [hex, 150]),
    seen: [...paths('list', left), ...paths('text', right)],
  },
  {
    name: 'body-scrolls',
    what: 'a root that is hidden and a body that scrolls',
    source: 'microsoft/playwright#18406',
    files: () => ({
      '/': page(
        times(4, (n) => `<h2>body ${n}</h2><div style="height:900px"></div>${lazy(`/b${n}.png`)}`),
        'html{height:100%;overflow:hidden}body{height:100%;overflow:auto}',
      ),
      ...pictures('b', body),
    }),
    words: ['body 0', 'body 3'],
    drawn: body.map((hex) => [hex, 200]),
    seen: paths('b', body),
  },
  {
    name: 'vertical-writing',
    what: 'a page that begins at the right and goes on to the left, with lazy pictures',
    source: 'MoonchildProductions/Pale-Moon#1466',
    files: () => ({
      '/': page(
        times(
          4,
          (n) => `<h2>縦書き ${n}</h2><p style="width:500px"></p>${lazy(`/v${n}.png`, 300)}`,
        ),
        'html{writing-mode:vertical-rl}',
      ),
      ...pictures('v', down, 300, 300),
    }),
    words: ['縦書き 0', '縦書き 3'],
    drawn: down.map((hex) => [hex, 300]),
    seen: paths('v', down),
  },
  {
    name: 'right-to-left',
    what: 'a page from right to left that is wider than its window',
    source: 'mempool/mempool#3620',
    files: () => ({
      '/': page(
        `<div style="width:2600px;display:flex;justify-content:space-between"><img src=/r0.png><b>between</b><img src=/r1.png></div>${gap}${script("document.documentElement.dir = 'rtl'")}`,
      ),
      ...pictures('r', ['#e04080', '#40e080']),
    }),
    words: ['between'],
    drawn: [
      ['#e04080', 200],
      ['#40e080', 200],
    ],
    seen: ['/r0.png', '/r1.png'],
  },
  {
    name: 'carousel-to-the-left',
    what: 'a carousel from right to left whose slides are filled as they come into view',
    source: 'mempool/mempool#3620',
    files: () => ({
      '/': page(
        `<div dir=rtl style="display:flex;overflow-x:auto;width:700px;height:300px">${times(6, (n) => `<section style="flex:0 0 400px" data-n=${n}></section>`)}</div>` +
          script(`const seen = new IntersectionObserver((all) => all.forEach(({ target, isIntersecting }) => { if (isIntersecting) target.innerHTML = 'slide ' + target.dataset.n + '<img src=/k' + target.dataset.n + '.png>' }));
            document.querySelectorAll('section').forEach((one) => seen.observe(one))`),
      ),
      ...pictures('k', slides),
    }),
    words: ['slide 0', 'slide 5'],
    seen: paths('k', slides),
  },
  {
    name: 'lazy-frame',
    what: 'a lazy frame far below whose first picture is lazy too',
    source: 'webrecorder/browsertrix-crawler#288',
    files: () => ({
      '/': page(
        `<h1>around it</h1>${gap}${gap}<iframe loading=lazy src=/in width=500 height=400></iframe>`,
      ),
      '/in': page(`<h2>inside it</h2><div style="height:60px"></div>${lazy('/f.png')}`),
      '/f.png': picture('#5020d0'),
    }),
    words: ['around it', 'inside it'],
    drawn: [['#5020d0', 200]],
    seen: ['/f.png'],
  },
  {
    name: 'chat-upwards',
    what: 'a conversation that begins at its foot and is scrolled up',
    source: 'puppeteer/puppeteer#10169',
    files: () => ({
      '/': page(
        `<div style="height:500px;overflow-y:auto;display:flex;flex-direction:column-reverse">${times(12, (n) => `<div style="flex:none;height:160px">line ${n}${lazy(`/c${n}.png`, 120)}</div>`)}</div>${gap}`,
      ),
      ...pictures('c', chat, 300, 120),
    }),
    words: ['line 0', 'line 11'],
    drawn: [['#60b0c0', 120]],
    seen: ['/c0.png', '/c1.png', '/c2.png'],
    notes: ['not-drawn'],
  },
];
