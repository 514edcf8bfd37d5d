/**
 * Views: parts of a picture that get hashes of their own, because PDQ of the whole does
 * not survive a crop, a logo or a caption. A copy that was cropped looks, as a whole, like
 * one of the crops of its original; a copy with a logo still has quarters without it.
 */
import { side } from './blur.ts';
import type { Raster } from './reference-raster.ts';

/** One value a pixel, row-major. */
export interface Grey {
  luma: Float32Array;
  width: number;
  height: number;
}

/** A part of a picture, in fractions of its sides. */
export interface Part {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface View {
  /** `full`, `crop-90`, `crop-80-top-left`, `ratio-4:5`; with `/q1` to `/q4`, a quarter of that. */
  name: string;
  part: Part;
}

/** The same weights as PDQ's own: red 0.299, green 0.587, blue 0.114. */
export function greyOf({ data, width, height, channels }: Raster): Grey {
  const luma = new Float32Array(width * height);
  for (let i = 0, at = 0; i < luma.length; i++, at += channels) {
    const first = data[at] as number;
    luma[i] =
      channels < 3
        ? first
        : 0.299 * first + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number);
  }
  return { luma, width, height };
}

export const whole: Part = { left: 0, top: 0, width: 1, height: 1 };
const centreCrops = [0.95, 0.9, 0.85, 0.8];
const cornerCrops = centreCrops;
const corners = {
  'top-left': [0, 0],
  'top-right': [1, 0],
  'bottom-left': [0, 1],
  'bottom-right': [1, 1],
};
const ratios = { '1:1': 1, '4:5': 4 / 5, '9:16': 9 / 16, '16:9': 16 / 9, '4:3': 4 / 3 };
/** A cut to a ratio that the picture nearly has is the picture itself. */
const sameRatio = 0.03;

/**
 * What is indexed of a picture of this size: the whole, its crops and cuts, and quarters of
 * the whole and of the centred crops. With bars around it, also what lies between them.
 */
export function indexedViews(width: number, height: number, inner: Part = whole): View[] {
  const centred = centreCrops.map((keep) => ({
    name: `crop-${Math.round(keep * 100)}`,
    part: cropped(keep, 0.5, 0.5),
  }));
  const cornered = cornerCrops.flatMap((keep) =>
    Object.entries(corners).map(([corner, [x = 0, y = 0]]) => ({
      name: `crop-${Math.round(keep * 100)}-${corner}`,
      part: cropped(keep, x, y),
    })),
  );
  const quartered = [full, ...centred];
  return [
    ...quartered,
    ...cornered,
    ...ratioCuts(width / height),
    ...quartered.flatMap(quartersOf),
    ...withoutBars(inner),
  ];
}

/** What is asked of a picture in question: the whole and its quarters, and the same between its bars. */
export function askedViews(inner: Part = whole): View[] {
  return [full, ...quartersOf(full), ...withoutBars(inner)];
}

const full: View = { name: 'full', part: whole };

function withoutBars(inner: Part): View[] {
  if (inner.width === 1 && inner.height === 1) return [];
  const view = { name: 'without-bars', part: inner };
  return [view, ...quartersOf(view)];
}

function cropped(keep: number, x: number, y: number): Part {
  return { left: (1 - keep) * x, top: (1 - keep) * y, width: keep, height: keep };
}

function ratioCuts(own: number): View[] {
  return Object.entries(ratios)
    .filter(([, ratio]) => Math.abs(ratio / own - 1) > sameRatio)
    .map(([name, ratio]) => {
      const [width, height] = ratio < own ? [ratio / own, 1] : [1, own / ratio];
      return {
        name: `ratio-${name}`,
        part: { left: (1 - width) / 2, top: (1 - height) / 2, width, height },
      };
    });
}

function quartersOf({ name, part }: View): View[] {
  return [0, 1, 2, 3].map((quarter) => ({
    name: `${name}/q${quarter + 1}`,
    part: {
      left: part.left + (part.width / 2) * (quarter % 2),
      top: part.top + (part.height / 2) * (quarter >> 1),
      width: part.width / 2,
      height: part.height / 2,
    },
  }));
}

/** Cuts any part out of one picture as the 64 by 64 block that PDQ looks at, by the mean of what each cell covers. */
export function blockCutter({ luma, width, height }: Grey): (part: Part) => Float32Array {
  const sums = summedArea(luma, width, height);
  return (part) => {
    const columns = edges(part.left, part.width, width);
    const rows = edges(part.top, part.height, height);
    const corner = sumsAt(sums, width, columns, rows);
    const area = (columns.step * rows.step) as number;
    const block = new Float32Array(side * side);
    const line = side + 1;
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) {
        const at = i * line + j;
        const [a, b] = [corner[at] as number, corner[at + 1] as number];
        const [c, d] = [corner[at + line] as number, corner[at + line + 1] as number];
        block[i * side + j] = (d - b - c + a) / area;
      }
    }
    return block;
  };
}

interface Edges {
  step: number;
  at: number[];
}

/** Where the 64 cells begin and end, in pixels. */
function edges(start: number, share: number, pixels: number): Edges {
  const step = (share * pixels) / side;
  const at = Array.from({ length: side + 1 }, (_, i) =>
    Math.min(start * pixels + i * step, pixels),
  );
  return { step, at };
}

/** Element (x, y) is the sum of all left of and above it: one row and one column more than the picture. */
function summedArea(luma: Float32Array, width: number, height: number): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += luma[y * width + x] as number;
      const at = (y + 1) * (width + 1) + x + 1;
      sums[at] = (sums[at - width - 1] as number) + row;
    }
  }
  return sums;
}

/** The summed area at each crossing of the edges; between pixels it grows linearly. */
function sumsAt(sums: Float64Array, width: number, columns: Edges, rows: Edges): Float64Array {
  const found = new Float64Array((side + 1) ** 2);
  let to = 0;
  for (const y of rows.at) {
    const top = Math.min(Math.floor(y), sums.length / (width + 1) - 2);
    const down = y - top;
    for (const x of columns.at) {
      const left = Math.min(Math.floor(x), width - 1);
      const right = x - left;
      const at = top * (width + 1) + left;
      const upper = mix(sums[at] as number, sums[at + 1] as number, right);
      const lower = mix(sums[at + width + 1] as number, sums[at + width + 2] as number, right);
      found[to++] = mix(upper, lower, down);
    }
  }
  return found;
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
