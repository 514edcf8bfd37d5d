/** news.example.org: an invented outlet with everything that makes news pages hard to keep. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, html, redirect, type SiteRequest } from '../answer.ts';
import { escapeMarkup, type PictureRecipe, twoSecondClip } from '../content.ts';
import type { World } from '../world.ts';

export const newsHost = 'news.example.org';

type Route = (request: SiteRequest, world: World) => Answer | Promise<Answer>;

/** One line a page: what it is there to try. */
const routes: Record<string, Route> = {
  '/': () => html(newsPage('Front page', '<p>Demonstration outlet. Nothing here is news.</p>')),
  '/site.css': () => file(style, 'text/css'),
  '/site.js': () => file(script, 'application/javascript'),
  '/clip.mp4': async (_, world) =>
    file((await world.content.clipFile(twoSecondClip, '640x360.mp4')) ?? '', 'video/mp4'),
  // Gone in the honest way, and in the way that says 200.
  '/gone': () => html(newsPage('Not found', '<p>This article is no longer here.</p>'), 404),
  '/withdrawn': () => html(newsPage('Gone', '<p>This article was withdrawn.</p>'), 410),
  '/withheld': () => html(newsPage('Unavailable', '<p>Not available for legal reasons.</p>'), 451),
  '/soft-404': () => html(newsPage('Page not found', '<p>The page you want does not exist.</p>')),
  // Never quiet.
  '/poller': () => html(newsPage('Live ticker', liveTicker)),
  '/poll': async () => {
    await pause(300);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"goals":0}' };
  },
  '/events': () => ({
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    stream: async function* (signal) {
      for (let tick = 0; !signal.aborted; tick += 1) {
        yield `data: ${tick}\n\n`;
        await pause(500, undefined, { signal });
      }
    },
  }),
  // Elsewhere.
  '/moved': () => redirect(`https://${newsHost}/moved/again`, 302),
  '/moved/again': () => redirect('/moved/here', 307),
  '/moved/here': () => html(newsPage('The article moved here', '<p>At last.</p>')),
  '/loop': () => redirect(`https://${newsHost}/loop/back`, 302),
  '/loop/back': () => redirect(`https://${newsHost}/loop`, 302),
  '/script-redirect': () => html(`<script>location.replace('/moved/here')</script>`),
  // Not a page.
  '/report.pdf': () => ({
    status: 200,
    headers: {
      'content-type': 'application/pdf',
      'content-disposition': 'attachment; filename="report.pdf"',
    },
    body: '%PDF-1.4\n% Demonstration\n%%EOF\n',
  }),
  // In the way, or too much.
  '/dialogs': () => html(newsPage('Dialogs', dialogs)),
  '/pop-ups': () => html(newsPage('Pop-ups', popUps)),
  '/cookie-wall': () =>
    html(
      newsPage(
        'We value your privacy',
        '<div id="consent-wall"><p>Accept cookies to continue reading.</p><button>Accept all</button></div>',
      ),
    ),
  '/huge': () => html(newsPage('A very tall page', tallBody)),
  '/heavy': () => html(newsPage('A heavy page', '<img src="/heavy.bmp" alt="heavy">')),
  '/heavy.bmp': () => ({
    status: 200,
    headers: { 'content-type': 'image/bmp' },
    body: Buffer.alloc(24 * 1024 * 1024, 7),
  }),
  '/beacons': () => html(newsPage('Beacons', beacons)),
  '/collect': () => ({ status: 204 }),
  '/frame': () => html('<!doctype html><title>Frame</title><p>Inside the frame.</p>'),
  '/latin-1': () => ({
    status: 200,
    headers: { 'content-type': 'text/html; charset=iso-8859-1' },
    body: Buffer.from('<!doctype html><title>Caf\xe9</title><p>d\xe9j\xe0 vu</p>', 'latin1'),
  }),
};

export function news(request: SiteRequest, world: World): Answer | Promise<Answer> {
  const picture = /^\/pictures\/(\d+)\.jpg$/.exec(request.url.pathname)?.[1];
  if (picture !== undefined) return lazyPicture(Number(picture), world);
  const route = routes[request.url.pathname];
  return route
    ? route(request, world)
    : html(newsPage('Not found', '<p>No such article.</p>'), 404);
}

/** The report of the founding story: consent bar, lazy pictures, own video, embedded posts. */
export function reportPage(blockquotes: string[]): string {
  const paragraph =
    'Demonstration. This paragraph was written for tests. It fills the space that a report would fill and says nothing about any event. '.repeat(
      3,
    );
  const pictures = [1, 2, 3].map(
    (number) =>
      `<figure><img loading="lazy" src="/pictures/${number}.jpg" width="960" height="540" alt="Demonstration picture ${number}"><figcaption>Demonstration picture ${number}</figcaption></figure><p>${paragraph}</p>`,
  );
  return newsPage(
    'Demonstration: a patrol near Qamishli',
    `<p class="byline">Demonstration desk, <time datetime="2020-02-12T19:00:00Z">12 February 2020</time></p>
<p>${paragraph}</p>${blockquotes.join(`<p>${paragraph}</p>`)}
<video controls preload="metadata" width="640" height="360" src="/clip.mp4"></video>
${pictures.join('\n')}
<script async src="https://platform.twitter.com/widgets.js"></script>`,
    `<link rel="canonical" href="https://${newsHost}/2020/02/12/patrol-near-qamishli">
<script type="application/ld+json">${JSON.stringify({
      '@context': 'https://schema.org',
      '@type': 'NewsArticle',
      headline: 'Demonstration: a patrol near Qamishli',
      datePublished: '2020-02-12T19:00:00Z',
      video: { '@type': 'VideoObject', contentUrl: `https://${newsHost}/clip.mp4` },
    })}</script>`,
  );
}

function newsPage(title: string, body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeMarkup(title)} | Example Gazette</title>${head}<link rel="stylesheet" href="/site.css"></head>
<body><header>Example Gazette <small>(demonstration)</small></header><main><h1>${escapeMarkup(title)}</h1>${body}</main>
<div class="cookie-banner" role="dialog" aria-label="Cookies"><p>We use cookies.</p><button>Accept</button><button>Reject</button></div>
<script src="/site.js"></script></body></html>`;
}

const style = `body { margin: 0; font: 18px/1.5 'DejaVu Serif', serif; color: #1b1b1b }
header { padding: 12px 24px; border-bottom: 2px solid #7a0019; font-weight: bold }
main { max-width: 720px; margin: 0 auto; padding: 12px 24px 120px } figure { margin: 24px 0 } img, video { max-width: 100%; height: auto }
blockquote { border-left: 4px solid #1d9bf0; margin: 24px 0; padding: 4px 16px }
.cookie-banner { position: fixed; inset: auto 0 0 0; background: #222; color: #fff; padding: 12px 24px; display: flex; gap: 12px; align-items: center }
#consent-wall { position: fixed; inset: 0; background: #fff; padding: 20vh 30vw }`;

const script = `document.querySelector('.cookie-banner').addEventListener('click', (event) => {
  if (event.target.matches('button')) event.currentTarget.remove();
});`;

const liveTicker = `<p id="score">0</p><script>
async function poll() { try { await fetch('/poll?' + Date.now()); } catch {} poll(); }
poll();
new EventSource('/events').onmessage = (event) => { document.querySelector('#score').textContent = event.data; };
</script>`;

const dialogs = `<p>Answer the questions.</p><script>
addEventListener('beforeunload', (event) => event.preventDefault());
alert('First'); confirm('Second?'); prompt('Third?'); print();
</script>`;

const popUps = `<p>Windows open.</p><script>
open('/moved/here'); open('https://ads.example.net/'); location.href = 'mailto:desk@news.example.org';
</script>`;

const beacons = `<p>Counted.</p><script>
navigator.sendBeacon('/collect', 'seen'); fetch('/collect', { method: 'POST', keepalive: true, body: 'again' });
</script><a href="/moved/here" ping="/collect">link</a>`;

const tallBody = `<div style="height:60000px;background:linear-gradient(#fff,#7a0019)">Top</div><p>Bottom</p>`;

async function lazyPicture(number: number, world: World): Promise<Answer> {
  const recipe: PictureRecipe = {
    width: 960,
    height: 540,
    lines: [`Picture ${number}`],
    hue: number * 70,
  };
  return file(await world.content.picture(recipe), 'image/jpeg');
}

function file(body: Buffer | string, mediaType: string): Answer {
  return { status: 200, headers: { 'content-type': mediaType }, body, ranges: true };
}
