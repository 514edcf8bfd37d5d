/** What is asked of the decoder of pictures, and what it is told with it. */

export interface StillSize {
  width: number;
  height: number;
  /** `cover` fills the size from the top; `inside` keeps all of the picture. */
  fit: 'cover' | 'inside';
}

export interface SheetLayout {
  width: number;
  height: number;
  /** Of each picture, in the order of the blocks; the last block is the drawing over all of them. */
  places: { left: number; top: number }[];
}

/** By name; the bytes that each is about come as blocks. */
export interface Asks {
  describe: Record<never, never>;
  size: Record<never, never>;
  look: Record<never, never>;
  metadata: Record<never, never>;
  pixels: { longestSide: number | null };
  readable: Record<never, never>;
  still: StillSize;
  sheet: SheetLayout;
}

export type AskName = keyof Asks;

/** In words of an answer: what was found, or that the picture gives nothing. */
export type Answered =
  | { found: unknown; processorMs: number }
  | { notDecodable: string; processorMs: number };
