/** What the decoder of pictures may answer. A picture may have broken it: nothing else is taken. */
import { z } from 'zod';

const size = z
  .int()
  .min(0)
  .max(2 ** 31);
const word = z.string().max(200);

export const hello = z.object({ sharp: word, libvips: word });

/** What reads pictures, by version. */
export type PictureLibrary = z.infer<typeof hello>;

export const answered = z.union([
  z.object({ notDecodable: z.string().max(1_000), processorMs: z.number().min(0) }),
  z.object({ found: z.unknown(), processorMs: z.number().min(0) }),
]);

export const pictureFacts = z.object({
  /** As shown: after EXIF orientation. `null` when not even the header can be read. */
  width: size.nullable(),
  height: size.nullable(),
  format: word.nullable(),
  /** EXIF orientation 1–8, where the file has one. */
  orientation: size.nullable(),
  /** Frames of an animation, pages of a document. */
  pages: size,
  /** `srgb`, `cmyk`, `b-w`, `rgb16` … */
  space: word.nullable(),
  /** Bits of a sample: `uchar` 8, `ushort` 16. */
  depth: word.nullable(),
  hasAlpha: z.boolean(),
  /** It brings an ICC profile: its colours are not simply sRGB. */
  hasProfile: z.boolean(),
  /** `av1`, `hevc` in HEIF containers. */
  compression: word.nullable(),
  /**
   * `damaged`: decodes only in part (cut or corrupt). `unreadable`: not at all.
   * `too-many-pixels`, `too-many-bytes`: not decoded, so nothing is known beyond the header, or
   * not even that. `unsupported`: sound as far as its header goes, in a coding that nothing here
   * decodes. `decoder-ended`: it met a limit or was killed over this picture. `file-time-limit`,
   * `job-time-limit`: its time, or that of all pictures of the job, was used up.
   */
  damage: z
    .enum([
      ...(['damaged', 'unreadable', 'unsupported'] as const),
      ...(['too-many-pixels', 'too-many-bytes', 'decoder-ended'] as const),
      ...(['file-time-limit', 'job-time-limit'] as const),
    ])
    .nullable(),
});

export type PictureFacts = z.infer<typeof pictureFacts>;

export const pictureSize = z.object({ width: size, height: size });

export const rasterSize = pictureSize.extend({
  channels: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
});

export const lookFacts = z.object({
  /** 0 to 255. */
  meanLuma: z.number(),
  deviation: z.number(),
  /** Mean strength of edges at a width of 256 pixels: falls where a picture is out of focus or smeared. */
  edges: z.number(),
});

export const metadataFacts = z.object({
  /** As the header says; nothing of it is believed. */
  header: z.record(z.string(), z.unknown()),
  icc: z.object({ sha256: z.hash('sha256'), sizeBytes: size }).nullable(),
  xmp: z.string().nullable(),
  has: z.object({ exif: z.boolean(), iptc: z.boolean() }),
});

export const readableFacts = z.object({
  /** Of the picture, upright. */
  width: size,
  height: size,
  /** How much larger than that the prepared one is. */
  scale: z.number(),
  /** It was dark and has been turned into its negative. */
  inverted: z.boolean(),
  prepared: pictureSize,
});

export const nothing = z.object({});
