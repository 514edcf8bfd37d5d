/** Which pixels of a picture are darker, and which lighter, than what lies around them. */
import type { Grey } from './text-evidence.ts';

/** One byte a pixel: 1 is ink. */
export interface Bitmap {
  ink: Uint8Array;
  width: number;
  height: number;
}

/** Half the side of what is around a pixel: as far as the largest letters looked for are high. */
const reachPx = 20;
/** In deviations of what is around: between paper and ink wherever ink is a fifth of it. */
const deviations = 0.8;
/** Grey levels; less than this is no ink. */
const leastContrast = 10;

/** @returns dark ink, and light */
export function inkOf(grey: Grey): [dark: Bitmap, light: Bitmap] {
  const { data, width, height } = grey;
  const dark = new Uint8Array(width * height);
  const light = new Uint8Array(width * height);
  // Sums of the columns around the row in hand; of each, those around the pixel are added up.
  const sums = new Int32Array(width);
  const squares = new Int32Array(width);
  const change = (row: number, sign: 1 | -1) => {
    for (let x = 0, at = row * width; x < width; x++, at++) {
      const value = data[at] as number;
      sums[x] = (sums[x] as number) + sign * value;
      squares[x] = (squares[x] as number) + sign * value * value;
    }
  };
  for (let y = 0; y < Math.min(reachPx, height); y++) change(y, 1);
  for (let y = 0; y < height; y++) {
    if (y + reachPx < height) change(y + reachPx, 1);
    if (y - reachPx > 0) change(y - reachPx - 1, -1);
    const rows = Math.min(height - 1, y + reachPx) - Math.max(0, y - reachPx) + 1;
    let [sum, square, columns] = [0, 0, 0];
    for (let x = 0; x < Math.min(reachPx, width); x++) {
      sum += sums[x] as number;
      square += squares[x] as number;
      columns++;
    }
    for (let x = 0, at = y * width; x < width; x++, at++) {
      if (x + reachPx < width) {
        sum += sums[x + reachPx] as number;
        square += squares[x + reachPx] as number;
        columns++;
      }
      if (x - reachPx > 0) {
        sum -= sums[x - reachPx - 1] as number;
        square -= squares[x - reachPx - 1] as number;
        columns--;
      }
      const count = rows * columns;
      const mean = sum / count;
      const spread = deviations * Math.sqrt(Math.max(0, square / count - mean * mean));
      const off = (data[at] as number) - mean;
      const far = spread > leastContrast ? spread : leastContrast;
      if (off < -far) dark[at] = 1;
      else if (off > far) light[at] = 1;
    }
  }
  return [
    { ink: dark, width, height },
    { ink: light, width, height },
  ];
}
