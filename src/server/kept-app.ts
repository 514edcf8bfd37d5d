/**
 * The origin of captured content: another port, no cookies, no pages. It gives one file to whoever
 * has its address, which only our pages make, and never as something that could run.
 */
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { errorCode } from '../base/errors.ts';
import { graphicAmong } from '../catalog/graphic-marks.ts';
import type { Parts } from '../pipeline/parts.ts';
import { quietHtml } from './frame-html.ts';
import { isAt } from './gate.ts';
import type { KeptAddresses, KeptFile, Way } from './kept-address.ts';
import { keptHeaders } from './policy.ts';
import { parseRange } from './range.ts';
import { giveReplay } from './replay/replay-app.ts';
import { isReplayHost, type Replays } from './replay/replays.ts';
import type { Session, Sessions } from './session.ts';
import type { SmallPictures } from './small-pictures.ts';
import type { Origins } from './view-of.ts';

export interface KeptOptions {
  origins: Origins;
  parts: Parts;
  sessions: Sessions;
  kept: KeptAddresses;
  pictures: SmallPictures;
  replays: Replays;
}

const mostFrameBytes = 8 * 1024 * 1024;

export function keptApp(options: KeptOptions): Hono {
  const app = new Hono();
  app.get('*', (c) => give(c, options));
  app.all('*', (c) => refuse(c, options, 405));
  return app;
}

async function give(c: Context, options: KeptOptions): Promise<Response> {
  const host = c.req.header('host');
  if (isReplayHost(host, options.origins.kept)) return giveReplay(c, options);
  if (!isAt(host, options.origins.kept)) return refuse(c, options, 421);
  const asked = options.kept.read(new URL(c.req.url).pathname);
  const session = asked && options.sessions.byTag(asked.tag);
  if (asked === null || session === null) return refuse(c, options, 404);
  if (await isWithheld(options, session, asked.file)) return refuse(c, options, 403);
  try {
    return await send(c, options, asked.way, asked.file);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'unexpected') options.parts.log.error({ err: error }, 'a kept file failed');
    return refuse(c, options, code === 'object-missing' ? 404 : 500);
  }
}

/** Looked at each time: a mark holds for addresses that were made before it, too. */
async function isWithheld(
  { parts }: KeptOptions,
  session: Session,
  { captureId }: KeptFile,
): Promise<boolean> {
  const mark = (await graphicAmong(parts.database, [captureId])).get(captureId);
  return mark !== undefined && !session.shown.has(mark.sourceKey ?? '');
}

async function send(c: Context, options: KeptOptions, way: Way, file: KeptFile): Promise<Response> {
  const { parts, pictures } = options;
  if (way === 'small' || way === 'large') {
    const still = await pictures.still(file.sha256, way);
    if (still === null) return refuse(c, options, 415);
    return c.body(still, 200, { ...fence(options), 'content-type': 'image/webp' });
  }
  if (way === 'frame') {
    const bytes = await parts.vault.read(file.sha256, mostFrameBytes);
    const html = quietHtml(bytes.toString('utf8'));
    return c.body(html, 200, { ...fence(options), 'content-type': 'text/html; charset=utf-8' });
  }
  return sendBytes(c, options, file, way === 'play' && isPlayable(file.mediaType));
}

/** What a browser draws or plays and never runs. Anything else is saved, whatever it says it is. */
function isPlayable(mediaType: string): boolean {
  return /^(?:video\/(?:mp4|webm|quicktime|ogg)|audio\/(?:mpeg|mp4|aac|ogg|wav|webm|flac)|image\/(?:png|jpeg|webp|gif|avif))$/.test(
    mediaType,
  );
}

async function sendBytes(
  c: Context,
  options: KeptOptions,
  { sha256, mediaType, sizeBytes, name }: KeptFile,
  plays: boolean,
): Promise<Response> {
  const { vault } = options.parts;
  const range = parseRange(c.req.header('range'), sizeBytes);
  if (range === 'unsatisfiable')
    return c.body(null, 416, { ...fence(options), 'content-range': `bytes */${sizeBytes}` });
  const bytes = await vault.open(sha256, range ?? undefined);
  const length = range === null ? sizeBytes : range.end - range.start + 1;
  const said = encodeURIComponent(name).replaceAll("'", '%27');
  return c.body(Readable.toWeb(bytes) as ReadableStream, range === null ? 200 : 206, {
    ...fence(options),
    'content-type': plays ? mediaType : 'application/octet-stream',
    'content-disposition': plays ? 'inline' : `attachment; filename*=UTF-8''${said}`,
    'content-length': String(length),
    'accept-ranges': 'bytes',
    ...(range === null
      ? {}
      : { 'content-range': `bytes ${range.start}-${range.end}/${sizeBytes}` }),
  });
}

function refuse(c: Context, options: KeptOptions, status: 403 | 404 | 405 | 415 | 421 | 500) {
  return c.body(null, status, fence(options));
}

function fence({ origins }: KeptOptions) {
  return keptHeaders(origins.pages);
}
