/** Pictures, videos and hashes of the PDQ reference, where they are at hand. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Raster } from '../../src/fingerprint/reference-raster.ts';

export const pdqFolder = fileURLToPath(new URL('../../../shared/fixtures/pdq/', import.meta.url));
export const havePdqFixtures = existsSync(`${pdqFolder}vectors.json`);

interface Vectors {
  exact: { file: string; hash: string; quality: number }[];
  images: {
    file: string;
    exclude?: string;
    expected: Record<string, string | { hash: string; quality: number } | null>;
  }[];
  dihedral_of_bridge1: Record<string, string>;
}

export function pdqVectors(): Vectors {
  if (!havePdqFixtures) return { exact: [], images: [], dihedral_of_bridge1: {} };
  return JSON.parse(readFileSync(`${pdqFolder}vectors.json`, 'utf8'));
}

/** All pixels of a picture as they are stored: not turned, not reduced. */
export async function storedPixels(file: string): Promise<Raster> {
  const { data, info } = await sharp(`${pdqFolder}${file}`)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels as 1 | 2 | 3 | 4 };
}

export interface ExpectedFrame {
  number: number;
  quality: number;
  hash: string;
}

/** What the reference printed for every frame of a video. */
export function vpdqHashes(name: string): ExpectedFrame[] {
  return readFileSync(`${pdqFolder}vpdq/hashes/${name}.txt`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [number, quality, hash = ''] = line.split(',');
      return { number: Number(number), quality: Number(quality), hash };
    });
}
