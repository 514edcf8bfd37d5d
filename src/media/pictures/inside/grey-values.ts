/** Sums over grey values. Pure. */

export function meanOf(values: Uint8Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / Math.max(1, values.length);
}

export function spreadOf(values: Uint8Array): { meanLuma: number; deviation: number } {
  let squares = 0;
  for (const value of values) squares += value * value;
  const meanLuma = meanOf(values);
  return { meanLuma, deviation: Math.sqrt(Math.max(0, squares / values.length - meanLuma ** 2)) };
}

/** Mean absolute Laplacian. */
export function edgesIn(pixels: Uint8Array, width: number): number {
  const at = (index: number) => pixels[index] as number;
  let sum = 0;
  for (let index = width; index < pixels.length - width; index++) {
    const around = at(index - 1) + at(index + 1) + at(index - width) + at(index + width);
    sum += Math.abs(4 * at(index) - around);
  }
  return sum / pixels.length;
}
