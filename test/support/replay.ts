/** Opens web archives in replayweb.page, with nothing else to reach: its two files, the archive, and no network. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright';
import { launchBrowser } from '../../src/browser/browser.ts';
import { testEgress } from './egress.ts';

export interface Replay extends AsyncDisposable {
  /** Opens an archive at a page of it. @returns the frame in which it is replayed */
  open(archive: string, url: string): Promise<{ page: Page; frame: Frame }>;
  /** Paths that the replayer asked our server for, with their ranges. */
  asked: string[];
}

export async function openReplay(replayer: string, folder: string): Promise<Replay> {
  const asked: string[] = [];
  const archives = new Map<string, string>();
  const server = createServer((request, response) => {
    void answer(request, response, replayer, archives, asked);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Only this server can be reached: what isn't in the archive can't come from anywhere else.
  const egress = await testEgress({ allowPrivate: ['127.0.0.1/32'] });
  const door = await egress.openDoor();
  const browser = await launchBrowser({
    tools: { chromium: null, chromiumSandbox: true },
    door,
    extraCaFile: null,
    folder,
    signal: new AbortController().signal,
  });
  return {
    asked,
    async open(archive, url) {
      const name = `${archives.size}.wacz`;
      archives.set(`/${name}`, archive);
      const context = await browser.newContext({ widthPx: 1000, heightPx: 800 });
      const page = await context.newPage();
      const query = new URLSearchParams({ source: `/${name}`, url });
      await page.goto(`http://127.0.0.1:${port}/?${query}`);
      return { page, frame: await replayed(page) };
    },
    async [Symbol.asyncDispose]() {
      await browser[Symbol.asyncDispose]();
      await door[Symbol.asyncDispose]();
      await egress[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The innermost frame, once the archived page is in it. */
async function replayed(page: Page): Promise<Frame> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const frame = page.frames().find((one) => /\/w\/.*\/\d*mp_\/https?:/.test(one.url()));
    if (frame !== undefined && (await frame.title().catch(() => '')) !== '') return frame;
    // Its service worker sometimes comes too late for the page that installed it.
    if (tries % 200 === 199) await page.reload();
    await page.waitForTimeout(100);
  }
  const seen = page.frames().map((one) => one.url());
  throw new Error(`nothing was replayed within 100 s: ${seen.join(' ')}`);
}

const host = `<!doctype html><meta charset="utf-8"><script src="/ui.js"></script><body>
<script>
const asked = new URLSearchParams(location.search);
const view = document.createElement('replay-web-page');
view.setAttribute('replayBase', '/replay/');
view.setAttribute('embed', 'default');
view.setAttribute('source', asked.get('source'));
view.setAttribute('url', asked.get('url'));
view.style = 'display:block;height:760px';
document.body.append(view);
</script>`;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  replayer: string,
  archives: Map<string, string>,
  asked: string[],
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://replay.test');
  asked.push(`${pathname} ${request.headers.range ?? ''}`.trim());
  if (pathname === '/') {
    response.writeHead(200, { 'content-type': 'text/html' }).end(host);
  } else if (pathname === '/ui.js' || pathname === '/replay/sw.js') {
    response.writeHead(200, { 'content-type': 'text/javascript' });
    createReadStream(join(replayer, pathname.split('/').at(-1) ?? '')).pipe(response);
  } else if (archives.has(pathname)) {
    await sendPart(request, response, archives.get(pathname) ?? '');
  } else {
    response.writeHead(404).end();
  }
}

/** HEAD and ranges: the replayer reads the archive in pieces. */
async function sendPart(request: IncomingMessage, response: ServerResponse, path: string) {
  const { size } = await stat(path);
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range?.[1] ? Number(range[1]) : range ? size - Number(range[2]) : 0;
  const end = range?.[1] && range[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  response.writeHead(range ? 206 : 200, {
    'content-type': 'application/wacz',
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(path, { start, end }).pipe(response);
}
