/** Still pictures: what they are, and composing sheets from them. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { PermanentError } from '../../base/errors.ts';
import type { Vault } from '../../vault/vault.ts';

// Inputs are strangers' and differ every time: nothing to gain from libvips' cache.
sharp.cache(false);
sharp.concurrency(1);

/** What reads pictures here, with its versions. */
export const pictureLibrary = `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;

/** Above this a picture is kept but never decoded: a few kilobytes can claim billions of pixels. */
const maxPixels = 64 * 1024 * 1024;
const decodeLimitSeconds = 60;

export interface PictureFacts {
  /** As shown: after EXIF orientation. `null` when not even the header can be read. */
  width: number | null;
  height: number | null;
  format: string | null;
  /** EXIF orientation 1–8, where the file has one. */
  orientation: number | null;
  /** Frames of an animation, pages of a document. */
  pages: number;
  /** `srgb`, `cmyk`, `b-w`, `rgb16` … */
  space: string | null;
  /** Bits of a sample: `uchar` 8, `ushort` 16. */
  depth: string | null;
  hasAlpha: boolean;
  /** It brings an ICC profile: its colours are not simply sRGB. */
  hasProfile: boolean;
  /** `av1`, `hevc` in HEIF containers. */
  compression: string | null;
  /**
   * `damaged`: decodes only in part (cut or corrupt). `unreadable`: not at all.
   * `too-many-pixels`: not decoded, so nothing is known beyond the header. `unsupported`:
   * sound as far as its header goes, in a coding that nothing here decodes.
   */
  damage: 'damaged' | 'unreadable' | 'too-many-pixels' | 'unsupported' | null;
}

/** Dimensions and soundness of a stored picture. Never throws for what is in the file. */
export async function describePicture(
  deps: { vault: Pick<Vault, 'path'> },
  picture: { sha256: string },
): Promise<PictureFacts> {
  const path = await deps.vault.path(picture.sha256);
  const header = await readHeader(path);
  if (header === null) {
    return { ...nothingKnown, damage: 'unreadable' };
  }
  return { ...header, damage: await damageOf(path, header) };
}

const nothingKnown = {
  ...{ width: null, height: null, format: null, orientation: null, pages: 1 },
  ...{ space: null, depth: null, hasAlpha: false, hasProfile: false, compression: null },
};

/** Width and height of a picture file of our own making. */
export async function pictureSize(path: string): Promise<{ width: number; height: number }> {
  const { width, height } = await sharp(path).metadata();
  return { width, height };
}

type Header = Omit<PictureFacts, 'damage'> & { width: number; height: number };

async function readHeader(path: string): Promise<Header | null> {
  try {
    const found = await sharp(path, { limitInputPixels: false, failOn: 'none' }).metadata();
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

async function damageOf(path: string, header: Header): Promise<PictureFacts['damage']> {
  if (header.width * header.height > maxPixels) return 'too-many-pixels';
  if (await decodes(path, 'error')) return null;
  if (await decodes(path, 'none')) return 'damaged';
  return undecodable.has(header.compression ?? '') ? 'unsupported' : 'unreadable';
}

/** libvips as it comes with sharp has no decoder for these. */
const undecodable = new Set(['hevc', 'jpeg2000', 'vvc']);

/** Reads every row, keeping next to nothing of them. */
async function decodes(path: string, failOn: 'none' | 'error'): Promise<boolean> {
  try {
    await sharp(path, { limitInputPixels: maxPixels, failOn, sequentialRead: true })
      .resize(32, 32, { fit: 'fill', kernel: 'nearest', fastShrinkOnLoad: false })
      .timeout({ seconds: decodeLimitSeconds })
      .raw()
      .toBuffer();
    return true;
  } catch {
    return false;
  }
}

export interface PlacedPicture {
  /** A JPEG of our own making. */
  path: string;
  left: number;
  top: number;
}

/** The same sheet twice: small to send, and without any loss to print. */
export interface Sheet {
  jpeg: Buffer;
  png: Buffer;
}

/**
 * Lays pictures on a white ground and a drawing (SVG, of the same size) over them.
 * One picture after the other into one raster: as a single composition, all of them would
 * be open and decoded at once.
 */
export async function composeSheet(
  { width, height }: { width: number; height: number },
  pictures: PlacedPicture[],
  drawing: Buffer,
): Promise<Sheet> {
  const raster = Buffer.alloc(width * height * channels, 255);
  for (const picture of pictures) await layDown(raster, width, picture);
  const raw = { width, height, channels } as const;
  const whole = await sharp(raster, { raw })
    .composite([{ input: drawing, left: 0, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer();
  const jpeg = { quality: 88, chromaSubsampling: '4:4:4', optimizeCoding: false };
  return {
    jpeg: await sharp(whole, { raw }).jpeg(jpeg).toBuffer(),
    png: await sharp(whole, { raw }).png({ compressionLevel: 3 }).toBuffer(),
  };
}

const channels = 3;

async function layDown(raster: Buffer, widthPx: number, { path, left, top }: PlacedPicture) {
  const { data, info } = await sharp(path)
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

export interface PicturePixels {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
}

/**
 * The pixels of a picture, for hashing: all of them as they are stored or, with a longest
 * side given, upright and reduced to it. A damaged picture gives what decodes.
 * @throws PermanentError `not-decodable`
 */
export async function picturePixels(path: string, longestSide?: number): Promise<PicturePixels> {
  const whole = sharp(path, { limitInputPixels: maxPixels, failOn: 'none' });
  const wanted =
    longestSide === undefined
      ? whole
      : whole
          .autoOrient()
          .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true });
  try {
    const { data, info } = await wanted
      .timeout({ seconds: decodeLimitSeconds })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    return { data, width, height, channels: channels as PicturePixels['channels'] };
  } catch (cause) {
    throw new PermanentError('not-decodable', 'this picture does not decode', { cause });
  }
}

export interface PictureLook {
  /** 64 by 64 grey values. */
  luma64: Uint8Array;
  /** 0 to 255. */
  meanLuma: number;
  deviation: number;
  /** Mean strength of edges at a width of 256 pixels: falls where a picture is out of focus or smeared. */
  edges: number;
}

const lookWidth = 256;

/** How bright and how sharp a picture of our own making is. */
export async function pictureLook(path: string): Promise<PictureLook> {
  const grey = sharp(path).toColourspace('b-w').resize(lookWidth, lookWidth, { fit: 'fill' });
  const pixels = await grey.raw().toBuffer();
  const luma64 = await sharp(pixels, { raw: { width: lookWidth, height: lookWidth, channels: 1 } })
    .resize(64, 64, { fit: 'fill', kernel: 'linear' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  return { luma64, ...spreadOf(luma64), edges: edgesIn(pixels, lookWidth) };
}

function spreadOf(values: Uint8Array): { meanLuma: number; deviation: number } {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const meanLuma = sum / values.length;
  return { meanLuma, deviation: Math.sqrt(Math.max(0, squares / values.length - meanLuma ** 2)) };
}

/** Mean absolute Laplacian. */
function edgesIn(pixels: Uint8Array, width: number): number {
  const at = (index: number) => pixels[index] as number;
  let sum = 0;
  for (let index = width; index < pixels.length - width; index++) {
    const around = at(index - 1) + at(index + 1) + at(index - width) + at(index + width);
    sum += Math.abs(4 * at(index) - around);
  }
  return sum / pixels.length;
}

export interface PictureMetadata {
  /** As the header says; nothing of it is believed. */
  header: Record<string, unknown>;
  icc: { sha256: string; sizeBytes: number } | null;
  exif: Uint8Array | null;
  xmp: string | null;
  iptc: Uint8Array | null;
}

/** Everything that a picture says about itself. `null` when not even its header can be read. */
export async function pictureMetadata(path: string): Promise<PictureMetadata | null> {
  try {
    const found = await sharp(path, { limitInputPixels: false, failOn: 'none' }).metadata();
    const { exif, icc, iptc, xmp, xmpAsString: _, tifftagPhotoshop: __, ...header } = found;
    return {
      header,
      icc: icc === undefined ? null : { sha256: sha256(icc), sizeBytes: icc.length },
      exif: exif ?? null,
      xmp: xmp?.toString('utf8').slice(0, xmpMaxChars) ?? null,
      iptc: iptc ?? null,
    };
  } catch {
    return null;
  }
}

const xmpMaxChars = 256 * 1024;

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface ReadablePicture {
  /** Of the picture, upright. */
  width: number;
  height: number;
  /** How much larger than that the prepared one is. */
  scale: number;
  /** It was dark and has been turned into its negative. */
  inverted: boolean;
  /** One byte a pixel, as prepared but for the negative. */
  grey: { data: Uint8Array; width: number; height: number };
}

/** Letters of ten pixels are read badly, and of a poster nothing is gained by all its pixels. */
const readableSide = { least: 1_000, most: 2_400, enlargedBy: 2 };
const darkMean = 110;

/**
 * Writes a picture as OCR reads it best: grey, upright, dark on light, of a middling size.
 * Of an animation the first frame.
 * @throws PermanentError `not-decodable`
 */
export async function prepareForReading(path: string, target: string): Promise<ReadablePicture> {
  const { width = 0, height = 0 } = (await readHeader(path)) ?? {};
  const longest = Math.max(width, height);
  const scale = Math.min(
    longest < readableSide.least ? readableSide.enlargedBy : 1,
    readableSide.most / Math.max(1, longest),
  );
  try {
    const { data, info } = await sharp(path, { limitInputPixels: maxPixels, failOn: 'none' })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize({ width: Math.max(1, Math.round(width * scale)) })
      .toColourspace('b-w')
      .timeout({ seconds: decodeLimitSeconds })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const inverted = meanOf(data) < darkMean;
    const raw = { width: info.width, height: info.height, channels: info.channels };
    const grey = sharp(data, { raw });
    const legible = inverted ? grey.negate() : grey;
    await legible.toColourspace('b-w').png({ compressionLevel: 1 }).toFile(target);
    const pixels = { data, width: info.width, height: info.height };
    return { width, height, scale: info.width / Math.max(1, width), inverted, grey: pixels };
  } catch (cause) {
    throw new PermanentError('not-decodable', 'this picture does not decode', { cause });
  }
}

function meanOf(values: Uint8Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / Math.max(1, values.length);
}

export interface StillSize {
  width: number;
  height: number;
  /** `cover` fills the size from the top; `inside` keeps all of the picture. */
  fit: 'cover' | 'inside';
}

/** The first frame, upright and no larger than this, as WebP. `null` for what does not decode. */
export async function smallPicture(
  path: string,
  { width, height, fit }: StillSize,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const made = await sharp(path, { limitInputPixels: maxPixels, failOn: 'none', pages: 1 })
      .autoOrient()
      .resize(width, height, { fit, position: 'top', withoutEnlargement: true })
      .timeout({ seconds: decodeLimitSeconds })
      .webp({ quality: 78 })
      .toBuffer();
    return new Uint8Array(made);
  } catch {
    return null;
  }
}
