/** Pages behind something, pages that ask first, and what nobody was shown. */
import { html, type PageKind, script } from '../kind.ts';
import { gap, lazy, page, picture, whenSeen } from './parts.ts';

export const covered: PageKind[] = [
  {
    name: 'modal',
    what: 'a dialog over a page that is locked and lazy',
    source: 'gildas-lormeau/single-file-cli#144',
    files: () => ({
      '/': page(
        `<h1>behind it</h1>${gap}${lazy('/m.png')}<dialog id=g><p>asked for consent</p><button>Accept all</button></dialog>${script("g.showModal(); document.body.style.overflow = 'hidden'")}`,
        'dialog::backdrop{background:none}',
      ),
      '/m.png': picture('#cd853f'),
    }),
    words: ['behind it', 'asked for consent'],
    drawn: [['#cd853f', 200]],
    seen: ['/m.png'],
  },
  {
    name: 'popover',
    what: 'a popover at its anchor, shown when that is seen',
    source: 'nextcloud/mail#3678',
    files: () => ({
      '/': page(
        `${gap}<button id=b style="anchor-name:--b">anchor</button><div id=p popover=manual style="position:absolute;position-anchor:--b;top:anchor(bottom);left:anchor(left);margin:0;border:0"><p>shown above all</p><img src=/p.png></div>${gap}${whenSeen('b', 'p.showPopover()')}`,
      ),
      '/p.png': picture('#daa520', 300, 100),
    }),
    words: ['shown above all'],
    drawn: [['#daa520', 100]],
    seen: ['/p.png'],
  },
  {
    name: 'anti-flicker',
    what: 'a page that stands transparent behind a loader for two seconds',
    source: 'webrecorder/browsertrix-crawler#878',
    files: () => ({
      '/': page(
        `<div id=l>loading</div><div id=m style="opacity:0">${gap}${lazy('/f.png')}</div>${script("addEventListener('load', () => setTimeout(() => { l.remove(); m.style.opacity = 1 }, 2000))")}`,
      ),
      '/f.png': picture('#3cb371'),
    }),
    drawn: [['#3cb371', 200]],
    seen: ['/f.png'],
    limits: { settleMs: 2_000 },
  },
  {
    name: 'fragment',
    what: 'an address whose fragment says what is shown',
    source: 'webrecorder/browsertrix-crawler#706',
    opens: '/#/two',
    files: () => ({
      '/': page(
        `<div id=v></div>${script(`v.innerHTML = location.hash === '#/two' ? ${JSON.stringify(`<h1>the second route</h1>${gap}${lazy('/r.png')}`)} : '<h1>the first route</h1>'`)}`,
      ),
      '/r.png': picture('#ba55d3'),
    }),
    words: ['the second route'],
    notWords: ['the first route'],
    drawn: [['#ba55d3', 200]],
    seen: ['/r.png'],
  },
  {
    name: 'article-after-article',
    what: 'articles that follow at the end of one another, the address with them',
    source: 'webrecorder/browsertrix-crawler#723',
    files: () => ({
      '/': page(
        `<div id=r><h2>article 1</h2><div style="height:1400px"></div></div>` +
          script(`let last = 1; let isBusy = false;
            addEventListener('scroll', async () => {
              if (isBusy || last > 2 || innerHeight + scrollY < document.documentElement.scrollHeight - 300) return; isBusy = true;
              r.insertAdjacentHTML('beforeend', await (await fetch('/part' + ++last)).text());
              history.pushState({}, '', '?article=' + last); document.title = 'article ' + last; isBusy = false })`),
      ),
      '/part2': { body: `<h2>article 2</h2>${lazy('/2.png')}<div style="height:1400px"></div>` },
      '/part3': { body: `<h2>article 3</h2>${lazy('/3.png')}<div style="height:900px"></div>` },
      '/2.png': picture('#7b68ee'),
      '/3.png': picture('#ee7b68'),
    }),
    words: ['article 1', 'article 2', 'article 3'],
    drawn: [
      ['#7b68ee', 200],
      ['#ee7b68', 200],
    ],
    seen: ['/2.png', '/3.png'],
  },
  {
    name: 'asks-first',
    what: 'an alert before the page, a question while it is scrolled',
    source: 'webrecorder/browsertrix-crawler#929, microsoft/playwright-mcp#1279',
    files: () => ({
      '/': page(
        `${script("alert('first'); addEventListener('beforeunload', (event) => event.preventDefault())")}${gap}<div id=q></div>${whenSeen('q', "confirm('more?'); q.innerHTML = '<p>shown after it</p><img src=/q.png>'")}`,
      ),
      '/q.png': picture('#a0522d'),
    }),
    words: ['shown after it'],
    drawn: [['#a0522d', 200]],
    seen: ['/q.png'],
    notes: ['dialog'],
  },
  {
    name: 'fails-unseen',
    what: 'answers of 404 that nobody was shown: other sizes, print, prefetch, preload, hidden pictures',
    source: 'webrecorder/browsertrix-behaviors#79, webrecorder/pywb#414',
    files: () => ({
      '/': html(
        `<img src=/x404.png srcset="/ok.png 1x, /y404.png 4x" width=300 height=200><picture><source media="(min-width:99999px)" srcset=/z404.png><source type=image/never srcset=/w404.png><img src=/ok2.png></picture><noscript><img src=/n404.png></noscript><template><img src=/t404.png></template><div hidden><img src=/h404.png></div><details><summary>closed</summary>never opened<img loading=lazy src=/c404.png></details>${script("navigator.sendBeacon('/b404', 'x'); fetch('/f404'); new Image().src = '/p404.gif'")}`,
        '<link rel=stylesheet media=print href=/p404.css><link rel=prefetch href=/f404.html><link rel=preload as=image href=/l404.png>',
      ),
      '/ok.png': picture('#bdb76b'),
      '/ok2.png': picture('#6bbdb7', 300, 100),
    }),
    words: ['closed'],
    notWords: ['never opened'],
    drawn: [
      ['#bdb76b', 200],
      ['#6bbdb7', 100],
    ],
    seen: ['/ok.png', '/ok2.png'],
  },
  {
    name: 'frame-refused',
    what: 'a frame whose server does not answer',
    source: 'gildas-lormeau/SingleFile#1098',
    files: () => ({
      '/': page(
        `<h1>around it</h1>${gap}<iframe loading=lazy src="http://127.0.0.1:59998/x" width=400 height=200></iframe>`,
      ),
    }),
    words: ['around it'],
    notes: ['frame-missing'],
  },
];
