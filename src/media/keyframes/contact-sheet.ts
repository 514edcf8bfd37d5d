/**
 * A video at a glance, to be printed on A4 across: small frames in rows, each with its time,
 * marks where a shot begins, under a header that says of what and by what.
 */
import type { Environment } from '../../model/capture-record.ts';
import type { Pictures, Sheet } from '../pictures/pictures.ts';

export interface SheetFrame {
  path: string;
  width: number;
  height: number;
  /** Since the start of the video. */
  atMs: number;
  /** Numbers of the shots that began since the frame before this one. */
  shots: number[];
}

export interface SheetHeader {
  /** Where the video came from, and what its file is called. */
  source: string;
  fileName: string;
  sha256: string;
  /** `1920 × 1080`, `h264` and the like. */
  format: string;
  durationMs: number | null;
  /** What made this sheet, when. */
  madeBy: string;
  everySeconds: number;
  environment: Environment;
  part: { number: number; of: number };
}

interface Shape {
  width: number;
  height: number;
}

/** The proportions of A4: a pixel is 0.15 mm there, so 26 pixels are letters of 11 points. */
const sheetPx = { width: 2000, height: 1414 };
const gapPx = 10;
const labelPx = 34;
const labelSize = 26;
/** A time must fit under a narrow frame. */
const narrowestCellPx = 220;
const demonstrationPx = 42;
const headerPx = 152;

/** Frames are fitted into this box: lying ones are as wide as upright ones are high. */
export function thumbnailBox({ width, height }: Shape): Shape {
  return width >= height ? { width: 320, height: 180 } : { width: 180, height: 320 };
}

/** How many frames of a video of this shape go on one sheet. */
export function framesPerSheet(shape: Shape): number {
  const box = thumbnailBox(shape);
  const scale = Math.min(box.width / shape.width, box.height / shape.height);
  const cell = { width: shape.width * scale, height: shape.height * scale };
  const room = sheetPx.height - demonstrationPx - headerPx - gapPx;
  const rows = Math.max(1, Math.floor(room / (cell.height + labelPx + gapPx)));
  return columns(cell.width) * rows;
}

function columns(widthPx: number): number {
  const cell = Math.max(widthPx, narrowestCellPx) + gapPx;
  return Math.max(1, Math.floor((sheetPx.width - gapPx) / cell));
}

export async function drawContactSheet(
  pictures: Pictures,
  header: SheetHeader,
  frames: [SheetFrame, ...SheetFrame[]],
): Promise<Sheet> {
  const widest = Math.max(...frames.map(({ width }) => width));
  const cell = {
    width: Math.max(widest, narrowestCellPx),
    height: Math.max(...frames.map(({ height }) => height)),
  };
  const perRow = columns(widest);
  const top = headerPx + (header.environment === 'demo' ? demonstrationPx : 0);
  const rows = Math.ceil(frames.length / perRow);
  const height = Math.max(sheetPx.height, top + rows * (cell.height + labelPx + gapPx) + gapPx);
  const placed = frames.map((frame, index) => ({
    frame,
    left: gapPx + (index % perRow) * (cell.width + gapPx),
    top: top + Math.floor(index / perRow) * (cell.height + labelPx + gapPx),
  }));
  const drawn = placed.flatMap(({ frame, left, top }) => [
    text(left, top + frame.height + labelSize, timeCode(frame.atMs), {
      size: labelSize,
      weight: 'bold',
    }),
    ...shotMark(frame, left, top),
  ]);
  const drawing = svg(sheetPx.width, height, [...headerText(header), ...drawn]);
  const files = placed.map(({ frame, left, top }) => ({ path: frame.path, left, top }));
  return await pictures.sheet({ width: sheetPx.width, height }, files, drawing);
}

/** In black and white, so that it survives a copying machine. */
function shotMark({ shots, width, height }: SheetFrame, left: number, top: number): string[] {
  const [first, last] = [shots.at(0), shots.at(-1)];
  if (first === undefined || last === undefined) return [];
  const words = first === last ? `SHOT ${first}` : `SHOTS ${first}–${last}`;
  return [
    `<rect x="${left + 3}" y="${top + 3}" width="${width - 6}" height="${height - 6}" fill="none" stroke="#000000" stroke-width="6"/>`,
    `<rect x="${left}" y="${top}" width="${24 + words.length * 16}" height="34" fill="#000000"/>`,
    text(left + 10, top + 26, words, { size: 24, weight: 'bold', colour: '#ffffff' }),
  ];
}

function headerText(header: SheetHeader): string[] {
  const { source, fileName, sha256, format, durationMs, madeBy, everySeconds, part } = header;
  const duration = durationMs === null ? 'length unknown' : `length ${timeCode(durationMs)}`;
  const sheet = part.of > 1 ? `   sheet ${part.number} of ${part.of}` : '';
  const demo = header.environment === 'demo';
  const start = demo ? demonstrationPx : 0;
  const demonstration = demo
    ? [
        `<rect x="0" y="0" width="${sheetPx.width}" height="${demonstrationPx}" fill="#8a1c1c"/>`,
        text(gapPx, 31, 'DEMONSTRATION: made from invented material, proves nothing', {
          size: 26,
          weight: 'bold',
          colour: '#ffffff',
        }),
      ]
    : [];
  return [
    ...demonstration,
    text(gapPx, start + 38, `${shortened(`${source}  ${fileName}`, 84)}${sheet}`, {
      size: 32,
      weight: 'bold',
    }),
    text(gapPx, start + 72, `SHA-256 of the original ${sha256}`, { size: 26, mono: true }),
    text(
      gapPx,
      start + 104,
      `${duration}, ${format}; one frame every ${everySeconds} s, times count from the start of the file`,
      { size: 26 },
    ),
    text(gapPx, start + 136, shortened(`SHOT: the first frame here after a cut. ${madeBy}`, 165), {
      size: 20,
      colour: '#333333',
    }),
  ];
}

/** `00:01:02.345` */
export function timeCode(ms: number): string {
  const sign = ms < 0 ? '-' : '';
  const whole = Math.abs(Math.round(ms));
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const clock = `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1000) % 60)}`;
  return `${sign}${clock}.${String(whole % 1000).padStart(3, '0')}`;
}

function shortened(words: string, maxChars: number): string {
  return words.length <= maxChars ? words : `${words.slice(0, maxChars - 1)}…`;
}

interface Style {
  size: number;
  weight?: 'normal' | 'bold';
  colour?: string;
  mono?: boolean;
}

function text(x: number, y: number, words: string, style: Style): string {
  const { size, weight = 'normal', colour = '#000000', mono = false } = style;
  const family = mono ? 'DejaVu Sans Mono, monospace' : 'DejaVu Sans, Noto Sans, sans-serif';
  return (
    `<text x="${x}" y="${y}" font-family="${family}" ` +
    `font-size="${size}" font-weight="${weight}" fill="${colour}">${escaped(words)}</text>`
  );
}

/** Names come from strangers: no markup, and no control characters, which XML forbids. */
function escaped(words: string): string {
  return words
    .replace(
      /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/g,
      '',
    )
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function svg(width: number, height: number, elements: string[]): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${elements.join('')}</svg>`,
  );
}
