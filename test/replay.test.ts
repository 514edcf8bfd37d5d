/** A capture, replayed from its page: it is shown, runs nothing, reaches nobody, and leaves nothing behind. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Frame, Page } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordStep } from '../src/catalog/steps.ts';
import { readLinks } from '../src/links/read-links.ts';
import { showCapture } from '../src/pipeline/answers/show.ts';
import { storeWarcPart } from '../src/pipeline/capture/store-warc.ts';
import { markGraphic, unmarkGraphic } from '../src/pipeline/copies/graphic.ts';
import { removeByOrder } from '../src/pipeline/custody/removal.ts';
import { submitLinks } from '../src/pipeline/intake/submit.ts';
import { attempt } from './support/catalog.ts';
import { pageIn, plainBrowser } from './support/judged-pages.ts';
import { replayer } from './support/judges.ts';
import { never } from './support/kept-capture.ts';
import { type ServedArchive, serveArchive, testArchive } from './support/pages.ts';
import { bodyIn, exchange, part } from './support/recorded-exchanges.ts';

let site: ServedArchive;
let browser: Browser;
let canary: Server;
let out: string;
const asked: string[] = [];

beforeAll(async () => {
  canary = createServer((_, answer) => answer.end());
  canary.on('connection', () => asked.push('a connection'));
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  out = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
  const archive = await testArchive({ variables: { HOLDFAST_REPLAYER: replayer ?? undefined } });
  site = await serveArchive(archive);
  browser = await plainBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
  canary?.close();
});

const link = (name: string) => `https://news.example/${name}`;

/** A page with a picture of 41 pixels, closed and sealed. @returns its capture's id */
async function kept(name: string, body: string): Promise<string> {
  const { archive } = site;
  const { parts } = archive;
  const [row] = await submitLinks(parts, readLinks(link(name)), { again: true });
  const captureId = row?.captureId ?? '';
  await using scratch = await parts.vault.scratch('test');
  const folder = join(scratch.folder, 'bodies');
  await mkdir(folder);
  const create = { width: 41, height: 30, channels: 3 as const, background: '#336699' };
  const png = await sharp({ create }).png().toBuffer();
  const answer = async (path: string, type: string, bytes: string | Buffer) => {
    const headers: [string, string][] = [['content-type', type]];
    return exchange({ url: link(path), response: { headers, body: await bodyIn(folder, bytes) } });
  };
  const html = `<!doctype html><meta charset="utf-8"><title>${name}</title><h1>${name}</h1>
    <link rel="stylesheet" href="/${name}.css"><img id="own" src="/${name}.png">
    <script>document.querySelector('h1').textContent = 'a script ran'</script>${body}`;
  const facts = {
    ...{ captureId, withhold: false, resources: [] },
    startedAt: '2026-03-04T05:06:00.000Z',
    pages: [{ view: 'page', url: link(name), startedAt: '2026-03-04T05:06:07.089Z', title: name }],
    exchanges: [
      await answer(name, 'text/html; charset=utf-8', html),
      await answer(`${name}.png`, 'image/png', png),
      await answer(`${name}.css`, 'text/css', 'h1 { color: rgb(1, 2, 3) }'),
    ],
  };
  const artifacts = await storeWarcPart(parts, part(facts), never);
  const pages = [{ view: 'page', finalUrl: link(name), httpStatus: 200, title: name, body: name }];
  await recordStep(parts.database, attempt(captureId), { artifacts, pages });
  await archive.seal(captureId);
  return captureId;
}

function at(path: string): string {
  return `${site.served.address.slice(0, -1)}${path}`;
}

async function opened(): Promise<Page> {
  const { page } = await pageIn(browser, {});
  await page.goto(site.served.newLink());
  return page;
}

/** Opens the replay of a capture as its page does. @returns its tab, and the frame of the recorded page */
async function replayed(page: Page, id: string): Promise<{ tab: Page; frame: Frame }> {
  await page.goto(at(`/captures/${id}`));
  const coming = page.context().waitForEvent('page');
  await page.click('a[href*="/replay?"]');
  const tab = await coming;
  const found = () => tab.frames().find((one) => /\/w\/.*mp_\/https?:/.test(one.url()));
  await expect
    .poll(async () => (await found()?.locator('h1').count()) ?? 0, { timeout: 60_000 })
    .toBe(1);
  return { tab, frame: found() as Frame };
}

/** Where the replay of a capture begins, for whoever asks without a browser. */
async function address(id: string): Promise<URL> {
  const answer = await site.get(`/captures/${id}/replay`);
  expect(answer.status).toBe(303);
  const begun = new URL(answer.headers.get('location') ?? '');
  const next = begun.searchParams.get('next');
  return next === null ? begun : new URL(`http://${next}.localhost:${begun.port}/`);
}

/** Asks the origin of a replay without a browser, which would find the name by itself. */
function asHost(
  to: URL,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port: to.port, path: `${to.pathname}${to.search}` };
    request({ ...at, headers: { host: to.host, ...headers } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('latin1');
        resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers });
      });
    })
      .on('error', reject)
      .end();
  });
}

/** Markup that names another place in every way that needs no script, and a few that do. */
function waysOut(to: string): string {
  return `<meta http-equiv="refresh" content="0;url=${to}/refresh"><link rel="preconnect" href="${to}">
<link rel="dns-prefetch" href="${to}"><link rel="prefetch" href="${to}/prefetch"><link rel="preload" as="script" href="${to}/preload">
<link rel="stylesheet" href="${to}/style.css"><link rel="icon" href="${to}/icon.png"><link rel="manifest" href="${to}/manifest">
<style>@import url("${to}/import.css"); @font-face { font-family: f; src: url("${to}/font") } p { background: url("${to}/css.png"); font-family: f }</style>
<p>words</p><img src="${to}/image.png" srcset="${to}/set.png 2x"><picture><source srcset="${to}/picture.webp"><img></picture>
<video src="${to}/video.mp4" poster="${to}/poster.png" autoplay muted></video><audio src="${to}/audio.mp3" autoplay></audio>
<iframe src="${to}/frame"></iframe><iframe srcdoc="<img src='${to}/srcdoc.png'><script>fetch('${to}/ran')</script>"></iframe>
<object data="${to}/object"></object><embed src="${to}/embed"><svg><image href="${to}/svg.png"/><use href="${to}/use.svg#a"/></svg>
<body background="${to}/background.png"><table background="${to}/table.png"></table><input type="image" src="${to}/input.png">
<script src="${to}/script.js"></script><script type="speculationrules">{"prefetch":[{"source":"list","urls":["${to}/rules"]}]}</script>
<script>new RTCPeerConnection({iceServers:[{urls:'stun:${to.replace('http://', '')}'}]}).createDataChannel('x'); new WebSocket('${to.replace('http', 'ws')}');
navigator.sendBeacon('${to}/beacon'); top.location = '${to}/top'; window.open('${to}/window'); new Worker('data:text/javascript,fetch("${to}/worker")')</script>
<img src="x" onerror="fetch('${to}/onerror')"><a id="top" href="${to}/clicked-top" target="_top" ping="${to}/ping">t</a>
<a id="blank" href="${to}/clicked-blank" target="_blank">b</a><a id="self" href="${to}/clicked" ping="${to}/ping">s</a>
<form action="${to}/form" method="post"><button id="send">send</button></form>`;
}

describe.skipIf(replayer === null)('a replay (skipped where npm does not answer)', () => {
  test('shows the page with its styles and pictures, in an origin that is new each time', async () => {
    const id = await kept('story', '');
    const page = await opened();
    const { tab, frame } = await replayed(page, id);
    expect(await frame.locator('h1').textContent()).toBe('story');
    await expect.poll(() => frame.evaluate('document.querySelector("#own").naturalWidth')).toBe(41);
    const colour = 'getComputedStyle(document.querySelector("h1")).color';
    expect(await frame.evaluate(colour)).toBe('rgb(1, 2, 3)');
    const first = new URL(tab.url()).origin;
    expect(first).toMatch(/^http:\/\/[0-9a-f]{32}\.localhost:\d+$/);
    const again = await replayed(page, id);
    expect(new URL(again.tab.url()).origin).not.toBe(first);
    await page.context().close();
  }, 120_000);

  test('runs no script of the page, and nothing that it names is asked for', async () => {
    const id = await kept('hostile', waysOut(out));
    const page = await opened();
    for (const name of ['top', 'blank', 'self', 'send']) {
      const { tab, frame } = await replayed(page, id);
      const before = tab.url();
      await expect
        .poll(() => frame.evaluate('document.querySelector("#own").naturalWidth'))
        .toBe(41);
      expect(await frame.locator('h1').textContent()).toBe('hostile');
      await frame.evaluate(`document.querySelector('#${name}').click()`);
      await tab.waitForLoadState('networkidle');
      expect([name, tab.url()]).toEqual([name, before]);
      expect(page.context().pages()).toHaveLength(2);
      await tab.close();
    }
    expect(asked).toEqual([]);
    // The canary sings when it is asked.
    await fetch(out);
    expect(asked).toEqual(['a connection']);
    asked.length = 0;
    await page.context().close();
  }, 120_000);

  test('leaves nothing in the browser once it has ended, for the next one or by its button', async () => {
    const page = await opened();
    const first = await replayed(page, await kept('first', ''));
    const [old] = await Promise.all([new URL(first.tab.url()).origin, first.tab.close()]);
    const { tab } = await replayed(page, await kept('second', ''));
    const origin = new URL(tab.url()).origin;
    expect(origin).not.toBe(old);
    const leftAt = async (one: string) => {
      await page.route(`${one}/look`, (route) =>
        route.fulfill({ body: 'asked where it would lie' }),
      );
      await page.goto(`${one}/look`);
      return page.evaluate<number>(`(async () => (await navigator.serviceWorker.getRegistrations()).length +
        (await indexedDB.databases()).length + (await caches.keys()).length + localStorage.length)()`);
    };
    expect(await leftAt(origin)).toBeGreaterThan(0);
    await expect.poll(() => leftAt(old)).toBe(0);
    await tab.click('header a');
    await tab.waitForURL(/\/end$/);
    expect(await tab.textContent('body')).toMatch(/has ended/);
    await expect.poll(() => leftAt(origin)).toBe(0);
    expect((await asHost(new URL(`${origin}/capture.wacz`))).status).toBe(404);
    await page.context().close();
  }, 120_000);
});

describe.skipIf(replayer === null)(
  'the origin of a replay (skipped where npm does not answer)',
  () => {
    test('gives the player and one web archive in parts, and nothing else', async () => {
      const begun = await address(await kept('parts', ''));
      const get = (path: string, headers = {}) => asHost(new URL(path, begun), headers);
      const archive = await get('/capture.wacz', { range: 'bytes=0-1' });
      expect([archive.status, archive.text]).toEqual([206, 'PK']);
      for (const path of ['/', '/ui.js', '/replay/sw.js', '/capture.wacz']) {
        const { status, headers } = await get(path);
        expect([path, status]).toEqual([path, 200]);
        expect(headers['content-security-policy']).toMatch(/^sandbox .*connect-src 'self' data:;/);
        expect(headers['set-cookie']).toBe(undefined);
      }
      for (const path of ['/items', '/replay/other', new URL(site.served.address).pathname])
        expect([path, (await get(path)).status]).toEqual([path, 404]);
      // The player comes here whether or not its worker answers for it already.
      const early = await get('/replay/?source=x');
      expect([early.status, early.headers.location]).toEqual([307, '/replay/?source=x']);
      expect(early.headers['content-security-policy']).toMatch(/^sandbox /);
      // Only our own worker may stand between the player and what it shows.
      const asWorker = { 'service-worker': 'script' };
      expect((await get('/replay/player.js', asWorker)).status).toBe(403);
      expect((await get('/replay/sw.js', asWorker)).status).toBe(200);
      const guessed = new URL(begun);
      guessed.hostname = `${'0'.repeat(32)}.localhost`;
      expect((await asHost(new URL('/capture.wacz', guessed))).status).toBe(404);
    });

    test('ends when its reader opens another one', async () => {
      const [first, second] = [await kept('one', ''), await kept('two', '')];
      const old = new URL('/capture.wacz', await address(first));
      expect((await asHost(old)).status).toBe(200);
      const next = new URL('/capture.wacz', await address(second));
      expect([(await asHost(old)).status, (await asHost(next)).status]).toEqual([404, 200]);
    });

    test('gives nothing of what is marked as graphic, from the moment it is marked', async () => {
      const id = await kept('wound', '');
      const begun = new URL('/capture.wacz', await address(id));
      const { parts } = site.archive;
      const source = (await showCapture(parts, id))?.source ?? '';
      await markGraphic(parts, source, { note: null, by: 'test' });
      expect((await asHost(begun)).status).toBe(403);
      expect(await (await site.get(`/captures/${id}`)).text()).not.toContain('/replay?');
      expect((await site.get(`/captures/${id}/replay`)).status).toBe(409);
      await unmarkGraphic(parts, source, { by: 'test' });
      expect((await asHost(begun)).status).toBe(200);
    });

    test('gives nothing any more of what was removed by order', async () => {
      const id = await kept('ordered', '');
      const begun = new URL('/capture.wacz', await address(id));
      expect((await asHost(begun)).status).toBe(200);
      await removeByOrder(site.archive.parts, {
        ...{ captureIds: [id], sha256s: [], authority: 'a court', reference: '1' },
        ...{ reason: null, by: 'test' },
      });
      expect((await asHost(begun)).status).toBe(404);
      const again = await site.get(`/captures/${id}/replay`);
      const anew = new URL('/capture.wacz', again.headers.get('location') ?? begun);
      expect((await asHost(anew)).status).not.toBe(200);
    });
  },
);

describe('without the player that was tried', () => {
  test('the page says how to get it, and keeps its pictures', async () => {
    const id = await kept('without', '');
    const { config } = site.archive.parts;
    const installed = config.replayer;
    config.replayer = join(config.home, 'nowhere');
    const missing = await (await site.get(`/captures/${id}`)).text();
    expect(missing).toContain('holdfast setup --replay');
    expect(missing).not.toContain('/replay?');
    await mkdir(config.replayer, { recursive: true });
    for (const name of ['ui.js', 'sw.js']) await writeFile(join(config.replayer, name), 'other()');
    expect(await (await site.get(`/captures/${id}`)).text()).toContain('is not the version');
    expect((await site.get(`/captures/${id}/replay`)).status).toBe(409);
    config.replayer = installed;
  });
});
