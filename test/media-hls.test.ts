/** Videos that exist only in pieces. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermanentError } from '../src/base/errors.ts';
import type { Egress } from '../src/egress/egress.ts';
import { type FetchedMedia, fetchMedia } from '../src/media/fetch/fetch-media.ts';
import { parsePlaylist } from '../src/media/fetch/hls-playlist.ts';
import { openPictures } from '../src/media/pictures/pictures.ts';
import { openFileVault } from '../src/vault/files.ts';
import type { Vault } from '../src/vault/vault.ts';
import { ffmpegIn } from './support/clips.ts';
import { loopback, testEgress } from './support/egress.ts';
import { fc } from './support/property.ts';

let folder: string;
let site: string;
let vault: Vault;
let egress: Egress;
let origin: string;

/** Serves the files of a folder, parts of them where a range is asked. */
const server = createServer((request, response) => {
  const path = join(site, request.url ?? '');
  if (!existsSync(path)) return response.writeHead(404).end();
  const bytes = readFileSync(path);
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (start === undefined)
    return response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  const part = bytes.subarray(Number(start), Number(end) + 1);
  const range = `bytes ${start}-${end}/${bytes.length}`;
  return response
    .writeHead(206, { 'content-range': range, 'content-length': part.length })
    .end(part);
});

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p'];
const picture = (size: string) => ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=3`];
const sound = ['-f', 'lavfi', '-i', 'sine=duration=3'];
const vod = ['-f', 'hls', '-hls_time', '1', '-hls_playlist_type', 'vod'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-hls-'));
  site = join(folder, 'site');
  await mkdir(site);
  vault = await openFileVault(join(folder, 'vault'));
  await ffmpegIn(
    site,
    ...picture('320x240'),
    ...sound,
    ...x264,
    '-c:a',
    'aac',
    ...vod,
    'small.m3u8',
  );
  await ffmpegIn(
    site,
    ...picture('640x480'),
    ...x264,
    ...vod,
    '-hls_segment_type',
    'fmp4',
    'large.m3u8',
  );
  await ffmpegIn(site, ...sound, '-c:a', 'aac', ...vod, 'sound.m3u8');
  await ffmpegIn(
    site,
    ...picture('320x240'),
    ...x264,
    ...vod,
    '-hls_flags',
    'single_file',
    'ranges.m3u8',
  );
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

async function fetchIt(playlist: string, maxBytes = 50_000_000): Promise<FetchedMedia> {
  const candidate = {
    url: `${origin}/${playlist}`,
    mediaType: null,
    width: null,
    height: null,
    bitrate: null,
  };
  const ref = {
    id: '1',
    kind: 'video' as const,
    belongsTo: 'post',
    candidates: [candidate],
    orderedBy: 'only one',
    alsoKeep: [],
    altText: null,
    claimed: { durationMs: null, width: null, height: null },
    unavailable: null,
  };
  const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
  const options = { maxBytes, timeoutMs: 60_000, retryDelayMs: 1 };
  const { signal } = new AbortController();
  await using pictures = openPictures(signal);
  return await fetchMedia({ client: egress.client, vault, tools, pictures }, ref, options, signal);
}

function names({ artifacts }: FetchedMedia): string[] {
  return artifacts.map(({ role, name }) => `${role} ${name}`);
}

async function write(name: string, ...lines: string[]): Promise<void> {
  await writeFile(join(site, name), `#EXTM3U\n${lines.join('\n')}\n`);
}

describe('a finished stream', () => {
  test('is kept piece by piece, and joined into a file that names its pieces', async () => {
    const fetched = await fetchIt('small.m3u8');
    expect(fetched).toMatchObject({ state: 'done', reason: null, ladder: [{ outcome: 'kept' }] });
    expect(names(fetched)).toEqual([
      'media.playlist media/1.hls-0/first.m3u8',
      'media.segment media/1.hls-0/video-00001',
      'media.segment media/1.hls-0/video-00002',
      'media.segment media/1.hls-0/video-00003',
      'media.joined media/1.mp4',
    ]);
    const [playlist, first] = fetched.artifacts;
    const segment = await readFile(join(site, 'small0.ts'));
    expect(first).toMatchObject({
      sha256: createHash('sha256').update(segment).digest('hex'),
      derivedFrom: null,
    });
    const joined = fetched.artifacts.at(-1);
    expect(joined).toMatchObject({
      mediaType: 'video/mp4',
      derivedFrom: playlist?.sha256,
      media: { width: 320, height: 240 },
      facts: { tool: 'ffmpeg', joinedFrom: [{ track: 'video', discontinuities: 0 }] },
    });
    expect(joined?.media?.durationMs).toBeGreaterThan(2900);
  });

  test('the largest picture of a master is taken, with the sound that is kept apart', async () => {
    await write(
      'master.m3u8',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="x, y",DEFAULT=YES,URI="sound.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=320x240,CODECS="a,b"',
      'small.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=640x480,AUDIO="s"',
      'large.m3u8',
    );
    const fetched = await fetchIt('master.m3u8');
    expect(fetched.state).toBe('done');
    // Three segments and the header that they share.
    expect(names(fetched).filter((name) => name.includes('/video-'))).toHaveLength(4);
    expect(names(fetched).filter((name) => name.includes('/audio-')).length).toBeGreaterThan(0);
    const joined = fetched.artifacts.at(-1);
    expect(joined?.media).toMatchObject({ width: 640, height: 480 });
    expect(joined?.facts?.probe).toMatchObject({
      video: { codec: 'h264' },
      audio: { codec: 'aac' },
    });
  });

  test('whose pieces are parts of one file', async () => {
    const fetched = await fetchIt('ranges.m3u8');
    expect(fetched.state).toBe('done');
    const pieces = fetched.artifacts.filter(({ role }) => role === 'media.segment');
    const total = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(total).toBe((await readFile(join(site, 'ranges.ts'))).length);
  });
});

describe('a stream that can not be had', () => {
  test('is still running: skipped', async () => {
    await write('live.m3u8', '#EXT-X-TARGETDURATION:1', '#EXTINF:1,', 'small0.ts');
    expect(await fetchIt('live.m3u8')).toMatchObject({ state: 'skipped', reason: 'live-stream' });
  });

  test('is encrypted: failed, no key fetched', async () => {
    await write(
      'locked.m3u8',
      '#EXT-X-KEY:METHOD=AES-128,URI="key"',
      '#EXTINF:1,',
      'small0.ts',
      '#EXT-X-ENDLIST',
    );
    const fetched = await fetchIt('locked.m3u8');
    expect(fetched).toMatchObject({ state: 'failed', reason: 'encrypted-stream' });
    expect(names(fetched)).toEqual(['media.playlist media/1.hls-0/first.m3u8']);
  });

  test('has a hole: failed, and what there was is kept', async () => {
    const pieces = ['small0.ts', 'not-there.ts', 'small2.ts'].flatMap((name) => [
      '#EXTINF:1,',
      name,
    ]);
    await write('hole.m3u8', ...pieces, '#EXT-X-ENDLIST');
    const fetched = await fetchIt('hole.m3u8');
    expect(fetched).toMatchObject({ state: 'failed', reason: 'segment-missing' });
    expect(names(fetched)).toEqual([
      'media.playlist media/1.hls-0/first.m3u8',
      'media.segment media/1.hls-0/video-00001',
    ]);
  });

  test('is too large altogether: failed', async () => {
    const first = (await readFile(join(site, 'small0.ts'))).length;
    expect(await fetchIt('small.m3u8', first + 10)).toMatchObject({
      state: 'failed',
      reason: 'too-large',
    });
  });

  test('points into our own files or network: failed', async () => {
    for (const target of ['file:///etc/passwd', 'http://169.254.169.254/secret']) {
      await write('inward.m3u8', '#EXTINF:1,', target, '#EXT-X-ENDLIST');
      const fetched = await fetchIt('inward.m3u8');
      expect(fetched.state).toBe('failed');
      expect(names(fetched)).toEqual(['media.playlist media/1.hls-0/first.m3u8']);
    }
  });

  test('leaves nothing in the making', async () => {
    expect(await readdir(join(folder, 'vault', 'scratch'))).toEqual([]);
  });
});

describe('the parser', () => {
  const base = 'https://video.example/a/list.m3u8';

  test('reads any text, or says that it can not', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '#EXT-X-ENDLIST',
        '#EXT-X-BYTERANGE:5',
        '#EXT-X-BYTERANGE:5@x',
        '#EXT-X-KEY:METHOD=NONE',
      ),
      fc.constantFrom(
        '#EXT-X-MAP:URI="i.mp4",BYTERANGE="9@0"',
        '#EXT-X-STREAM-INF:RESOLUTION=9x',
        '#EXTINF:,',
        'a.ts',
      ),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          const { kind } = parsePlaylist(['#EXTM3U', ...lines].join('\n'), base);
          expect(['master', 'media']).toContain(kind);
        } catch (error) {
          expect(error).toBeInstanceOf(PermanentError);
        }
      }),
    );
  });

  test('a range without a start goes on after the one before', () => {
    const text = '#EXTM3U\n#EXT-X-BYTERANGE:10@5\na.ts\n#EXT-X-BYTERANGE:7\na.ts\n#EXT-X-ENDLIST';
    expect(parsePlaylist(text, base)).toMatchObject({
      kind: 'media',
      ended: true,
      segments: [{ range: { start: 5, length: 10 } }, { range: { start: 15, length: 7 } }],
    });
  });
});
