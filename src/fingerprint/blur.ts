/**
 * From a picture to the 64 by 64 block that PDQ looks at: two passes of a box filter along
 * rows and columns (a tent, "Jarosz filter"), then one sample for each cell.
 *
 * Exact to the reference means its order of float32 operations: one running sum a line,
 * the entering value added before the leaving one is taken away, then one division.
 */

export const side = 64;

/** Rounding to float32 after each operation is what the typed arrays and `fround` are for. */
const { fround } = Math;

/** @param luma float32, row-major, `width` by `height`; is overwritten */
export function blockOf(luma: Float32Array, width: number, height: number): Float32Array {
  if (width === side && height === side) return luma;
  const other = new Float32Array(luma.length);
  const alongRows = Math.floor((width + 127) / 128);
  const alongColumns = Math.floor((height + 127) / 128);
  boxRows(luma, other, width, height, alongRows);
  boxColumns(other, luma, width, height, alongColumns);
  boxRows(luma, other, width, height, alongRows);
  boxColumns(other, luma, width, height, alongColumns);
  return decimate(luma, width, height);
}

function decimate(luma: Float32Array, width: number, height: number): Float32Array {
  const block = new Float32Array(side * side);
  for (let i = 0; i < side; i++) {
    const row = Math.floor(((i + 0.5) * height) / side) * width;
    for (let j = 0; j < side; j++) {
      block[i * side + j] = luma[row + Math.floor(((j + 0.5) * width) / side)] as number;
    }
  }
  return block;
}

/** The mean of inputs `i - before` to `i + after` of each row, as far as they exist. */
function boxRows(
  from: Float32Array,
  to: Float32Array,
  width: number,
  height: number,
  window: number,
) {
  const { before, after } = reach(window, width);
  for (let row = 0; row < height; row++) {
    const start = row * width;
    let sum = 0;
    for (let i = 0; i < after; i++) sum = fround(sum + (from[start + i] as number));
    for (let i = 0; i < width; i++) {
      if (i + after < width) sum = fround(sum + (from[start + i + after] as number));
      if (i - before > 0) sum = fround(sum - (from[start + i - before - 1] as number));
      const terms = Math.min(i + after, width - 1) - Math.max(i - before, 0) + 1;
      to[start + i] = sum / terms;
    }
  }
}

/** The same along columns: all columns together, so that memory is read in its order. */
function boxColumns(
  from: Float32Array,
  to: Float32Array,
  width: number,
  height: number,
  window: number,
) {
  const { before, after } = reach(window, height);
  const sums = new Float32Array(width);
  for (let i = 0; i < after; i++) addRow(sums, from, i * width);
  for (let i = 0; i < height; i++) {
    const entering = i + after < height ? (i + after) * width : -1;
    const leaving = i - before > 0 ? (i - before - 1) * width : -1;
    if (entering >= 0) addRow(sums, from, entering);
    if (leaving >= 0) takeRow(sums, from, leaving);
    const terms = Math.min(i + after, height - 1) - Math.max(i - before, 0) + 1;
    const start = i * width;
    for (let column = 0; column < width; column++) {
      to[start + column] = (sums[column] as number) / terms;
    }
  }
}

function addRow(sums: Float32Array, from: Float32Array, start: number) {
  for (let column = 0; column < sums.length; column++) {
    sums[column] = (sums[column] as number) + (from[start + column] as number);
  }
}

function takeRow(sums: Float32Array, from: Float32Array, start: number) {
  for (let column = 0; column < sums.length; column++) {
    sums[column] = (sums[column] as number) - (from[start + column] as number);
  }
}

/** Even windows reach one further forward than back: 4 is `i - 1` to `i + 2`. */
function reach(window: number, length: number): { before: number; after: number } {
  const half = Math.floor((window + 2) / 2);
  return { before: Math.min(window - half, length), after: Math.min(half - 1, length) };
}
