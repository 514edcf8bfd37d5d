/** Visits with a real Chromium, sandbox on, to sites that are slow, hostile, gone or walled. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, type OpenBrowser } from '../src/browser/browser.ts';
import { pictureOfHtml } from '../src/browser/picture-of-html.ts';
import { sandboxOf } from '../src/browser/sandbox-report.ts';
import type { Door, Egress } from '../src/egress/egress.ts';
import type { PageRecipe } from '../src/model/plan.ts';
import { pageRecipe as recipeOf } from '../src/platforms/web/page.ts';
import { openRecorder, type Recorder } from '../src/recorder/recorder.ts';
import { openFileVault } from '../src/vault/files.ts';
import type { Vault } from '../src/vault/vault.ts';
import { type CaptureOptions, type PageVisit, visitPage } from '../src/visit/visit-page.ts';
import { makeAuthority } from './support/authority.ts';
import { loopback, testEgress } from './support/egress.ts';
import { pageRecipe } from './support/recording-rig.ts';
import { openWebServer, type WebServer } from './support/web-server.ts';

const tools = { chromium: null, chromiumSandbox: true };
const never = new AbortController().signal;

let folder: string;
let vault: Vault;
let egress: Egress;
let door: Door;
let browser: OpenBrowser;
let site: WebServer;
let secureSite: WebServer;
let untrustedSite: WebServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-page-test-'));
  const authority = makeAuthority(folder, ['localhost', '127.0.0.1']);
  site = await openWebServer(null);
  secureSite = await openWebServer(authority, 'localhost');
  const stranger = await mkdtemp(join(folder, 'stranger-'));
  untrustedSite = await openWebServer(makeAuthority(stranger, ['localhost']), 'localhost');
  vault = await openFileVault(join(folder, 'vault'));
  egress = await testEgress({ extraCaFile: authority.file, allowPrivate: loopback });
  door = await egress.openDoor();
  browser = await launchBrowser({
    tools,
    door,
    extraCaFile: authority.file,
    folder,
    signal: never,
  });
});

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await egress?.[Symbol.asyncDispose]();
  for (const server of [site, secureSite, untrustedSite]) await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function visit(
  url: string,
  more: Partial<PageRecipe> = {},
  options: Partial<CaptureOptions> = {},
): Promise<PageVisit> {
  const all = { timeoutMs: 10_000, maxHeightPx: 4_000, settleMs: 300, ...options };
  await using recorder = await recorderOf(browser);
  return await visitPage({ browser, recorder, vault }, pageRecipe(url, more), all, never);
}

async function recorderOf(of: OpenBrowser): Promise<Recorder> {
  return openRecorder({
    browser: of,
    client: egress.client,
    folder: await mkdtemp(join(folder, 'bodies-')),
    maxBytes: 64 * 1024 * 1024,
    documentTimeoutMs: 700,
    signal: never,
  });
}

function artifact(made: PageVisit, role: string) {
  const found = made.artifacts.find((one) => one.role === role);
  if (found === undefined)
    throw new Error(`no ${role} among ${made.artifacts.map((one) => one.role).join(', ')}`);
  return found;
}

const bytesOf = (made: PageVisit, role: string) => vault.read(artifact(made, role).sha256);
const textOf = async (made: PageVisit, role: string) =>
  (await bytesOf(made, role)).toString('utf8');
const exchangesOf = async (made: PageVisit) => JSON.parse(await textOf(made, 'exchanges'));
const codes = (made: PageVisit) => made.notes.map((note) => note.code);

/** Colour of one pixel of a picture, as `r,g,b`. */
async function pixel(png: Buffer, left: number, top: number): Promise<string> {
  const { data } = await sharp(png)
    .extract({ left, top, width: 1, height: 1 })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [...data].join(',');
}

describe('a page that shows itself', () => {
  test('is kept as received and as rendered, with text, pictures, console and exchanges', async () => {
    site.pages['/article'] =
      `<!doctype html><title>A convoy</title><h1>Near Qamishli</h1><p id=late></p>
      <script>document.getElementById('late').textContent = 'written by script'; console.warn('a warning')</script>
      <img src="/pixel.png">`;
    const made = await visit(site.url('/article'));
    expect(made).toMatchObject({
      view: 'page',
      state: 'done',
      reason: null,
      httpStatus: 200,
      title: 'A convoy',
      finalUrl: site.url('/article'),
    });
    expect(made.artifacts.map((one) => one.name).sort()).toEqual([
      'page/console.jsonl',
      'page/dom.rendered.html',
      'page/exchanges.json',
      'page/html.received.html',
      'page/screenshot.full.png',
      'page/screenshot.viewport.png',
      'page/text.txt',
    ]);
    expect(await textOf(made, 'html.received')).toBe(site.pages['/article']);
    expect(await textOf(made, 'dom.rendered')).toContain('<p id="late">written by script</p>');
    expect(made.text).toContain('written by script');
    expect(await textOf(made, 'text')).toBe(made.text);
    expect(await textOf(made, 'console')).toContain('a warning');
    expect(artifact(made, 'screenshot.viewport')).toMatchObject({
      media: { width: 1280, height: 900 },
      facts: { css: 'none injected', timeZone: 'UTC', scale: 1 },
    });
    const { exchanges } = await exchangesOf(made);
    expect(exchanges).toMatchObject([
      {
        url: site.url('/article'),
        method: 'GET',
        class: 'recorded',
        remoteAddress: '127.0.0.1',
        response: { status: 200, body: { sha256: artifact(made, 'html.received').sha256 } },
      },
      { url: site.url('/pixel.png'), response: { status: 404 }, resourceType: 'image' },
      { url: site.url('/favicon.ico'), response: { status: 404 } },
    ]);
    expect(made.facts).toMatchObject({
      recordedBy: 'devtools-protocol',
      serviceWorkers: 'allowed',
      browser: { sandbox: true },
      notKept: [],
    });
  });

  test('says that it is the same Chromium with a window, and nothing else', async () => {
    let agent = '';
    site.pages['/agent'] = (asked, answer) => {
      agent = `${asked.headers['user-agent']} ${asked.headers['sec-ch-ua']}`;
      answer.end('<script>document.title = navigator.userAgent</script>');
    };
    const made = await visit(site.url('/agent'));
    expect(agent).toContain('Chrome/');
    expect(`${agent} ${made.title}`).not.toContain('Headless');
  });

  test('that is missing is done too: its status is part of what it showed', async () => {
    const made = await visit(site.url('/no-such-page'));
    expect(made).toMatchObject({ state: 'done', httpStatus: 404, title: 'Not here' });
  });

  test('over TLS has its certificates written down, the authority included', async () => {
    secureSite.pages['/secure'] = '<h1>secure</h1>';
    const made = await visit(secureSite.url('/secure'));
    expect(made.state).toBe('done');
    const { certificates, exchanges } = await exchangesOf(made);
    expect(certificates[0].chain[0]).toMatchObject({
      subject: 'CN=Test server',
      issuer: 'CN=Test authority',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(exchanges[0].tls).toContain('TLS 1.3');
  });

  test('has every redirect on the way to it written down', async () => {
    site.pages['/r1'] = (_, answer) => answer.writeHead(302, { location: '/r2' }).end();
    site.pages['/r2'] = (_, answer) => answer.writeHead(301, { location: '/end' }).end();
    site.pages['/end'] = '<h1>the end</h1>';
    const made = await visit(site.url('/r1'));
    expect(made).toMatchObject({ state: 'done', finalUrl: site.url('/end') });
    expect((await exchangesOf(made)).redirects).toEqual([
      { url: site.url('/r1'), status: 302 },
      { url: site.url('/r2'), status: 301 },
      { url: site.url('/end'), status: 200 },
    ]);
  });

  test('that is long is scrolled through first, so that its lazy end is in the picture', async () => {
    site.pages['/long'] =
      `<body style="margin:0"><div style="height:3000px"></div><div id=end style="height:200px;background:#f00"></div>
      <script>new IntersectionObserver(([e]) => { if (e.isIntersecting) end.style.background = '#0000ff' }).observe(end)</script>`;
    const made = await visit(site.url('/long'));
    const shot = artifact(made, 'screenshot.full');
    expect(shot.media).toEqual({ width: 1280, height: 3200 });
    expect(await pixel(await bytesOf(made, 'screenshot.full'), 600, 3150)).toBe('0,0,255');
    expect(codes(made)).toEqual([]);
  });

  test('that has no end is cut at the height cap, and says so', async () => {
    site.pages['/endless'] = `<body style="margin:0"><div id=all></div><script>
      const more = () => { const d = document.createElement('div'); d.style.height = '2000px'; d.style.background = '#00ff00'; all.append(d) };
      more(); addEventListener('scroll', more)</script>`;
    const made = await visit(site.url('/endless'), {}, { maxHeightPx: 20_000, timeoutMs: 20_000 });
    expect(made.state).toBe('done');
    expect(codes(made)).toContain('height-capped');
    expect(artifact(made, 'screenshot.full').media).toEqual({ width: 1280, height: 20_000 });
    expect(await pixel(await bytesOf(made, 'screenshot.full'), 600, 19_990)).toBe('0,255,0');
  });

  test('shows its post: the focal element has a picture of its own, and covers are hidden in one more', async () => {
    site.pages['/post'] =
      `<body style="margin:0"><article style="width:300px;height:120px;background:#00f">the post</article>
      <div class=cookies style="position:fixed;inset:0;background:#f00">cookies?</div>`;
    const made = await visit(site.url('/post'), {
      focalSelector: 'article',
      overlays: ['.cookies', '.not-there'],
    });
    expect(made.state).toBe('done');
    expect(artifact(made, 'screenshot.focal').media).toEqual({ width: 300, height: 120 });
    expect(await pixel(await bytesOf(made, 'screenshot.focal'), 200, 100)).toBe('255,0,0');
    expect(await pixel(await bytesOf(made, 'screenshot.clean'), 200, 100)).toBe('0,0,255');
    expect(artifact(made, 'screenshot.clean').facts).toMatchObject({
      css: expect.stringContaining('.cookies'),
    });
    expect(await textOf(made, 'dom.rendered')).not.toContain('display: none !important');
  });

  test('includes the text of frames that it embeds', async () => {
    site.pages['/frame'] = '<p>an embedded post</p>';
    site.pages['/outer'] = '<p>the article</p><iframe src="/frame"></iframe>';
    const made = await visit(site.url('/outer'));
    expect(made.text).toContain('the article');
    expect(made.text).toContain('an embedded post');
  });
});

describe('a page that misbehaves', () => {
  test('boxes are dismissed, windows closed and downloads cancelled, each with a note', async () => {
    site.pages['/file'] = (_, answer) =>
      answer.writeHead(200, { 'content-disposition': 'attachment; filename="x.bin"' }).end('bytes');
    site.pages['/rude'] =
      `<h1>rude</h1><script>alert('pay!'); addEventListener('beforeunload', e => e.preventDefault());
      window.open('/elsewhere'); const a = document.createElement('a'); a.href = '/file'; document.body.append(a); a.click()</script>`;
    const made = await visit(site.url('/rude'));
    expect(made.state).toBe('done');
    expect(codes(made)).toEqual(expect.arrayContaining(['dialog', 'download', 'pop-up']));
    expect(made.text).toContain('rude');
  });

  test('event streams, sockets and long polls are not waited for', async () => {
    const hold = (_: unknown, answer: import('node:http').ServerResponse) =>
      answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    site.pages['/events'] = hold;
    site.pages['/stream'] =
      '<h1>live</h1><script>new EventSource("/events"); new WebSocket(location.href.replace("http", "ws"))</script>';
    const made = await visit(site.url('/stream'));
    expect(made.state).toBe('done');
    expect(codes(made)).toEqual([]);
  });

  test('a page that never stops asking is kept as it stands at the cut', async () => {
    site.pages['/tick'] = 'tick';
    site.pages['/busy'] = '<h1>busy</h1><script>setInterval(() => fetch("/tick"), 40)</script>';
    const made = await visit(site.url('/busy'), {}, { timeoutMs: 2_500 });
    expect(made.state).toBe('done');
    expect(codes(made)).toEqual(['not-settled']);
    expect(artifact(made, 'screenshot.full').sizeBytes).toBeGreaterThan(0);
  });

  test('a document that only drips is timed out, and what came of it is kept', async () => {
    site.pages['/drip'] = (_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/html' });
      answer.write(`<title>drip</title><h1>drop</h1>${' '.repeat(2_000)}`);
      const timer = setInterval(() => answer.write('<p>drop</p>'), 200);
      answer.on('close', () => clearInterval(timer));
    };
    const made = await visit(site.url('/drip'), {}, { timeoutMs: 2_500 });
    expect(made).toMatchObject({ state: 'failed', reason: 'timed-out' });
    expect(made.text).toContain('drop');
  });

  test('a server that never answers is timed out', async () => {
    site.pages['/silent'] = () => {};
    expect(await visit(site.url('/silent'), {}, { timeoutMs: 1_500 })).toMatchObject({
      state: 'failed',
      reason: 'timed-out',
      finalUrl: null,
    });
  });

  test('a renderer that crashes ends the visit, with its exchanges kept', async () => {
    site.pages['/crash'] =
      '<h1>soon gone</h1><script>setTimeout(() => location = "/again", 100)</script>';
    site.pages['/again'] = '<h1>gone</h1>';
    const seen = waitFor(() => site.asked.includes('/again'));
    const made = visit(site.url('/crash'), {}, { settleMs: 20_000, timeoutMs: 20_000 });
    await seen;
    for (const pid of renderers()) process.kill(pid, 'SIGKILL');
    expect(await made).toMatchObject({ state: 'failed', reason: 'renderer-crashed' });
    expect((await exchangesOf(await made)).exchanges.length).toBeGreaterThan(1);
  });

  test('a link that is a download is said to be one, and is offered as media', async () => {
    site.pages['/film.mp4'] = (_, answer) =>
      answer
        .writeHead(200, {
          'content-type': 'application/octet-stream',
          'content-disposition': 'attachment',
        })
        .end('bytes');
    const made = await visit(site.url('/film.mp4'), { collectMedia: true });
    expect(made).toMatchObject({ state: 'skipped', reason: 'is-download' });
    expect(made.media).toMatchObject([
      { id: '1', kind: 'file', belongsTo: 'link', candidates: [{ url: site.url('/film.mp4') }] },
    ]);
  });
});

describe('a page that does not come', () => {
  test('by name, by refusal, by reset, by certificate, by policy and by endless redirects: each has its reason', async () => {
    const resets = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await using _ = await listening(resets);
    const resetPort = (resets.address() as { port: number }).port;
    site.pages['/loop'] = (_, answer) => answer.writeHead(302, { location: '/loop' }).end();
    site.pages['/inward'] = (_, answer) =>
      answer.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
    const reasonAt = async (url: string) => (await visit(url)).reason;
    expect(await reasonAt('http://no-such-name.invalid/')).toBe('dns');
    expect(await reasonAt('https://no-such-name.invalid/')).toBe('dns');
    expect(await reasonAt('https://127.0.0.1:1')).toBe('bad-url'); // Chromium's own list of ports
    expect(await reasonAt(`https://127.0.0.1:${await freePort()}`)).toBe('refused');
    expect(await reasonAt(`http://127.0.0.1:${await freePort()}`)).toBe('refused');
    expect(await reasonAt(`https://127.0.0.1:${resetPort}/`)).toBe('reset');
    expect(await reasonAt(`http://127.0.0.1:${resetPort}/`)).toBe('reset');
    expect(await reasonAt(untrustedSite.url('/'))).toBe('tls');
    expect(await reasonAt('https://10.0.0.1/')).toBe('address-refused');
    expect(await reasonAt(site.url('/inward'))).toBe('address-refused');
    expect(await reasonAt(site.url('/loop'))).toBe('redirect-loop');
  });

  test('behind a wall is blocked, by marker, by status or by challenge', async () => {
    site.pages['/wall'] = '<h1>Log in to continue</h1>';
    site.pages['/limited'] = (_, answer) =>
      answer.writeHead(429, { 'content-type': 'text/html' }).end('slow down');
    site.pages['/challenge'] = (_, answer) =>
      answer
        .writeHead(403, { 'content-type': 'text/html' })
        .end(
          '<title>Just a moment...</title><script src="/cdn-cgi/challenge-platform/x.js"></script>',
        );
    site.pages['/forbidden'] = (_, answer) =>
      answer.writeHead(403, { 'content-type': 'text/html' }).end('not for you');
    const wallMarkers = [{ reason: 'login-wall' as const, text: 'log in to CONTINUE' }];
    expect(await visit(site.url('/wall'), { wallMarkers })).toMatchObject({
      state: 'blocked',
      reason: 'login-wall',
    });
    expect(await visit(site.url('/limited'))).toMatchObject({
      state: 'blocked',
      reason: 'rate-limited',
      httpStatus: 429,
    });
    expect(await visit(site.url('/challenge'))).toMatchObject({
      state: 'blocked',
      reason: 'captcha',
      httpStatus: 403,
    });
    expect(await visit(site.url('/forbidden'))).toMatchObject({ state: 'done', httpStatus: 403 });
  });

  test('that sends its visitor to a log-in form is walled; a log-in page that was asked for is not', async () => {
    const form = '<h1>Sign in</h1><form><input name=user><input type=password></form>';
    site.pages['/enter'] = form;
    site.pages['/enter?next=%2Fprivate'] = form;
    site.pages['/private'] = (_, answer) =>
      answer.writeHead(302, { location: '/enter?next=%2Fprivate' }).end();
    site.pages['/moved'] = (_, answer) => answer.writeHead(302, { location: '/news' }).end();
    site.pages['/news'] =
      `${form}<article>${'What happened at the checkpoint. '.repeat(90)}</article>`;
    const ended = async (path: string) => {
      const { state, reason } = await visit(site.url(path));
      return [state, reason];
    };
    expect(await ended('/private')).toEqual(['blocked', 'login-wall']);
    expect(await ended('/enter')).toEqual(['done', null]);
    expect(await ended('/moved')).toEqual(['done', null]);
  });

  test('is not walled by a pixel, a header or a word beside what can be read', async () => {
    const article = `<article>${'What happened at the checkpoint. '.repeat(90)}</article>`;
    const sign = (style: string) => `<div id="px-captcha" style="${style}">press</div>`;
    site.pages['/pixel'] = `${sign('width:1px;height:1px;overflow:hidden')}${article}`;
    site.pages['/lid'] = `${article}${sign('position:fixed;inset:0;background:white')}`;
    site.pages['/only'] = sign('width:300px;height:100px');
    site.pages['/header'] = (_, answer) =>
      answer
        .writeHead(200, { 'content-type': 'text/html', 'cf-mitigated': 'challenge' })
        .end(article);
    const ended = async (path: string) => {
      const { wallMarkers } = recipeOf(site.url(path));
      const { state, reason } = await visit(site.url(path), { wallMarkers });
      return [state, reason];
    };
    expect(await ended('/pixel')).toEqual(['done', null]);
    expect(await ended('/header')).toEqual(['done', null]);
    expect(await ended('/lid')).toEqual(['blocked', 'captcha']);
    expect(await ended('/only')).toEqual(['blocked', 'captcha']);
  });

  test('without its post is failed, and what it showed instead is kept', async () => {
    site.pages['/empty'] = '<h1>Something went wrong</h1>';
    const made = await visit(
      site.url('/empty'),
      { focalSelector: 'article' },
      { timeoutMs: 3_000 },
    );
    expect(made).toMatchObject({ state: 'failed', reason: 'focal-missing' });
    expect(artifact(made, 'screenshot.viewport').sizeBytes).toBeGreaterThan(0);
  });
});

test('media of a page: best picture first, videos before pictures, each once, small ones left out', async () => {
  const picture = await sharp({
    create: { width: 400, height: 300, channels: 3, background: '#080' },
  })
    .png()
    .toBuffer();
  for (const name of ['/a-400.png', '/a-800.png', '/small.png']) {
    site.pages[name] = (_, answer) =>
      answer.writeHead(200, { 'content-type': 'image/png' }).end(picture);
  }
  site.pages['/clip.m3u8'] = (_, answer) =>
    answer.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end('#EXTM3U\n');
  site.pages['/seg.ts'] = (_, answer) =>
    answer.writeHead(200, { 'content-type': 'video/mp2t' }).end('x');
  site.pages['/media'] =
    `<meta property="og:video" content="/og.mp4"><video poster="/poster.png"><source src="/v.mp4" type="video/mp4"></video>
    <script type="application/ld+json">{"@graph":[{"@type":"VideoObject","contentUrl":"/ld.mp4"}]}</script>
    <img src="/a-400.png" srcset="/a-400.png 400w, /a-800.png 800w" alt="a convoy"><img src="/a-400.png"><img src="/small.png" width=40 height=40 style="content:none">
    <script>fetch('/clip.m3u8'); fetch('/seg.ts')</script>`;
  const { media } = await visit(site.url('/media'), { collectMedia: true });
  const urls = media.map((one) => [
    one.kind,
    one.belongsTo,
    ...one.candidates.map(({ url }) => new URL(url).pathname),
  ]);
  expect(urls.slice(0, 4)).toEqual([
    ['video', 'page', '/v.mp4'],
    ['video', 'page', '/og.mp4'],
    ['video', 'page', '/ld.mp4'],
    ['video', 'page', '/clip.m3u8'],
  ]);
  expect(urls).toContainEqual(['picture', 'page', '/a-800.png', '/a-400.png']);
  expect(urls).toContainEqual(['picture', 'poster', '/poster.png']);
  expect(
    media.find(({ kind, belongsTo }) => kind === 'picture' && belongsTo === 'page')?.altText,
  ).toBe('a convoy');
  expect(media.map(({ id }) => id)).toEqual(media.map((_, index) => String(index + 1)));
});

describe('the browser', () => {
  test('is sandboxed, and none of its processes is root', async () => {
    expect(await sandboxOf(browser)).toMatchObject({ sandboxed: true });
    const mine = chromiumProcesses();
    expect(mine.length).toBeGreaterThan(3);
    expect(mine.filter(({ user }) => user === 'root')).toEqual([]);
    expect(mine.filter(({ args }) => args.includes('--no-sandbox'))).toEqual([]);
  });

  test('loads no page of its own beside those that are asked for', async () => {
    const context = await browser.newContext({ widthPx: 800, heightPx: 600 });
    const page = await context.newPage();
    await page.goto('data:text/html,<h1>asked for</h1>');
    const session = await browser.newSession();
    const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] });
    const urls = targetInfos.map(({ url }) => url);
    await session.detach();
    await context.close();
    expect(urls).toContain(page.url());
    expect(urls.filter((url) => /^chrome(-[a-z]+)?:/.test(url))).toEqual([]);
  });

  test('cannot reach this machine behind the back of the door, not even by WebRTC', async () => {
    const closedDoor = await egressWithout();
    const before = site.asked.length;
    await using other = await launchBrowser({
      tools,
      door: closedDoor.door,
      extraCaFile: null,
      folder,
      signal: never,
    });
    const context = await other.newContext({ widthPx: 800, heightPx: 600 });
    const page = await context.newPage();
    await page.goto('data:text/html,<h1>inside</h1>');
    const candidates = await page.evaluate<string[]>(`(async () => {
      await fetch('http://127.0.0.1:${site.port}/secret').catch(() => {});
      await fetch('http://localhost:${site.port}/secret').catch(() => {});
      const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:3478' }] });
      const found = []; peer.onicecandidate = (e) => e.candidate && found.push(e.candidate.candidate);
      peer.createDataChannel('x'); await peer.setLocalDescription();
      await new Promise((done) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && done(); setTimeout(done, 3000) });
      return found;
    })()`);
    expect(candidates).toEqual([]);
    expect(site.asked.length).toBe(before);
    const refused = closedDoor.door.connections().filter(({ port }) => port === site.port);
    expect(refused.map(({ outcome }) => outcome)).toEqual([
      'refused-by-policy',
      'refused-by-policy',
    ]);
    await closedDoor.egress[Symbol.asyncDispose]();
  });

  test('makes no call of its own that gets anywhere', () => {
    const strangers = door
      .connections()
      .filter(
        ({ host, outcome }) =>
          outcome === 'connected' && !['127.0.0.1', 'localhost'].includes(host),
      );
    expect(strangers).toEqual([]);
    expect(door.connections().filter(({ host }) => host === 'accounts.google.com')).toEqual([]);
  });

  test('is gone with all its processes and its profile as soon as its work is aborted', async () => {
    const before = new Set(chromiumProcesses().map(({ pid }) => pid));
    const stop = new AbortController();
    const other = await launchBrowser({
      tools,
      door,
      extraCaFile: null,
      folder,
      signal: stop.signal,
    });
    const { profile } = noteOf(process.pid);
    site.pages['/aborted'] = () => {};
    const visiting = visitPage(
      { browser: other, recorder: await recorderOf(other), vault },
      pageRecipe(site.url('/aborted')),
      { settleMs: 300, timeoutMs: 30_000, maxHeightPx: 1_000 },
      stop.signal,
    );
    await waitFor(() => site.asked.includes('/aborted'));
    stop.abort(new Error('stopped by the test'));
    await expect(visiting).rejects.toThrow('stopped by the test');
    await other[Symbol.asyncDispose]();
    await waitFor(() => chromiumProcesses().every(({ pid }) => before.has(pid)));
    expect(existsSync(profile)).toBe(false);
  });

  test('leaves a profile behind only when its worker is killed, and then the next worker removes it', async () => {
    const script = `
      import { launchBrowser } from '${import.meta.dirname}/../src/browser/browser.ts';
      const door = { url: '${door.url}', connections: () => [] };
      const tools = { chromium: null, chromiumSandbox: true };
      const signal = new AbortController().signal;
      const browser = await launchBrowser({ tools, door, extraCaFile: null, folder: '${folder}', signal });
      console.log('up');
      if (process.argv[1] === 'hold') setInterval(() => {}, 1000);
      else await browser[Symbol.asyncDispose]();`;
    const worker = (...args: string[]) =>
      spawn(process.execPath, ['--input-type=module-typescript', '-e', script, ...args]);
    const killed = worker('hold');
    await once(killed.stdout, 'data');
    const { leader, profile } = noteOf(killed.pid);
    killed.kill('SIGKILL');
    await waitFor(() => livingInGroup(leader).length === 0);
    expect(existsSync(profile)).toBe(true);
    const next = worker();
    await once(next, 'exit');
    expect(next.exitCode).toBe(0);
    expect(existsSync(profile)).toBe(false);
  });

  test('that is killed from outside is a failure that may pass', async () => {
    const other = await launchBrowser({ tools, door, extraCaFile: null, folder, signal: never });
    const asked = site.asked.length;
    site.pages['/held'] = () => {};
    const visiting = visitPage(
      { browser: other, recorder: await recorderOf(other), vault },
      pageRecipe(site.url('/held')),
      { settleMs: 300, timeoutMs: 20_000, maxHeightPx: 1_000 },
      never,
    );
    await waitFor(() => site.asked.slice(asked).includes('/held'));
    process.kill(Number(noteOf(process.pid).leader), 'SIGKILL');
    await expect(visiting).rejects.toMatchObject({ code: 'browser-crashed', next: 'retry' });
    await other[Symbol.asyncDispose]();
  });
});

test('a picture of our own HTML needs no network and gets none', async () => {
  const asked = site.asked.length;
  const html = `<body style="margin:0;background:#0000ff"><div style="height:700px"></div><img src="${site.url('/tracker')}"></body>`;
  const png = await pictureOfHtml(browser, html, { widthPx: 640, signal: never });
  expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 640 });
  expect(await pixel(png, 300, 600)).toBe('0,0,255');
  expect(site.asked.length).toBe(asked);
});

async function egressWithout() {
  const strict = await testEgress();
  return { egress: strict, door: await strict.openDoor() };
}

interface ChromiumProcess {
  pid: number;
  user: string;
  kind: string;
  args: string;
}

/** Living Chromium processes that descend from this test's process, all in one look: any may end the moment after. */
function chromiumProcesses(): ChromiumProcess[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,user:32=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, stat, user, args] =
        /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined || stat?.startsWith('Z')
        ? []
        : [{ pid: Number(pid), parent: Number(parent), user: user ?? '', args: args ?? '' }];
    });
  const family = new Set([process.pid]);
  for (let grown = true; grown; ) {
    const next = rows.filter(({ pid, parent }) => family.has(parent) && !family.has(pid));
    for (const { pid } of next) family.add(pid);
    grown = next.length > 0;
  }
  return rows
    .filter(({ pid, args }) => family.has(pid) && /chromium\/chromium /.test(args))
    .map(({ pid, user, args }) => ({
      pid,
      user,
      args,
      kind: /--type=([a-z]+)/.exec(args)?.[1] ?? 'browser',
    }));
}

const renderers = () =>
  chromiumProcesses()
    .filter(({ kind }) => kind === 'renderer')
    .map(({ pid }) => pid);
/** What the launcher wrote down about the youngest browser of a process. */
function noteOf(pid: number | undefined): { leader: string; profile: string } {
  const notes = readdirSync(folder).filter((name) => name.startsWith(`browser-${pid}-`));
  const born = (name: string) => Number(name.split('-')[2]?.replace('.note', ''));
  const youngest = notes.sort((a, b) => born(a) - born(b)).at(-1) ?? '';
  const [leader = '', profile = ''] = readFileSync(join(folder, youngest), 'utf8').split('\n');
  return { leader, profile };
}

/** Processes of a group that are not merely waiting to be buried. */
function livingInGroup(leader: string): string[] {
  return execFileSync('ps', ['-eo', 'pgid=,stat='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.trim().startsWith(`${leader} `) && !/\sZ/.test(line));
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let left = 400; !condition(); left -= 1) {
    if (left === 0) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function listening(server: Server): Promise<AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
