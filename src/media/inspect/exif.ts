/**
 * What a camera wrote into a picture: the tags of an EXIF block, as they stand. (CIPA
 * DC-008, a TIFF directory.) Every offset in it comes from a stranger: whatever points
 * outside is left out.
 *
 * Why not exif-reader 2.0.3: of a block of 64 KiB whose 5,460 tags each claim the whole block it
 * makes 3.6 GB of numbers in 33 s; a directory that is cut short is lost whole; and it turns
 * `DateTime`, which is local time, into a moment in UTC and drops what was written.
 */

export type ExifValue = string | number | number[];
export type ExifTags = Record<string, ExifValue>;

/** Tags that an investigator looks for first; all others keep their number as name. */
const names: Record<string, Record<number, string>> = {
  ifd0: {
    270: 'ImageDescription',
    271: 'Make',
    272: 'Model',
    274: 'Orientation',
    305: 'Software',
    306: 'DateTime',
    315: 'Artist',
    33432: 'Copyright',
  },
  exif: {
    33434: 'ExposureTime',
    33437: 'FNumber',
    34855: 'ISOSpeedRatings',
    36867: 'DateTimeOriginal',
    36868: 'DateTimeDigitized',
    36880: 'OffsetTime',
    36881: 'OffsetTimeOriginal',
    36882: 'OffsetTimeDigitized',
    37386: 'FocalLength',
    37521: 'SubSecTimeOriginal',
    40962: 'PixelXDimension',
    40963: 'PixelYDimension',
    42016: 'ImageUniqueID',
    42032: 'CameraOwnerName',
    42033: 'BodySerialNumber',
    42035: 'LensMake',
    42036: 'LensModel',
    42037: 'LensSerialNumber',
  },
  gps: {
    0: 'GPSVersionID',
    1: 'GPSLatitudeRef',
    2: 'GPSLatitude',
    3: 'GPSLongitudeRef',
    4: 'GPSLongitude',
    5: 'GPSAltitudeRef',
    6: 'GPSAltitude',
    7: 'GPSTimeStamp',
    16: 'GPSImgDirectionRef',
    17: 'GPSImgDirection',
    29: 'GPSDateStamp',
  },
};

const pointers: Record<number, string> = { 34665: 'exif', 34853: 'gps' };
const mostTags = 500;
const mostValues = 64;
const mostCharacters = 2_000;

/** @returns tags by directory; empty where the bytes are no EXIF block. Never throws. */
export function readExif(block: Uint8Array): Record<string, ExifTags> {
  const tiff = tiffIn(block);
  if (tiff === null) return {};
  const found: Record<string, ExifTags> = {};
  readDirectory(tiff, tiff.number(4, 4) ?? 0, 'ifd0', found);
  return found;
}

class Tiff {
  readonly view: DataView;
  readonly little: boolean;
  constructor(bytes: Uint8Array, little: boolean) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = little;
  }
  number(at: number, bytes: 1 | 2 | 4): number | null {
    if (at < 0 || at + bytes > this.view.byteLength) return null;
    if (bytes === 1) return this.view.getUint8(at);
    return bytes === 2
      ? this.view.getUint16(at, this.little)
      : this.view.getUint32(at, this.little);
  }
}

function tiffIn(block: Uint8Array): Tiff | null {
  const named = Buffer.from(block.subarray(0, 6)).toString('latin1') === 'Exif\0\0';
  const bytes = named ? block.subarray(6) : block;
  const order = Buffer.from(bytes.subarray(0, 2)).toString('latin1');
  if (bytes.length < 14 || (order !== 'II' && order !== 'MM')) return null;
  const tiff = new Tiff(bytes, order === 'II');
  return tiff.number(2, 2) === 42 ? tiff : null;
}

/** Directories name each other: each kind is read once, so that a circle ends. */
function readDirectory(
  tiff: Tiff,
  at: number,
  kind: string,
  found: Record<string, ExifTags>,
): void {
  if (found[kind] !== undefined) return;
  const tags: ExifTags = {};
  found[kind] = tags;
  const count = Math.min(tiff.number(at, 2) ?? 0, mostTags);
  for (let index = 0; index < count; index++) {
    const entry = at + 2 + index * 12;
    const tag = tiff.number(entry, 2);
    if (tag === null) return;
    const pointed = kind === 'ifd0' ? pointers[tag] : undefined;
    if (pointed !== undefined) {
      readDirectory(tiff, tiff.number(entry + 8, 4) ?? -1, pointed, found);
      continue;
    }
    const value = tagValue(tiff, entry);
    if (value !== null)
      tags[names[kind]?.[tag] ?? `0x${tag.toString(16).padStart(4, '0')}`] = value;
  }
}

const sizes: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };

function tagValue(tiff: Tiff, entry: number): ExifValue | null {
  const type = tiff.number(entry + 2, 2) ?? 0;
  const count = tiff.number(entry + 4, 4) ?? 0;
  const size = sizes[type];
  if (size === undefined || count === 0) return null;
  const at = size * count <= 4 ? entry + 8 : (tiff.number(entry + 8, 4) ?? -1);
  if (at < 0 || at + size * count > tiff.view.byteLength) return null;
  if (type === 2) return textAt(tiff, at, count);
  // Blocks of bytes are a maker's own; the picture has them.
  if (type === 7 && count > mostValues) return null;
  const values = Array.from({ length: Math.min(count, mostValues) }, (_, index) =>
    numberAt(tiff, at + index * size, type),
  );
  return values.length === 1 ? (values[0] as number) : values;
}

function numberAt(tiff: Tiff, at: number, type: number): number {
  const { view, little } = tiff;
  if (type === 3) return view.getUint16(at, little);
  if (type === 4) return view.getUint32(at, little);
  if (type === 9) return view.getInt32(at, little);
  if (type === 5) return ratio(view.getUint32(at, little), view.getUint32(at + 4, little));
  if (type === 10) return ratio(view.getInt32(at, little), view.getInt32(at + 4, little));
  return view.getUint8(at);
}

/** Zero over zero means "unknown" there, and JSON knows no NaN. */
function ratio(over: number, under: number): number {
  return under === 0 ? 0 : over / under;
}

function textAt({ view }: Tiff, at: number, count: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, Math.min(count, mostCharacters));
  const text = new TextDecoder('utf-8').decode(bytes);
  return text.replace(/\0[\s\S]*$/, '').trim();
}
