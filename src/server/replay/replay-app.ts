/**
 * The origin of one replay: the page around the player, the player's two files and the web archive
 * of one capture, and nothing else. What was withheld or removed meanwhile is not given any more.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'hono';
import { errorCode } from '../../base/errors.ts';
import { graphicAmong } from '../../catalog/graphic-marks.ts';
import type { ExportedWacz } from '../../pipeline/export/wacz.ts';
import type { Parts } from '../../pipeline/parts.ts';
import { parseRange } from '../range.ts';
import { fencedWorker, replayHeaders, replayPaths } from './fence.ts';
import { endedPage, framePage } from './frame-page.ts';
import type { Replay, Replays } from './replays.ts';

/** A browser follows twenty redirects, so a worker may take ten seconds to start. */
const untilAskedAgainMs = 500;

export interface ReplayOptions {
  parts: Parts;
  replays: Replays;
}

export async function giveReplay(c: Context, options: ReplayOptions): Promise<Response> {
  const { pathname } = new URL(c.req.url);
  const replay = options.replays.at(c.req.header('host'));
  // Clearing up is for those that are over, too.
  if (pathname === replayPaths.end) return endReplay(c, options, replay);
  if (replay === null || (await replay.isOutdated())) return refuse(c, 404);
  if (await isWithheld(options.parts, replay)) return refuse(c, 403);
  // Nothing but our own worker stands between the player and what it shows.
  if (c.req.header('service-worker') !== undefined && pathname !== replayPaths.worker)
    return refuse(c, 403);
  try {
    return await send(c, replay, pathname);
  } catch (error) {
    if (errorCode(error) === 'unexpected')
      options.parts.log.error({ err: error }, 'a replay failed');
    return refuse(c, 500);
  }
}

/** Looked at each time: a mark holds for what is being replayed, too. */
async function isWithheld({ database }: Parts, { captureId, session }: Replay): Promise<boolean> {
  const mark = (await graphicAmong(database, [captureId])).get(captureId);
  return mark !== undefined && !session.shown.has(mark.sourceKey ?? '');
}

async function send(c: Context, replay: Replay, pathname: string): Promise<Response> {
  const { player } = replay;
  switch (pathname) {
    case replayPaths.frame: {
      const { mainPage } = await replay.archive();
      return c.html(await framePage({ ...replay.about, mainPage }), 200, headersOf(c));
    }
    case replayPaths.ui:
    case replayPaths.uiBeside:
      return script(c, player['ui.js']);
    case replayPaths.player:
      return script(c, player['sw.js']);
    case replayPaths.worker:
      return script(c, fencedWorker(originOf(c)));
    case replayPaths.begun:
      return askAgain(c);
    case replayPaths.archive:
      return sendArchive(c, await replay.archive());
    default:
      return refuse(c, 404);
  }
}

/**
 * The player comes here as soon as its service worker is registered, and would stay empty if the
 * worker does not answer yet. On a redirect the browser asks the worker again, and keeps what
 * follows the `#`.
 */
async function askAgain(c: Context): Promise<Response> {
  // Whoever goes away meanwhile needs no answer.
  await sleep(untilAskedAgainMs, undefined, { signal: c.req.raw.signal }).catch(() => {});
  const { pathname, search } = new URL(c.req.url);
  return c.body(null, 307, { ...headersOf(c), location: `${pathname}${search}` });
}

function script(c: Context, text: string | Uint8Array<ArrayBuffer>): Response {
  return c.body(text, 200, { ...headersOf(c), 'content-type': 'text/javascript; charset=utf-8' });
}

/** The player reads it in pieces. */
function sendArchive(c: Context, { path, sizeBytes }: ExportedWacz): Response {
  const headers = {
    ...headersOf(c),
    'content-type': 'application/wacz',
    'accept-ranges': 'bytes',
  };
  const range = parseRange(c.req.header('range'), sizeBytes);
  if (range === 'unsatisfiable')
    return c.body(null, 416, { ...headers, 'content-range': `bytes */${sizeBytes}` });
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  const sized = { ...headers, 'content-length': String(end - start + 1) };
  const said =
    range === null ? sized : { ...sized, 'content-range': `bytes ${start}-${end}/${sizeBytes}` };
  if (c.req.method === 'HEAD') return c.body(null, 200, said);
  const bytes = Readable.toWeb(createReadStream(path, { start, end })) as ReadableStream;
  return c.body(bytes, range === null ? 200 : 206, said);
}

/** Takes out of the browser what the replay left there, then leads on to the next one. */
async function endReplay(
  c: Context,
  { replays }: ReplayOptions,
  replay: Replay | null,
): Promise<Response> {
  const next = replays.originOf(new URL(c.req.url).searchParams.get('next'));
  if (replay !== null) await replays.end(replay);
  const headers = { ...headersOf(c), 'clear-site-data': '"cache", "storage"' };
  if (next !== null) return c.body(null, 303, { ...headers, location: `${next}/` });
  return c.html(await endedPage(replay?.about.language ?? 'en'), 200, headers);
}

function refuse(c: Context, status: 403 | 404 | 500): Response {
  return c.body(null, status, headersOf(c));
}

function headersOf(c: Context) {
  return replayHeaders(originOf(c));
}

/** Its name was found among ours before anything was answered. */
function originOf(c: Context): string {
  return `http://${c.req.header('host')}`;
}
