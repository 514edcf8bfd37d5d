/**
 * Still pictures: what they are, and composing sheets from them. It runs in a confined process of
 * its own, sees nothing but the bytes that it is handed, and so imports nothing of the rest.
 */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { PictureFacts } from '../answers.ts';
import type { AskName, Asks, SheetLayout, StillSize } from './asks.ts';
import { edgesIn, meanOf, spreadOf } from './grey-values.ts';

// Inputs are strangers' and differ every time: nothing to gain from libvips' cache.
sharp.cache(false);
sharp.concurrency(1);

/** What reads pictures here, in the versions that were loaded. */
export const library = { sharp: sharp.versions.sharp, libvips: sharp.versions.vips };

/** Above this a picture is kept but never decoded: a few kilobytes can claim billions of pixels. */
const maxPixels = 64 * 1024 * 1024;

export interface Made {
  found: unknown;
  blocks?: Uint8Array[];
}

/** Where even this much of a picture can't be had, it throws. */
export const answers: {
  [Name in AskName]: (blocks: Buffer[], options: Asks[Name]) => Promise<Made>;
} = {
  describe: async ([bytes]) => ({ found: await describe(given(bytes)) }),
  size: async ([bytes]) => ({ found: await sizeOf(given(bytes)) }),
  look: ([bytes]) => look(given(bytes)),
  metadata: ([bytes]) => metadataOf(given(bytes)),
  pixels: ([bytes], { longestSide }) => pixels(given(bytes), longestSide),
  readable: ([bytes]) => readable(given(bytes)),
  still: ([bytes], size) => still(given(bytes), size),
  sheet: (blocks, layout) => sheet(blocks.slice(0, -1), given(blocks.at(-1)), layout),
};

function given(bytes: Buffer | undefined): Buffer {
  if (bytes === undefined) throw new TypeError('no bytes came with this');
  return bytes;
}

async function describe(bytes: Buffer): Promise<PictureFacts> {
  const header = await readHeader(bytes);
  if (header === null) return { ...nothingKnown, damage: 'unreadable' };
  return { ...header, damage: await damageOf(bytes, header) };
}

const nothingKnown = {
  ...{ width: null, height: null, format: null, orientation: null, pages: 1 },
  ...{ space: null, depth: null, hasAlpha: false, hasProfile: false, compression: null },
};

async function sizeOf(bytes: Buffer): Promise<{ width: number; height: number }> {
  const { width, height } = await sharp(bytes).metadata();
  return { width, height };
}

type Header = Omit<PictureFacts, 'damage'> & { width: number; height: number };

async function readHeader(bytes: Buffer): Promise<Header | null> {
  try {
    const found = await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
    return {
      width: found.autoOrient.width,
      height: found.autoOrient.height,
      format: found.format,
      orientation: found.orientation ?? null,
      pages: found.pages ?? 1,
      space: found.space ?? null,
      depth: found.depth ?? null,
      hasAlpha: found.hasAlpha,
      hasProfile: found.hasProfile,
      compression: found.compression ?? null,
    };
  } catch {
    return null;
  }
}

async function damageOf(bytes: Buffer, header: Header): Promise<PictureFacts['damage']> {
  if (header.width * header.height > maxPixels) return 'too-many-pixels';
  if (await decodes(bytes, 'error')) return null;
  if (await decodes(bytes, 'none')) return 'damaged';
  return undecodable.has(header.compression ?? '') ? 'unsupported' : 'unreadable';
}

/** libvips as it comes with sharp has no decoder for these. */
const undecodable = new Set(['hevc', 'jpeg2000', 'vvc']);

/** Reads every row, keeping next to nothing of them. */
async function decodes(bytes: Buffer, failOn: 'none' | 'error'): Promise<boolean> {
  try {
    await sharp(bytes, { limitInputPixels: maxPixels, failOn, sequentialRead: true })
      .resize(32, 32, { fit: 'fill', kernel: 'nearest', fastShrinkOnLoad: false })
      .raw()
      .toBuffer();
    return true;
  } catch {
    return false;
  }
}

/**
 * Lays pictures on a white ground and a drawing (SVG, of the same size) over them: as a JPEG, and
 * as a PNG to be printed. One picture after the other into one raster: as a single composition,
 * all of them would be open and decoded at once.
 */
async function sheet(
  pictures: Buffer[],
  drawing: Buffer,
  { width, height, places }: SheetLayout,
): Promise<Made> {
  const raster = Buffer.alloc(width * height * channels, 255);
  for (const [index, place] of places.entries())
    await layDown({ raster, widthPx: width }, given(pictures[index]), place);
  const raw = { width, height, channels } as const;
  const whole = await sharp(raster, { raw })
    .composite([{ input: drawing, left: 0, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer();
  const jpeg = { quality: 88, chromaSubsampling: '4:4:4', optimizeCoding: false };
  const blocks = [
    await sharp(whole, { raw }).jpeg(jpeg).toBuffer(),
    await sharp(whole, { raw }).png({ compressionLevel: 3 }).toBuffer(),
  ];
  return { found: {}, blocks };
}

const channels = 3;

async function layDown(
  { raster, widthPx }: { raster: Buffer; widthPx: number },
  picture: Buffer,
  { left, top }: SheetLayout['places'][number],
): Promise<void> {
  const { data, info } = await sharp(picture)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const rowBytes = info.width * channels;
  for (let row = 0; row < info.height; row++) {
    const to = ((top + row) * widthPx + left) * channels;
    data.copy(raster, to, row * rowBytes, (row + 1) * rowBytes);
  }
}

/** All of them as they are stored or, with a longest side given, upright and reduced to it. */
async function pixels(bytes: Buffer, longestSide: number | null): Promise<Made> {
  const whole = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'none' });
  const wanted =
    longestSide === null
      ? whole
      : whole
          .autoOrient()
          .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true });
  const { data, info } = await wanted.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { found: { width, height, channels }, blocks: [data] };
}

const lookWidth = 256;

/** How bright and how sharp a picture is, and what it shows at 64 by 64. */
async function look(bytes: Buffer): Promise<Made> {
  const grey = sharp(bytes).toColourspace('b-w').resize(lookWidth, lookWidth, { fit: 'fill' });
  const pixels = await grey.raw().toBuffer();
  const luma64 = await sharp(pixels, { raw: { width: lookWidth, height: lookWidth, channels: 1 } })
    .resize(64, 64, { fit: 'fill', kernel: 'linear' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  return { found: { ...spreadOf(luma64), edges: edgesIn(pixels, lookWidth) }, blocks: [luma64] };
}

/** EXIF and IPTC as blocks, empty where it brings none; nothing of the header is believed. */
async function metadataOf(bytes: Buffer): Promise<Made> {
  const read = await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
  const { exif, icc, iptc, xmp, xmpAsString: _, tifftagPhotoshop: __, size: ___, ...header } = read;
  const found = {
    header,
    icc: icc === undefined ? null : { sha256: sha256(icc), sizeBytes: icc.length },
    xmp: xmp?.toString('utf8').slice(0, xmpMaxChars) ?? null,
    has: { exif: exif !== undefined, iptc: iptc !== undefined },
  };
  return { found, blocks: [exif ?? Buffer.alloc(0), iptc ?? Buffer.alloc(0)] };
}

const xmpMaxChars = 256 * 1024;

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Letters of ten pixels are read badly, and of a poster nothing is gained by all its pixels. */
const readableSide = { least: 1_000, most: 2_400, enlargedBy: 2 };
const darkMean = 110;

/**
 * As OCR reads it best: grey, upright, dark on light, of a middling size. Of an animation the
 * first frame. Its PNG, and one byte a pixel as prepared but for the negative.
 */
async function readable(bytes: Buffer): Promise<Made> {
  const { width = 0, height = 0 } = (await readHeader(bytes)) ?? {};
  const longest = Math.max(width, height);
  const scale = Math.min(
    longest < readableSide.least ? readableSide.enlargedBy : 1,
    readableSide.most / Math.max(1, longest),
  );
  const { data, info } = await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'none' })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .resize({ width: Math.max(1, Math.round(width * scale)) })
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const inverted = meanOf(data) < darkMean;
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const grey = sharp(data, { raw });
  const legible = inverted ? grey.negate() : grey;
  const png = await legible.toColourspace('b-w').png({ compressionLevel: 1 }).toBuffer();
  const facts = { width, height, scale: info.width / Math.max(1, width), inverted };
  const prepared = { width: info.width, height: info.height };
  return { found: { ...facts, prepared }, blocks: [png, data] };
}

/** The first frame, upright and no larger than this, as WebP. */
async function still(bytes: Buffer, { width, height, fit }: StillSize): Promise<Made> {
  const made = await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'none', pages: 1 })
    .autoOrient()
    .resize(width, height, { fit, position: 'top', withoutEnlargement: true })
    .webp({ quality: 78 })
    .toBuffer();
  return { found: {}, blocks: [made] };
}
