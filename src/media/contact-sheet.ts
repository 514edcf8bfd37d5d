/** A video at a glance: small frames in rows, each with its time, under a header that says of what and by what. */
import { composeSheet } from './pictures.ts';

export interface SheetFrame {
  path: string;
  width: number;
  height: number;
  /** Since the start of the video. */
  atMs: number;
}

export interface SheetHeader {
  sourceName: string;
  sha256: string;
  durationMs: number | null;
  /** What made this sheet, when. */
  madeBy: string;
  everySeconds: number;
  environment: 'live' | 'demo';
  part: { number: number; of: number };
}

export const thumbnailSidePx = 320;
const sheetWidthPx = 2000;
const gapPx = 10;
const labelPx = 28;
const rowsMax = 6;

/** How many frames of this shape go on one sheet. */
export function framesPerSheet(shape: { width: number; height: number }): number {
  return columns(shape.width) * rowsMax;
}

function columns(width: number): number {
  return Math.max(1, Math.floor((sheetWidthPx - gapPx) / (width + gapPx)));
}

/** @returns the sheet as JPEG */
export async function drawContactSheet(
  header: SheetHeader,
  frames: [SheetFrame, ...SheetFrame[]],
): Promise<Buffer> {
  const cell = {
    width: Math.max(...frames.map(({ width }) => width)),
    height: Math.max(...frames.map(({ height }) => height)),
  };
  const perRow = columns(cell.width);
  const top = headerHeight(header);
  const rows = Math.ceil(frames.length / perRow);
  const height = top + rows * (cell.height + labelPx + gapPx) + gapPx;
  const placed = frames.map((frame, index) => ({
    frame,
    left: gapPx + (index % perRow) * (cell.width + gapPx),
    top: top + Math.floor(index / perRow) * (cell.height + labelPx + gapPx),
  }));
  const labels = placed.map(({ frame, left, top }) =>
    text(left, top + frame.height + 21, timeCode(frame.atMs), { size: 18 }),
  );
  const drawing = svg(sheetWidthPx, height, [...headerText(header), ...labels]);
  const pictures = placed.map(({ frame, left, top }) => ({ path: frame.path, left, top }));
  return await composeSheet({ width: sheetWidthPx, height }, pictures, drawing);
}

function headerHeight({ environment }: SheetHeader): number {
  return environment === 'demo' ? 172 : 130;
}

function headerText(header: SheetHeader): string[] {
  const { sourceName, sha256, durationMs, madeBy, everySeconds, part, environment } = header;
  const duration = durationMs === null ? 'length unknown' : `length ${timeCode(durationMs)}`;
  const sheet = part.of > 1 ? `, sheet ${part.number} of ${part.of}` : '';
  const start = environment === 'demo' ? 42 : 0;
  const demonstration =
    environment === 'demo'
      ? [
          `<rect x="0" y="0" width="${sheetWidthPx}" height="42" fill="#8a1c1c"/>`,
          text(gapPx, 30, 'DEMONSTRATION: made from invented material, proves nothing', {
            size: 24,
            weight: 'bold',
            colour: '#ffffff',
          }),
        ]
      : [];
  return [
    ...demonstration,
    text(gapPx, start + 34, `${shortened(sourceName, 90)}${sheet}`, { size: 26, weight: 'bold' }),
    text(gapPx, start + 64, `SHA-256 of the original ${sha256}`, { size: 20 }),
    text(
      gapPx,
      start + 90,
      `${duration}, one frame every ${everySeconds} s, times count from the start of the file`,
      { size: 20 },
    ),
    text(gapPx, start + 116, shortened(madeBy, 150), { size: 18, colour: '#444444' }),
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
}

function text(x: number, y: number, words: string, style: Style): string {
  const { size, weight = 'normal', colour = '#111111' } = style;
  return (
    `<text x="${x}" y="${y}" font-family="DejaVu Sans, Noto Sans, sans-serif" ` +
    `font-size="${size}" font-weight="${weight}" fill="${colour}">${escaped(words)}</text>`
  );
}

/** Names come from strangers: no markup, and no control characters, which XML forbids. */
function escaped(words: string): string {
  return words
    .replace(/[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/g, '')
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
