/** Pictures of every kind that posts and pages bring: what is said of each, and that the original stays as it was. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEmbeddedMetadata } from '../src/media/inspect/embedded-metadata.ts';
import { readExif } from '../src/media/inspect/exif.ts';
import { openPictures } from '../src/media/pictures/pictures.ts';
import { openFileVault } from '../src/vault/files.ts';
import type { Vault } from '../src/vault/vault.ts';
import { fc } from './support/property.ts';

const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const { signal } = new AbortController();

let folder: string;
let vault: Vault;
const pictures = openPictures(signal);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-pictures-'));
  vault = await openFileVault(join(folder, 'vault'));
});
afterAll(async () => {
  await pictures[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A ramp from dark to light, red at its left edge. */
function ramp(width = 160, height = 90): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    data.fill((x * 255) / width, i * 3, i * 3 + 3);
    if (x < 20) data.set([200, 20, 20], i * 3);
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function described(bytes: Uint8Array) {
  const { sha256 } = await vault.put(bytes);
  const facts = await pictures.describe(await vault.path(sha256));
  // Looked at, and not a byte of it changed.
  expect(await vault.rehash(sha256)).toMatchObject({ sha256 });
  return facts;
}

async function pixelsOf(bytes: Uint8Array, longestSide?: number) {
  const { sha256 } = await vault.put(bytes);
  return pictures.pixels(await vault.path(sha256), longestSide);
}

describe('each kind is described, and decodes', () => {
  test('held sideways: width and height as shown', async () => {
    const bytes = await ramp().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const facts = { width: 90, height: 160, orientation: 6, damage: null };
    expect(await described(bytes)).toMatchObject(facts);
    expect(await pixelsOf(bytes, 100)).toMatchObject({ width: 56, height: 100 });
  });

  test('with a colour profile', async () => {
    const bytes = await ramp().withIccProfile('p3').jpeg().toBuffer();
    expect(await described(bytes)).toMatchObject({ hasProfile: true, damage: null });
  });

  test('16 bits a sample', async () => {
    const bytes = await ramp().toColourspace('rgb16').png().toBuffer();
    expect(await described(bytes)).toMatchObject({ space: 'rgb16', depth: 'ushort', damage: null });
    expect((await pixelsOf(bytes)).data).toHaveLength(160 * 90 * 3);
  });

  test('CMYK comes out in the colours that it shows', async () => {
    const bytes = await ramp().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    expect(await described(bytes)).toMatchObject({ space: 'cmyk', damage: null });
    const prepared = join(folder, 'cmyk.png');
    const { sha256 } = await vault.put(bytes);
    await pictures.prepareForReading(await vault.path(sha256), prepared);
    const { channels } = await sharp(prepared).stats();
    expect(channels).toHaveLength(1);
    expect(channels[0]?.mean).toBeGreaterThan(90);
  });

  test.each(['gif', 'webp'] as const)('animated %s: its frames are counted', async (format) => {
    const height = 90;
    const frames = await Promise.all(
      [1, 2, 3].map((i) =>
        ramp()
          .modulate({ hue: i * 90 })
          .raw()
          .toBuffer(),
      ),
    );
    const raw = { width: 160, height: height * 3, channels: 3, pageHeight: height } as const;
    const bytes = await sharp(Buffer.concat(frames), { raw }).toFormat(format).toBuffer();
    expect(await described(bytes)).toMatchObject({ format, pages: 3, height, damage: null });
  });

  test('AVIF decodes; HEIC is known by its header, and said to be undecodable here', async () => {
    const avif = await ramp().avif({ effort: 0 }).toBuffer();
    expect(await described(avif)).toMatchObject({ compression: 'av1', width: 160, damage: null });
    expect(await described(await heic())).toMatchObject({
      format: 'heif',
      compression: 'hevc',
      width: 160,
      damage: 'unsupported',
    });
  });
});

describe('a hostile or broken picture', () => {
  test('a few kilobytes that claim a thousand million pixels are not decoded', async () => {
    const bomb = pngOf(40_000, 30_000);
    expect(bomb.length).toBeLessThan(8_000);
    const before = process.memoryUsage().rss;
    expect(await described(bomb)).toMatchObject({ width: 40_000, damage: 'too-many-pixels' });
    await expect(pixelsOf(bomb)).rejects.toMatchObject({ code: 'not-decodable' });
    const { sha256 } = await vault.put(bomb);
    const reading = pictures.prepareForReading(await vault.path(sha256), join(folder, 'bomb.png'));
    await expect(reading).rejects.toMatchObject({ code: 'not-decodable' });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)(
    '%s cut short: said, and never thrown',
    async (format) => {
      const bytes = await ramp(400, 300).toFormat(format).toBuffer();
      const half = await described(bytes.subarray(0, bytes.length / 2));
      expect(['damaged', 'unreadable', 'unsupported']).toContain(half.damage);
      expect((await described(bytes.subarray(0, 10))).damage).toBe('unreadable');
    },
  );
});

describe('what an original says about itself', () => {
  const metadataOf = async (bytes: Uint8Array, mediaType: string) => {
    const { sha256 } = await vault.put(bytes);
    return readEmbeddedMetadata(
      { tools, pictures },
      { path: await vault.path(sha256), sha256, mediaType },
      signal,
    );
  };

  test('camera, time and place out of EXIF', async () => {
    const exif = {
      IFD0: { Make: 'Example', Model: 'Camera 1', DateTime: '2020:02:12 11:22:33' },
      IFD2: { DateTimeOriginal: '2020:02:12 11:22:30', OffsetTimeOriginal: '+03:00' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '37/1 3/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '41/1 13/1 30/1',
      },
    };
    const found = await metadataOf(await ramp().withExif(exif).jpeg().toBuffer(), 'image/jpeg');
    expect(found.exif).toMatchObject({
      ifd0: { Make: 'Example', Model: 'Camera 1', DateTime: '2020:02:12 11:22:33' },
      exif: { DateTimeOriginal: '2020:02:12 11:22:30', OffsetTimeOriginal: '+03:00' },
      gps: { GPSLatitude: [37, 3, 0], GPSLongitude: [41, 13, 30], GPSLatitudeRef: 'N' },
    });
    expect(found).toMatchObject({ picture: { format: 'jpeg', width: 160 }, failed: {} });
  });

  test('container and streams of a video, without the path in our vault', async () => {
    execFileSync('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=64x64:duration=1', '-c:v', 'mpeg4'],
      ...[
        '-metadata',
        'title=a title',
        '-metadata',
        'creation_time=2020-02-12T11:22:33Z',
        join(folder, 'a.mp4'),
      ],
    ]);
    const found = await metadataOf(await readFile(join(folder, 'a.mp4')), 'video/mp4');
    expect(found.ffprobe).toMatchObject({
      format: { tags: { title: 'a title', creation_time: '2020-02-12T11:22:33.000000Z' } },
      streams: [{ codec_name: 'mpeg4', width: 64 }],
    });
    expect(JSON.stringify(found)).not.toContain(folder);
  });

  test('what can’t be read is named', async () => {
    const noise = createHash('sha512').update('noise').digest();
    expect((await metadataOf(noise, 'image/jpeg')).failed).toEqual({ picture: 'unreadable' });
    expect((await metadataOf(noise, 'video/mp4')).failed).toEqual({ ffprobe: 'ffprobe-failed' });
  });

  test('any bytes may call themselves EXIF: reading them ends, and throws nothing', async () => {
    const bytes = await ramp()
      .withExif({ IFD0: { Make: 'Example' } })
      .jpeg()
      .toBuffer();
    const { exif = Buffer.alloc(0) } = await sharp(bytes).metadata();
    expect(readExif(exif).ifd0).toMatchObject({ Make: 'Example' });
    const changed = fc.array(fc.tuple(fc.nat(exif.length - 1), fc.nat(255)), { maxLength: 40 });
    fc.assert(
      fc.property(changed, fc.nat(exif.length), (edits, length) => {
        const block = Buffer.from(exif);
        for (const [at, value] of edits) block[at] = value;
        JSON.stringify(readExif(block.subarray(0, length)));
      }),
      { numRuns: 500 },
    );
  });
});

/** A picture of one colour, as few bytes as PNG allows for its size. */
function pngOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0], 8);
  const rows = deflateSync(Buffer.alloc((width / 8 + 1) * 1_000), { level: 9 });
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const ends = [Buffer.alloc(4), Buffer.alloc(4)] as const;
    ends[0].writeUInt32BE(data.length);
    ends[1].writeUInt32BE(crc32(body));
    return Buffer.concat([ends[0], body, ends[1]]);
  };
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** One HEVC frame of ffmpeg's in the boxes of a HEIF file (ISO 23008-12). */
async function heic(): Promise<Buffer> {
  const mp4 = join(folder, 'one.mp4');
  execFileSync(
    'ffmpeg',
    [
      ...[
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc2=size=160x90',
        '-frames:v',
        '1',
        '-pix_fmt',
        'yuv420p',
      ],
      ...['-c:v', 'libx265', '-x265-params', 'log-level=none', '-tag:v', 'hvc1', mp4],
    ],
    { stdio: 'ignore' },
  );
  const bytes = await readFile(mp4);
  const hvcC = boxIn(bytes, 'hvcC');
  const sample = boxIn(bytes, 'mdat').subarray(8);
  const ispe = box('ispe', u32(0), u32(160), u32(90));
  const properties = box(
    'iprp',
    box('ipco', hvcC, ispe),
    box('ipma', u32(0), u32(1), u16(1), Buffer.from([2, 0x81, 2])),
  );
  const item = box('infe', u32(0x02000000), u16(1), u16(0), text('hvc1'), Buffer.from([0]));
  const meta = (offset: number) =>
    box(
      'meta',
      u32(0),
      box('hdlr', u32(0), u32(0), text('pict'), Buffer.alloc(13)),
      box('pitm', u32(0), u16(1)),
      box(
        'iloc',
        u32(0),
        u16(0x4400),
        u16(1),
        u16(1),
        u16(0),
        u16(1),
        u32(offset),
        u32(sample.length),
      ),
      box('iinf', u32(0), u16(1), item),
      properties,
    );
  const ftyp = box('ftyp', text('heic'), u32(0), text('mif1'), text('heic'));
  const offset = ftyp.length + meta(0).length + 8;
  return Buffer.concat([ftyp, meta(offset), box('mdat', sample)]);
}

function box(name: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat([text(name), ...parts]);
  return Buffer.concat([u32(body.length + 4), body]);
}

/** The whole box of that name, wherever it lies. */
function boxIn(bytes: Buffer, name: string): Buffer {
  const at = bytes.indexOf(name, 0, 'latin1') - 4;
  return bytes.subarray(at, at + bytes.readUInt32BE(at));
}

function text(words: string): Buffer {
  return Buffer.from(words, 'latin1');
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
