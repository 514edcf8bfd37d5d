/**
 * things.example.org: one address for each kind of thing that a link can lead to and that is no
 * ordinary page, with what must be kept of it: the ground truth of `prove things`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import sharp from 'sharp';
import { type Answer, html, redirect, type SiteRequest } from '../answer.ts';
import { type PictureRecipe, twoSecondClip } from '../content.ts';
import { pdf, wav, zip } from '../small-files.ts';
import type { World } from '../world.ts';

export const thingsHost = 'things.example.org';

/** What a capture of the thing must say and hold. */
export interface Expected {
  state: 'complete' | 'partial' | 'blocked' | 'failed';
  /** Of the first required step that did not end well. */
  reason?: string;
  /** Status that the visit was answered with. */
  status?: number;
  availability?: 'available' | 'suspect' | 'restricted' | 'unknown';
  /** Names of artifacts that must be there, by their end. */
  named?: string[];
  /** Paths of this site whose bodies, as served, must be among the originals. */
  originals?: string[];
  /** Words that a search must find. */
  words?: string[];
  /** Codes of the visit's notes, all of them. */
  notes?: string[];
  /** Reason of the media step. */
  media?: string;
  /** The key where it is not the address itself. */
  key?: string;
  /** Kinds of derivations that must have ended well. */
  derived?: string[];
}

export interface Thing {
  /** Path, query and fragment. */
  link: string;
  what: string;
  expected: Expected;
}

type Route = (request: SiteRequest, world: World) => Answer | Promise<Answer>;

const words = {
  pdf: 'grain convoy ledger',
  text: 'tarpaulin inventory',
  csv: 'checkpoint,barley',
} as const;

const report = pdf('Ledger of a demonstration', [`${words.pdf} page one`, 'second leaf']);
const recipe = (name: string, hue: number): PictureRecipe => ({
  width: 640,
  height: 360,
  lines: [name],
  hue,
});

function file(body: Buffer | string, mediaType: string, disposition?: string): Answer {
  const headers = {
    'content-type': mediaType,
    ...(disposition === undefined ? {} : { 'content-disposition': disposition }),
  };
  return { status: 200, headers, body, ranges: true };
}

const bare = (status: number, headers: Record<string, string> = {}): Route => {
  return () => ({ status, headers, body: '' });
};

const page = (title: string, body: string, head = ''): Answer =>
  html(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head><body><h1>${title}</h1>${body}</body></html>`,
  );

const clip: Route = async (_, world) =>
  file((await world.content.clipFile(twoSecondClip, '640x360.mp4')) ?? '', 'video/mp4');

const picture =
  (name: string, hue: number): Route =>
  async (_, world) =>
    file(await world.content.picture(recipe(name, hue)), 'image/jpeg');

/** Given only to who asks as the page's own browser would. */
const guarded =
  (may: (request: SiteRequest) => boolean, name: string, hue: number): Route =>
  async (request, world) =>
    may(request) ? picture(name, hue)(request, world) : { status: 403, body: 'not for you' };

const given = new Set<string>();
let visitors = 0;
const once: Route = async (request, world) => {
  const { href } = request.url;
  if (given.has(href)) return { status: 410, body: 'used' };
  given.add(href);
  return picture('Once', 200)(request, world);
};

const octets = 'application/octet-stream';

const routes: Record<string, Route> = {
  '/favicon.ico': bare(204),
  // Files.
  '/files/clip.mp4': clip,
  '/files/attached': async (request, world) => ({
    ...(await clip(request, world)),
    headers: {
      'content-type': octets,
      'content-disposition': "attachment; filename*=UTF-8''%D0%BA%D0%BB%D0%B8%D0%BF.mp4",
    },
  }),
  '/files/picture.jpg': picture('Picture', 20),
  '/files/scan.tiff': async (_, world) =>
    file(
      await sharp(await world.content.picture(recipe('Scan', 60)))
        .tiff()
        .toBuffer(),
      'image/tiff',
    ),
  '/files/sound.wav': () => file(wav(1_500), 'audio/wav'),
  '/files/report.pdf': () => file(report, 'application/pdf'),
  '/files/download.php': () => file(report, octets, 'attachment; filename="../../report 7.pdf"'),
  '/files/notes.txt': () => file(`Notes.\n${words.text}\n`, 'text/plain; charset=utf-8'),
  '/files/table.csv': () => file(`place,cargo\n${words.csv}\n`, 'text/csv; charset=utf-8'),
  '/files/data.json': () => file('{"kind":"demonstration"}', 'application/json'),
  '/files/letter.docx': () =>
    file(
      zip({ '[Content_Types].xml': '<Types/>', 'word/document.xml': '<w:document/>' }),
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ),
  '/files/all.zip': () => file(zip({ 'a.txt': 'a', 'b.txt': 'b' }), 'application/zip'),
  '/files/moved.pdf': () => redirect('/files/report.pdf', 302),
  '/files/endless.mp3': () => ({
    status: 200,
    headers: { 'content-type': 'audio/mpeg' },
    stream: async function* (signal) {
      while (!signal.aborted) {
        // A frame of MPEG-1 layer III at 128 kbit/s, of silence.
        yield Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(413)]);
        await pause(10, undefined, { signal });
      }
    },
  }),
  // Answers without a page.
  '/answers/404': bare(404),
  '/answers/500': bare(500),
  '/answers/204': bare(204),
  '/answers/304': bare(304),
  '/answers/401': bare(401, { 'www-authenticate': 'Basic realm="desk"' }),
  '/answers/lying': () => ({
    status: 200,
    headers: { 'content-type': 'text/html', 'content-encoding': 'gzip' },
    body: '<h1>Not gzip at all</h1>',
  }),
  // What leads on by itself.
  '/leads/at-once': () =>
    page(
      'Leading on',
      '<img src="/files/picture.jpg"><img src="/media/backdrop.jpg">',
      '<meta http-equiv="refresh" content="0; url=/leads/here">',
    ),
  '/leads/soon': () =>
    page(
      'An interstitial',
      '<p>You will be led on.</p>',
      '<meta http-equiv="Refresh" content="2;URL=\'/leads/here\'">',
    ),
  '/leads/header': () => ({
    ...page('By the server', '<p>Wait.</p>'),
    headers: { 'content-type': 'text/html; charset=utf-8', refresh: '1; url=/leads/here' },
  }),
  '/leads/late': () =>
    page(
      'To be read',
      '<p>Stays for a while.</p>',
      '<meta http-equiv="refresh" content="60;url=/leads/here">',
    ),
  '/leads/here': () => page('Where it led', '<p>The end of the way.</p>'),
  // Fragments.
  '/app': () =>
    page(
      'Views',
      `<p id="view"></p><script>const show = () => { document.getElementById('view').textContent = 'view ' + location.hash; document.title = 'View ' + location.hash; }; addEventListener('hashchange', show); show();</script>`,
    ),
  '/article': () =>
    page('An article', '<p>Beginning.</p><h2 id="harvest">The harvest</h2><p>End.</p>'),
  // Media that are no <img src>.
  '/media/backdrop.jpg': picture('Backdrop', 40),
  '/media/drawn.jpg': picture('Drawn', 80),
  '/media/object.jpg': picture('Object', 120),
  '/media/wide.jpg': picture('Wide', 160),
  '/media/styles': () =>
    page(
      'Styles',
      `<div style="width:640px;height:360px;background-image:url('/media/backdrop.jpg')"></div>
       <svg width="640" height="360"><image href="/media/drawn.jpg" width="640" height="360"/></svg>
       <object data="/media/object.jpg" type="image/jpeg" width="640" height="360"></object>
       <picture><source srcset="/media/wide.jpg" media="(min-width: 600px)"><img src="/files/picture.jpg" width="640" height="360"></picture>`,
    ),
  '/media/data': async (_, world) => {
    const bytes = await world.content.picture(recipe('Inside', 240));
    return page('Inside', `<img src="data:image/jpeg;base64,${bytes.toString('base64')}">`);
  },
  '/media/by-referer.jpg': guarded(
    ({ headers }) => String(headers.referer).startsWith(`https://${thingsHost}/media/`),
    'Referer',
    260,
  ),
  '/media/by-cookie.jpg': guarded(
    ({ headers }) => String(headers.cookie).includes('seen=1'),
    'Cookie',
    280,
  ),
  '/media/by-accept.jpg': guarded(
    ({ headers }) => String(headers.accept).includes('image/avif'),
    'Accept',
    300,
  ),
  '/media/once.jpg': once,
  '/media/guarded': () => ({
    ...page(
      'Guarded',
      `<img src="/media/by-referer.jpg"><img src="/media/by-cookie.jpg"><img src="/media/by-accept.jpg"><img src="/media/once.jpg?${++visitors}">`,
    ),
    headers: { 'content-type': 'text/html; charset=utf-8', 'set-cookie': 'seen=1; Path=/' },
  }),
  '/media/raw': async (request, world) => ({
    ...(await picture('Raw', 320)(request, world)),
    headers: {},
    ranges: false,
  }),
  '/media/posted': async (request, world) =>
    request.method === 'POST'
      ? { ...(await picture('Posted', 340)(request, world)), ranges: false }
      : { status: 405, body: 'POST only' },
  '/media/fetched': () =>
    page(
      'Fetched',
      `<script>for (const [path, options] of [['/media/raw', {}], ['/media/posted', { method: 'POST', body: 'please' }]])
         fetch(path, options).then((answer) => answer.blob()).then((blob) => { const image = new Image(); image.src = URL.createObjectURL(blob); document.body.append(image); });</script>`,
    ),
};

export function things(request: SiteRequest, world: World): Answer | Promise<Answer> {
  const route = routes[request.url.pathname];
  return route
    ? route(request, world)
    : html('<!doctype html><title>Nothing</title><p>Nothing here.</p>', 404);
}

const isFile = (name: string, original: string, more: Partial<Expected> = {}): Expected => ({
  state: 'complete',
  availability: 'available',
  named: [`/${name}`],
  originals: [original],
  ...more,
});
const answered = (status: number, more: Partial<Expected> = {}): Expected => ({
  state: 'complete',
  status,
  notes: ['no-page'],
  ...more,
});

export const everyThing: Thing[] = [
  {
    link: '/files/report.pdf',
    what: 'a PDF, shown by browsers',
    expected: isFile('report.pdf', '/files/report.pdf', {
      named: ['/report.pdf', '/text.txt', '/page-001.png', '/page-002.png'],
      words: [words.pdf, 'Ledger of a demonstration'],
      derived: ['pages'],
    }),
  },
  {
    link: '/files/clip.mp4',
    what: 'a clip, shown by browsers',
    expected: isFile('clip.mp4', '/files/clip.mp4', { derived: ['keyframes'] }),
  },
  {
    link: '/answers/404',
    what: 'an empty 404',
    expected: answered(404, { availability: 'suspect' }),
  },
  {
    link: '/article#harvest',
    what: 'a fragment that names an element',
    expected: { state: 'complete', key: '/article', words: ['harvest'], notes: [] },
  },
  {
    link: '/files/table.csv',
    what: 'a table, saved by browsers',
    expected: isFile('table.csv', '/files/table.csv', {
      words: ['checkpoint'],
      derived: ['pages'],
    }),
  },
  {
    link: '/files/download.php',
    what: 'a PDF as octets, attached, whose name leads out of its folder',
    expected: isFile('report 7.pdf', '/files/download.php'),
  },
  {
    link: '/answers/401',
    what: 'a demand to log in',
    expected: { state: 'blocked', status: 401, reason: 'login-wall', availability: 'restricted' },
  },
  {
    link: '/answers/lying',
    what: 'a coding that is not true',
    expected: {
      state: 'failed',
      status: 200,
      reason: 'bad-content-encoding',
      named: ['html.received.bin'],
    },
  },
  {
    link: '/leads/at-once',
    what: 'a refresh of 0 s',
    expected: {
      state: 'complete',
      notes: [],
      named: ['before-1/html.received.html', 'page/html.received.html'],
      words: ['end of the way'],
    },
  },
  {
    link: '/leads/soon',
    what: 'a refresh of 2 s',
    expected: {
      state: 'complete',
      notes: [],
      named: ['before-1/text.txt', 'page/text.txt'],
      words: ['end of the way', 'be led on'],
    },
  },
  {
    link: '/media/styles',
    what: 'pictures in styles, SVG, objects and picture elements',
    expected: {
      state: 'complete',
      originals: [
        '/media/backdrop.jpg',
        '/media/drawn.jpg',
        '/media/object.jpg',
        '/media/wide.jpg',
      ],
      notes: [],
    },
  },
  {
    link: '/media/guarded',
    what: 'pictures given to their page only, and once',
    expected: {
      state: 'complete',
      originals: [
        '/media/by-referer.jpg',
        '/media/by-cookie.jpg',
        '/media/by-accept.jpg',
        '/media/once.jpg',
      ],
      notes: [],
    },
  },
  {
    link: '/media/fetched',
    what: 'pictures fetched by script, unannounced and by POST',
    expected: { state: 'complete', originals: ['/media/raw', '/media/posted'], notes: [] },
  },
  {
    link: '/app#/one',
    what: 'a view of a program',
    expected: { state: 'complete', key: '/app#/one', words: ['view #/one'] },
  },
  {
    link: '/files/attached',
    what: 'a clip as octets, attached, with a Cyrillic name',
    expected: isFile('клип.mp4', '/files/attached', { derived: ['keyframes'] }),
  },
  {
    link: '/files/picture.jpg',
    what: 'a picture',
    expected: isFile('picture.jpg', '/files/picture.jpg', { derived: ['fingerprints'] }),
  },
  {
    link: '/files/scan.tiff',
    what: 'a scan as TIFF, which browsers save',
    expected: isFile('scan.tiff', '/files/scan.tiff', { derived: ['fingerprints'] }),
  },
  {
    link: '/files/moved.pdf',
    what: 'a redirect to a PDF',
    expected: isFile('report.pdf', '/files/report.pdf'),
  },
  {
    link: '/files/notes.txt',
    what: 'a text',
    expected: isFile('notes.txt', '/files/notes.txt', { words: [words.text] }),
  },
  {
    link: '/files/letter.docx',
    what: 'an office document',
    expected: isFile('letter.docx', '/files/letter.docx'),
  },
  {
    link: '/files/all.zip',
    what: 'an archive of files',
    expected: isFile('all.zip', '/files/all.zip'),
  },
  {
    link: '/files/endless.mp3',
    what: 'a stream without an end',
    expected: { state: 'failed', reason: 'endless-stream' },
  },
  {
    link: '/leads/header',
    what: 'a refresh by a header',
    expected: {
      state: 'complete',
      notes: [],
      named: ['before-1/html.received.html', 'page/text.txt'],
      words: ['end of the way'],
    },
  },
  {
    link: '/leads/late',
    what: 'a refresh after a minute',
    expected: { state: 'complete', notes: [], words: ['Stays for a while'] },
  },
  {
    link: '/app#/two',
    what: 'another view of it',
    expected: { state: 'complete', key: '/app#/two', words: ['view #/two'] },
  },
  {
    link: '/app#three',
    what: 'a bare word that names no element',
    expected: { state: 'complete', key: '/app#three', words: ['view #three'] },
  },
  {
    link: '/article#:~:text=The%20harvest',
    what: 'words to highlight',
    expected: { state: 'complete', key: '/article', words: ['Beginning'] },
  },
  {
    link: '/media/data',
    what: 'a picture in its own address',
    expected: { state: 'complete', named: ['media/1.jpg'], notes: [] },
  },
  { link: '/answers/500', what: 'an empty 500', expected: answered(500) },
  { link: '/answers/204', what: 'a 204', expected: answered(204) },
  { link: '/answers/304', what: 'a 304 that nobody asked for', expected: answered(304) },
  { link: '/files/sound.wav', what: 'a sound', expected: isFile('sound.wav', '/files/sound.wav') },
  { link: '/files/data.json', what: 'JSON', expected: isFile('data.json', '/files/data.json') },
];
