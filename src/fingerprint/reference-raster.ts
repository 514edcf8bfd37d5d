/**
 * How the reference of PDQ comes from a picture to its block of 64 by 64: nearest neighbour to
 * 512 by 512, luma, blur. Sums are float32 and in the reference's order.
 */
import { blockOf } from './blur.ts';

/** Pixels of a picture, row-major, 8 bits each; alpha is not looked at. */
export interface Raster {
  data: Uint8Array;
  width: number;
  height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  channels: 1 | 2 | 3 | 4;
}

const { fround } = Math;
const longestSide = 512;

/** Over 512 pixels wide or high, both sides to 512: the ratio is not kept, a short side even grows. */
export function reduced(raster: Raster): Raster {
  const { data, width, height, channels } = raster;
  if (width <= longestSide && height <= longestSide) return raster;
  const small = new Uint8Array(longestSide * longestSide * channels);
  let to = 0;
  for (let y = 0; y < longestSide; y++) {
    const row = Math.floor((y * height) / longestSide) * width;
    for (let x = 0; x < longestSide; x++) {
      const from = (row + Math.floor((x * width) / longestSide)) * channels;
      for (let channel = 0; channel < channels; channel++)
        small[to++] = data[from + channel] as number;
    }
  }
  return { data: small, width: longestSide, height: longestSide, channels };
}

/** The block of a picture at the size that it has. Time grows with the picture. */
export function referenceBlock({ data, width, height, channels }: Raster): Float32Array {
  const luma =
    channels < 3 ? ofGrey(data, width * height, channels) : ofRgb(data, width * height, channels);
  return blockOf(luma, width, height);
}

function ofGrey(data: Uint8Array, pixels: number, channels: number): Float32Array {
  const luma = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) luma[i] = data[i * channels] as number;
  return luma;
}

/** What each level of a channel adds to luma, already rounded as a float32 product is. */
const [redPart, greenPart, bluePart] = [0.299, 0.587, 0.114].map((weight) =>
  Float32Array.from({ length: 256 }, (_, level) => fround(fround(weight) * level)),
) as [Float32Array, Float32Array, Float32Array];

function ofRgb(data: Uint8Array, pixels: number, channels: number): Float32Array {
  const luma = new Float32Array(pixels);
  for (let i = 0, at = 0; i < pixels; i++, at += channels) {
    const red = redPart[data[at] as number] as number;
    const green = greenPart[data[at + 1] as number] as number;
    luma[i] = fround(red + green) + (bluePart[data[at + 2] as number] as number);
  }
  return luma;
}
