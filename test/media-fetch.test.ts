/** Media from servers that drip, cut, lie and refuse. */

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ThrottledError } from '../src/base/errors.ts';
import type { PlatformWord } from '../src/base/reasons.ts';
import type { Egress } from '../src/egress/egress.ts';
import {
  fetchMedia,
  type MediaOptions,
  type MediaProgress,
} from '../src/media/fetch/fetch-media.ts';
import { openPictures } from '../src/media/pictures/pictures.ts';
import type { MediaRef } from '../src/model/plan.ts';
import { openFileVault } from '../src/vault/files.ts';
import type { Vault } from '../src/vault/vault.ts';
import { makeClip } from './support/clips.ts';
import { loopback, testEgress } from './support/egress.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const paths = new Map<string, Answer>();
const requests: { path: string; range: string | undefined }[] = [];
const server = createServer((request, response) => {
  const path = request.url ?? '';
  requests.push({ path, range: request.headers.range });
  response.on('error', () => {});
  paths.get(path)?.(request, response);
});

let folder: string;
let vault: Vault;
let egress: Egress;
let clip: Buffer;
let picture: Buffer;
let origin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-media-'));
  vault = await openFileVault(join(folder, 'vault'));
  clip = await makeClip(folder, { size: '320x240', seconds: 3 });
  picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#3366aa' } })
    .jpeg()
    .withMetadata({ orientation: 6 })
    .toBuffer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  egress = await testEgress({ allowPrivate: loopback });
});

afterAll(async () => {
  await egress[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

let lastPath = 0;
/** Serves under an address nobody used before. */
function serve(answer: Answer): string {
  const path = `/${++lastPath}/video.mp4`;
  paths.set(path, answer);
  return `${origin}${path}`;
}

function refTo(urls: string | string[], more: Partial<MediaRef> = {}): MediaRef {
  return {
    id: '1',
    kind: 'video',
    belongsTo: 'post',
    candidates: [urls]
      .flat()
      .map((url) => ({ url, mediaType: 'video/mp4', width: null, height: null, bitrate: null })),
    orderedBy: 'size in the address',
    alsoKeep: [],
    altText: null,
    claimed: { durationMs: null, width: null, height: null },
    unavailable: null,
    ...more,
  };
}

const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };

async function fetchIt(
  ref: MediaRef,
  options: Partial<MediaOptions> = {},
  signal = new AbortController().signal,
) {
  const usual = { maxBytes: 50_000_000, timeoutMs: 30_000, idleTimeoutMs: 5_000, retryDelayMs: 1 };
  await using pictures = openPictures(signal);
  const deps = { client: egress.client, vault, tools, pictures };
  return await fetchMedia(deps, ref, { ...usual, ...options }, signal);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function whole(bytes: Buffer, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(200, {
      'content-type': 'video/mp4',
      'content-length': bytes.length,
      ...headers,
    });
    response.end(bytes);
  };
}

/** Sends a part and hangs up. */
function cutAt(count: number, bytes: Buffer, headers: Record<string, string>): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length, ...headers });
    response.write(bytes.subarray(0, count), () => response.destroy());
  };
}

function rest(bytes: Buffer, from: number, headers: Record<string, string>): Answer {
  return (_request, response) => {
    response.writeHead(206, {
      'content-length': bytes.length - from,
      'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
      ...headers,
    });
    response.end(bytes.subarray(from));
  };
}

/** The first answer, then the next, the last one for ever. */
function oneByOne(...answers: Answer[]): Answer {
  let asked = 0;
  return (request, response) => answers[Math.min(asked++, answers.length - 1)]?.(request, response);
}

describe('a file that can be had', () => {
  test('is kept byte for byte, with where it came from and what is in it', async () => {
    const ticks: MediaProgress[] = [];
    const url = serve(whole(clip, { 'x-served-by': 'test' }));
    const ref = refTo(url, { altText: 'a test card' });
    const fetched = await fetchIt(ref, { onProgress: (progress) => ticks.push(progress) });
    expect(fetched).toMatchObject({ ref: '1', state: 'done', reason: null, notes: [] });
    expect(fetched.artifacts).toMatchObject([
      {
        role: 'media.original',
        name: 'media/1.mp4',
        mediaType: 'video/mp4',
        sizeBytes: clip.length,
        sha256: sha256(clip),
        derivedFrom: null,
        media: { width: 320, height: 240, durationMs: 3000 },
        facts: {
          url,
          requestedUrl: url,
          status: 200,
          remoteAddress: '127.0.0.1',
          servedType: 'video/mp4',
          sniffedType: 'video/mp4',
          ladderChosen: 0,
          orderedBy: 'size in the address',
          altText: 'a test card',
          belongsTo: 'post',
          resumed: [],
          restarted: [],
          damage: null,
        },
      },
    ]);
    expect(fetched.artifacts[0]?.facts?.headers).toContainEqual(['x-served-by', 'test']);
    expect(await vault.rehash(sha256(clip))).toEqual({
      sha256: sha256(clip),
      sizeBytes: clip.length,
    });
    expect(ticks.at(-1)).toMatchObject({ doneBytes: clip.length, totalBytes: clip.length });
  });

  test('a picture has the dimensions that EXIF orientation gives it', async () => {
    const fetched = await fetchIt(refTo(serve(whole(picture)), { kind: 'picture' }));
    expect(fetched.artifacts).toMatchObject([
      { name: 'media/1.jpg', mediaType: 'image/jpeg', media: { width: 40, height: 60 } },
    ]);
  });

  test('every hop of a redirect is written down', async () => {
    const end = serve(whole(clip));
    const start = serve((_request, response) => response.writeHead(302, { location: end }).end());
    const fetched = await fetchIt(refTo(start));
    expect(fetched.artifacts[0]?.facts).toMatchObject({
      requestedUrl: start,
      url: end,
      hops: [
        { url: start, status: 302, location: end },
        { url: end, status: 200, location: null },
      ],
    });
  });

  test('without a length it is kept, and the missing length is said', async () => {
    const fetched = await fetchIt(
      refTo(serve((_request, response) => response.writeHead(200).end(clip))),
    );
    expect(fetched.state).toBe('done');
    expect(fetched.notes[0]).toContain('length-unknown');
    expect(fetched.artifacts[0]).toMatchObject({
      sha256: sha256(clip),
      facts: { declaredBytes: null },
    });
  });

  test('a video that is shorter than its record claims is kept, and that is said', async () => {
    const claimed = { durationMs: 60_000, width: null, height: null };
    const fetched = await fetchIt(refTo(serve(whole(clip)), { claimed }));
    expect(fetched.state).toBe('done');
    expect(fetched.notes[0]).toContain('length-differs');
  });

  test('the master playlist beside it is kept, and one that is missing is said', async () => {
    const master = serve((_request, response) => response.end('#EXTM3U\n'));
    const missing = serve((_request, response) => response.writeHead(404).end());
    const fetched = await fetchIt(refTo(serve(whole(clip)), { alsoKeep: [master, missing] }));
    expect(fetched.artifacts.map(({ role, name }) => `${role} ${name}`)).toEqual([
      'media.playlist media/1.playlist-1.m3u8',
      'media.original media/1.mp4',
    ]);
    expect(fetched.notes).toEqual([`playlist-not-kept: ${missing} (gone)`]);
  });
});

describe('a download that breaks off', () => {
  const tag = { etag: '"v1"' };

  test('goes on from there when the ETag agrees', async () => {
    const url = serve(oneByOne(cutAt(5000, clip, tag), rest(clip, 5000, tag)));
    const fetched = await fetchIt(refTo(url));
    expect(fetched.artifacts[0]).toMatchObject({
      sha256: sha256(clip),
      facts: { resumed: [{ atBytes: 5000, validator: '"v1"', after: 'truncated' }], restarted: [] },
    });
    expect(requests.at(-1)?.range).toBe('bytes=5000-');
  });

  test('starts again when the ETag is another', async () => {
    const other = Buffer.from(clip).fill(7, clip.length - 10);
    const changed = { etag: '"v2"' };
    const url = serve(
      oneByOne(cutAt(5000, clip, tag), rest(other, 5000, changed), whole(other, changed)),
    );
    const fetched = await fetchIt(refTo(url));
    expect(fetched.artifacts[0]).toMatchObject({
      sha256: sha256(other),
      facts: { resumed: [], restarted: ['changed-underway'] },
    });
  });

  test('starts again when the server sends the whole file instead of the rest', async () => {
    const url = serve(oneByOne(cutAt(5000, clip, tag), whole(clip, tag)));
    const fetched = await fetchIt(refTo(url));
    expect(fetched.artifacts[0]).toMatchObject({ sha256: sha256(clip), facts: { resumed: [] } });
  });

  test.each([
    ['no ETag', {}],
    ['a weak ETag', { etag: 'W/"v1"' }],
  ])('starts again with %s', async (_words, headers: Record<string, string>) => {
    const url = serve(oneByOne(cutAt(5000, clip, headers), whole(clip, headers)));
    const before = requests.length;
    const fetched = await fetchIt(refTo(url));
    expect(fetched.artifacts[0]).toMatchObject({
      sha256: sha256(clip),
      facts: { restarted: ['truncated'] },
    });
    expect(requests.slice(before).map(({ range }) => range)).toEqual([undefined, undefined]);
  });

  test('a server that never sends all of it is given up after two attempts that got no farther', async () => {
    const before = requests.length;
    const fetched = await fetchIt(refTo(serve(cutAt(5000, clip, {}))));
    expect(fetched).toMatchObject({
      state: 'failed',
      reason: 'truncated',
      artifacts: [],
      transient: false,
    });
    expect(requests.slice(before).map(({ range }) => range)).toEqual(Array(3).fill(undefined));
  });

  test('as long as every attempt gets farther it goes on, and asks for no byte twice', async () => {
    const step = Math.ceil(clip.length / 9);
    const url = serve((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${from}-${clip.length - 1}/${clip.length}` };
      response.writeHead(from === 0 ? 200 : 206, {
        'content-length': clip.length - from,
        ...(from === 0 ? {} : range),
        ...tag,
      });
      response.write(clip.subarray(from, from + step), () => response.destroy());
    });
    const before = requests.length;
    const fetched = await fetchIt(refTo(url));
    expect(fetched.artifacts[0]).toMatchObject({ sha256: sha256(clip), facts: { restarted: [] } });
    const asked = requests.slice(before).map(({ range }) => range);
    expect(asked[0]).toBeUndefined();
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBeGreaterThanOrEqual(9);
  });

  test('the next rung is taken when the best one stays cut', async () => {
    const fetched = await fetchIt(
      refTo([serve(cutAt(5000, clip, {})), serve(whole(clip)), serve(whole(clip))]),
    );
    expect(fetched.state).toBe('done');
    expect(fetched.ladder.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['failed', 'truncated'],
      ['kept', null],
      ['not-needed', null],
    ]);
  });

  test('a cut that no length betrays is seen in the file', async () => {
    // The index of this clip is at its end, so half of it can't be read at all.
    const half = clip.subarray(0, clip.length / 2);
    const fetched = await fetchIt(
      refTo(serve((_request, response) => response.writeHead(200).end(half))),
    );
    expect(fetched).toMatchObject({ state: 'failed', reason: 'truncated', artifacts: [] });
  });

  test('a file that is broken at its origin is kept as it is, and that is said', async () => {
    const half = clip.subarray(0, clip.length / 2);
    const fetched = await fetchIt(refTo(serve(whole(half))));
    expect(fetched.state).toBe('done');
    expect(fetched.notes[0]).toContain('unreadable');
    expect(fetched.artifacts[0]).toMatchObject({
      sha256: sha256(half),
      facts: { damage: 'unreadable' },
    });
  });

  test('a drip ends with the time limit', async () => {
    const drip: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': clip.length });
      let sent = 0;
      const timer = setInterval(() => response.write(clip.subarray(sent, ++sent)), 20);
      response.once('close', () => clearInterval(timer));
    };
    const fetched = await fetchIt(refTo(serve(drip)), { timeoutMs: 400 });
    expect(fetched).toMatchObject({ state: 'failed', reason: 'timed-out', artifacts: [] });
  });

  test('stops at once when told to', async () => {
    const stop = new AbortController();
    const url = serve((_request, response) => {
      response.writeHead(200, { 'content-length': clip.length });
      response.write(clip.subarray(0, 5000), () => stop.abort(new Error('told to stop')));
    });
    await expect(fetchIt(refTo(url), {}, stop.signal)).rejects.toThrow('told to stop');
  });
});

describe('what is no file', () => {
  const status =
    (code: number, body = '', headers: Record<string, string> = {}): Answer =>
    (_request, response) =>
      response.writeHead(code, headers).end(body);

  test.each<[words: string, reason: string, answer: Answer]>([
    ['404', 'gone', status(404)],
    ['410', 'gone', status(410)],
    ['403 for copyright', 'legal-withheld', status(403, '{"error_response":"Dmcaed"}')],
    ['451', 'legal-withheld', status(451)],
    ['403', 'forbidden', status(403, 'no')],
    ['500', 'server-error', status(500)],
    ['a redirect that names no place', 'unexpected-status', status(302)],
    ['zero bytes', 'empty-file', status(200, '', { 'content-length': '0' })],
    [
      'HTML called mp4',
      'not-media',
      status(200, '<!doctype html><p>log in', { 'content-type': 'video/mp4' }),
    ],
    ['JSON', 'not-media', status(200, '{"error":"none"}')],
  ])('%s is %s', async (_words, reason, answer) => {
    const fetched = await fetchIt(refTo(serve(answer)));
    expect(fetched).toMatchObject({ state: 'failed', reason, artifacts: [] });
    expect(fetched.ladder).toMatchObject([{ outcome: 'failed', reason }]);
  });

  test('a picture in the place of a video is not taken for it', async () => {
    expect(await fetchIt(refTo(serve(whole(picture))))).toMatchObject({
      state: 'failed',
      reason: 'wrong-kind',
    });
  });

  test('a redirect in a circle', async () => {
    const here = serve((_request, response) => response.writeHead(302, { location: here }).end());
    expect(await fetchIt(refTo(here))).toMatchObject({ state: 'failed', reason: 'redirect-loop' });
  });

  test.each([
    ['the length says so', whole],
    [
      'no length says so',
      (bytes: Buffer): Answer =>
        (_request, response) =>
          response.writeHead(200).end(bytes),
    ],
  ])('too large, and %s', async (_words, answer) => {
    const fetched = await fetchIt(refTo(serve(answer(clip))), { maxBytes: clip.length - 1 });
    expect(fetched).toMatchObject({ state: 'failed', reason: 'too-large', artifacts: [] });
  });

  test('429 is a wait, as long as the server asks', async () => {
    const fetching = fetchIt(refTo(serve(status(429, '', { 'retry-after': '17' }))));
    await expect(fetching).rejects.toMatchObject({
      name: ThrottledError.name,
      retryAfterMs: 17_000,
      host: '127.0.0.1',
    });
  });

  test('what the record calls withheld is passed over, with the reason of the record', async () => {
    const fetched = await fetchIt(refTo([], { unavailable: 'geo-withheld' as PlatformWord }));
    expect(fetched).toMatchObject({ state: 'skipped', reason: 'geo-withheld' });
  });

  test('an address inside our own network is refused', async () => {
    const fetched = await fetchIt(refTo('http://169.254.169.254/latest/video.mp4'));
    expect(fetched).toMatchObject({ state: 'failed', reason: 'address-refused' });
  });
});

describe('pictures that do harm', () => {
  test('one that claims billions of pixels is kept and never decoded', async () => {
    const bomb = pngHeader(60_000, 60_000);
    const fetched = await fetchIt(refTo(serve(whole(bomb)), { kind: 'picture' }));
    expect(fetched.artifacts).toMatchObject([
      { media: { width: 60_000, height: 60_000 }, facts: { damage: 'too-many-pixels' } },
    ]);
  });

  test('one that is cut at its origin is kept, and called damaged', async () => {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
    const large = await sharp({
      create: { width: 300, height: 300, channels: 3, background: '#000', noise },
    })
      .jpeg()
      .toBuffer();
    const fetched = await fetchIt(
      refTo(serve(whole(large.subarray(0, large.length / 2))), { kind: 'picture' }),
    );
    expect(fetched.artifacts).toMatchObject([
      { media: { width: 300, height: 300 }, facts: { damage: 'damaged' } },
    ]);
  });
});

/** A PNG that has a header and hardly anything behind it. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const around = Buffer.alloc(8);
    around.writeUInt32BE(data.length, 0);
    around.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = chunk('IDAT', deflateSync(Buffer.alloc(1000)));
  return Buffer.concat([signature, chunk('IHDR', header), pixels, chunk('IEND', Buffer.alloc(0))]);
}
