/** Still pictures: what they are, what they show, and sheets made of them. */
import { writeFile } from 'node:fs/promises';
import type { z } from 'zod';
import { errorCode } from '../../base/errors.ts';
import { type BudgetLimits, TimeBudget } from '../../base/time-budget.ts';
import {
  lookFacts,
  metadataFacts,
  nothing,
  type PictureFacts,
  type PictureLibrary,
  pictureFacts,
  pictureSize,
  rasterSize,
  readableFacts,
} from './answers.ts';
import {
  type Asking,
  Decoder,
  type DecoderLimits,
  type PictureBytes,
  type Question,
  type ReadAnswer,
} from './decoder.ts';
import type { AskName, SheetLayout, StillSize } from './inside/asks.ts';

export type { PictureFacts, PictureLibrary, StillSize };

export interface PicturePixels extends z.infer<typeof rasterSize> {
  data: Uint8Array;
}

export interface PictureLook extends z.infer<typeof lookFacts> {
  /** 64 by 64 grey values. */
  luma64: Uint8Array;
}

export interface PictureMetadata extends Omit<z.infer<typeof metadataFacts>, 'has'> {
  exif: Uint8Array | null;
  iptc: Uint8Array | null;
}

export interface ReadablePicture extends Omit<z.infer<typeof readableFacts>, 'prepared'> {
  /** One byte a pixel, as prepared but for the negative. */
  grey: { data: Uint8Array; width: number; height: number };
}

export interface PlacedPicture {
  /** A JPEG of our own making. */
  path: string;
  left: number;
  top: number;
}

/** The same sheet twice: small to send, and without any loss to print. */
export interface Sheet {
  jpeg: Buffer;
  png: Buffer;
}

/** The largest picture that is decoded takes some seconds; filters of a small one could take hours. */
export const pictureTime: BudgetLimits = { fileMs: 60_000, jobMs: 4 * 60_000, ordinaryMs: 2_000 };

/**
 * Opened for a job, and closed by it: all of its pictures are decoded in one confined process,
 * which is started with the first. Each question may throw what `Decoder.ask` does.
 * @param signal stops whatever is being decoded
 */
export function openPictures(
  signal: AbortSignal,
  { time = pictureTime, ...limits }: Partial<DecoderLimits> & { time?: BudgetLimits } = {},
): Pictures {
  return new Pictures(new Decoder(signal, limits), time, new TimeBudget(time), []);
}

export class Pictures implements AsyncDisposable {
  readonly #decoder: Decoder;
  readonly #time: BudgetLimits;
  readonly #asking: Asking;

  constructor(
    decoder: Decoder,
    time: BudgetLimits,
    budget: TimeBudget,
    signals: readonly AbortSignal[],
  ) {
    this.#decoder = decoder;
    this.#time = time;
    this.#asking = { budget, signals };
  }

  /** The same decoder, stopped by this signal too. Whoever opened the first closes both. */
  until(signal: AbortSignal): Pictures {
    const { budget, signals } = this.#asking;
    return new Pictures(this.#decoder, this.#time, budget, [...signals, signal]);
  }

  /** The same decoder for another job, with time of its own. Whoever opened the first closes both. */
  forAnotherJob(): Pictures {
    const { signals } = this.#asking;
    return new Pictures(this.#decoder, this.#time, new TimeBudget(this.#time), signals);
  }

  /** What reads pictures here, as the decoder says of itself: started, if it isn't running. */
  library(): Promise<PictureLibrary> {
    return this.#decoder.library();
  }

  /** The same of the decoder that was last at work; `null`: none was. */
  get used(): PictureLibrary | null {
    return this.#decoder.used;
  }

  /** Spent on these pictures so far. */
  get processorMs(): number {
    return this.#decoder.processorMs;
  }

  #ask<Name extends AskName, Read>(
    question: Question<Name>,
    read: ReadAnswer<Read>,
  ): Promise<Read> {
    return this.#decoder.ask(question, read, this.#asking);
  }

  /** Dimensions and soundness of a picture, whatever is in the file. */
  async describe(path: string): Promise<PictureFacts> {
    try {
      const question = { ask: 'describe', options: {}, about: [path] } as const;
      return await this.#ask(question, (found) => pictureFacts.parse(found));
    } catch (error) {
      if (!isOfPicture(error)) throw error;
      const { code } = error;
      return { ...nothingKnown, damage: code === 'not-decodable' ? 'unreadable' : code };
    }
  }

  /** Width and height of a picture file of our own making. */
  size(path: string): Promise<{ width: number; height: number }> {
    const question = { ask: 'size', options: {}, about: [path] } as const;
    return this.#ask(question, (found) => pictureSize.parse(found));
  }

  /**
   * The pixels of a picture, for hashing: all of them as they are stored or, with a longest side
   * given, upright and reduced to it. A damaged picture gives what decodes.
   */
  pixels(path: string, longestSide: number | null = null): Promise<PicturePixels> {
    const question = { ask: 'pixels', options: { longestSide }, about: [path] } as const;
    return this.#ask(question, (found, [data]) => {
      const size = rasterSize.parse(found);
      return { ...size, data: exactly(data, size.width * size.height * size.channels) };
    });
  }

  /** How bright and how sharp a picture of our own making is. */
  look(path: string): Promise<PictureLook> {
    const question = { ask: 'look', options: {}, about: [path] } as const;
    return this.#ask(question, (found, [luma64]) => ({
      ...lookFacts.parse(found),
      luma64: exactly(luma64, 64 * 64),
    }));
  }

  /** Everything that a picture says about itself. `null` when not even its header can be read. */
  metadata(path: string): Promise<PictureMetadata | null> {
    const question = { ask: 'metadata', options: {}, about: [path] } as const;
    const read = this.#ask(question, (found, [exif = null, iptc = null]) => {
      const { has, ...said } = metadataFacts.parse(found);
      return { ...said, exif: has.exif ? exif : null, iptc: has.iptc ? iptc : null };
    });
    return read.catch(nullWhereUndecodable);
  }

  /**
   * Writes a picture as OCR reads it best: grey, upright, dark on light, of a middling size.
   * Of an animation the first frame.
   */
  async prepareForReading(path: string, target: string): Promise<ReadablePicture> {
    const question = { ask: 'readable', options: {}, about: [path] } as const;
    const { png, ...readable } = await this.#ask(question, (found, [png, data]) => {
      const { prepared, ...facts } = readableFacts.parse(found);
      const grey = { ...prepared, data: exactly(data, prepared.width * prepared.height) };
      return { ...facts, grey, png: present(png) };
    });
    await writeFile(target, png);
    return readable;
  }

  /** The first frame, upright and no larger than this, as WebP. `null` for what does not decode. */
  still(path: string, size: StillSize): Promise<Uint8Array<ArrayBuffer> | null> {
    const question = { ask: 'still', options: size, about: [path] } as const;
    const made = this.#ask(question, (_, [webp]) => new Uint8Array(present(webp)));
    return made.catch((error: unknown) => (isOfPicture(error) ? null : Promise.reject(error)));
  }

  /** Lays pictures on a white ground and a drawing (SVG, of the same size) over them. */
  sheet(
    { width, height }: Pick<SheetLayout, 'width' | 'height'>,
    pictures: PlacedPicture[],
    drawing: Buffer,
  ): Promise<Sheet> {
    const places = pictures.map(({ left, top }) => ({ left, top }));
    const about: PictureBytes[] = [...pictures.map(({ path }) => path), drawing];
    const question = { ask: 'sheet', options: { width, height, places }, about } as const;
    return this.#ask(question, (found, [jpeg, png]) => {
      nothing.parse(found);
      return { jpeg: present(jpeg), png: present(png) };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#decoder[Symbol.asyncDispose]();
  }
}

const nothingKnown = {
  ...{ width: null, height: null, format: null, orientation: null, pages: 1 },
  ...{ space: null, depth: null, hasAlpha: false, hasProfile: false, compression: null },
};

const ofTime = ['file-time-limit', 'job-time-limit'] as const;
const ofPicture = ['not-decodable', 'too-many-bytes', 'decoder-ended', ...ofTime] as const;

export type OfPicture = (typeof ofPicture)[number];

/** It lies in the picture that nothing can be had of it: the next one may well decode. */
export function isOfPicture(error: unknown): error is { code: OfPicture } {
  return ofPicture.some((code) => code === errorCode(error));
}

/** Time for it, or for all pictures of the job, is used up. */
export function isOfTime(error: unknown): error is { code: (typeof ofTime)[number] } {
  return ofTime.some((code) => code === errorCode(error));
}

function nullWhereUndecodable(error: unknown): null {
  if (errorCode(error) !== 'not-decodable') throw error;
  return null;
}

function present(block: Buffer | undefined): Buffer {
  if (block === undefined) throw new RangeError('an answer without its bytes');
  return block;
}

function exactly(block: Buffer | undefined, sizeBytes: number): Buffer {
  const bytes = present(block);
  if (bytes.length !== sizeBytes)
    throw new RangeError(`${bytes.length} bytes where ${sizeBytes} were told`);
  return bytes;
}
