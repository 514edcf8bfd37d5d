/** Copies that are held of a picture, video or sound. */

/** What is held that is like one file. */
export interface SimilarAnswer {
  /** What was asked about. */
  sha256: string;
  name: string;
  /** `null` for what is no video. */
  frames: FramesAsked | null;
  similar: SimilarFile[];
  /** The same sound, whatever is seen: reported apart. */
  sounds: SimilarSound[];
}

/** How many of a video's frames the index was asked about. */
export interface FramesAsked {
  hashedFrames: number;
  /** Without featureless frames, and those within `stillWithin` bits of the one kept before. */
  distinctFrames: number;
  /** At most `mostAskedFrames`, evenly spread. */
  askedFrames: number;
}

/** A picture or video in captures that shows the same. Times are milliseconds. */
export interface SimilarFile {
  sha256: string;
  kind: 'picture' | 'video';
  /** How much of what the index has of this file was found again, 0 to 1. */
  share: number;
  foundMoments: number;
  indexedMoments: number;
  /** The nearest match. */
  best: BestMatch;
  /** First and last moment that match, there and in the file in question; `null` for pictures. */
  span: {
    fromMs: number;
    toMs: number;
    askedFromMs: number | null;
    askedToMs: number | null;
  } | null;
  /** Where its bytes are held, earliest first. */
  places: [Place, ...Place[]];
}

/** The same picture, here ("asked") and there. */
export interface BestMatch {
  /** Of a video, milliseconds from its beginning; `null` for a picture. */
  askedAtMs: number | null;
  atMs: number | null;
  /** Which part was compared: `full`, or a quarter or crop of it. */
  askedView: string;
  view: string;
  /** How the picture in question had to be turned or mirrored; `original`: not at all. */
  turned: string;
  /** PDQ's measure of how much there is to see, 0 to 100. */
  quality: number;
  /** Bits that differ, of 256. */
  distance: number;
  /** How many quarters agree; 0 where a whole view does. */
  quarters: number;
}

/** A medium in captures with the same sound. Times are milliseconds. */
export interface SimilarSound {
  /** Share of bits that differ, 0 to 1. */
  differing: number;
  /** Where the shared sound begins, there and in the sound in question, and how long it is. */
  atMs: number;
  askedAtMs: number;
  lengthMs: number;
  sha256: string;
  /** Where its bytes are held, earliest first. */
  places: [Place, ...Place[]];
}

/** One place where the bytes of a file are held. */
export interface Place {
  sha256: string;
  captureId: string;
  source: string;
  link: string;
  name: string;
  storedAt: Date;
}
