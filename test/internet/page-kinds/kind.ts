/** Kinds of pages as the web has them, each with what a visitor sees of it: colours drawn, words, media. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A file of a kind's site; `never`: its server never answers. */
export type KindFile = { type?: string; body: string | Buffer } | 'never';

/** The same, or what answers in its own way. */
export type KindAnswer = KindFile | ((asked: IncomingMessage, answer: ServerResponse) => void);

export interface PageKind {
  name: string;
  /** What it is like, for the table of proofs. */
  what: string;
  /** Where somebody met it, for those that others have told of. */
  source?: string;
  /** Paths of the page's own site; `far` gives an address on another site with the same files. */
  files(far: (path: string) => string): Record<string, KindAnswer>;
  /** Of so many bands (`band`) each is to be seen in a picture of the whole page. */
  bands?: number;
  /** Colours, of how many rows of the picture of the whole page each is seen in, and how exactly. */
  drawn?: [hex: string, rows: number, within?: number][];
  /** Bodies that a visitor was shown, or the files that hold them. */
  seen?: (string | Buffer)[];
  /** Paths of what must be among the media of the visit. */
  media?: string[];
  /** Ends of addresses whose answers are not kept; then no capture is complete. */
  notKept?: string[];
  /** To be found in the text. */
  words?: string[];
  /** To be found in the documents as rendered. */
  markup?: string[];
  /** Never to be found in the text. */
  notWords?: string[];
  /** Notes that it must have; it may have no others. */
  notes?: string[];
  /** Pictures beside the viewport's. */
  pictures?: string[];
  /** Of the picture of the whole page. */
  size?: { width: number; height: number };
  /** What is opened; `/` unless it says otherwise. */
  opens?: string;
  /** Where it takes other limits than those of `visitKind`. */
  limits?: { settleMs?: number; maxHeightPx?: number };
}

/** Colours that no browser and no other band has. */
export function colour(index: number): [number, number, number] {
  return [31 + ((index * 53) % 200), 17 + ((index * 97) % 220), 40 + ((index * 29) % 180)];
}

export function band(index: number, heightPx = 200, text = `band ${index}`): string {
  return `<div style="height:${heightPx}px;background:rgb(${colour(index).join(',')})">${text}</div>`;
}

export function bands(count: number, heightPx = 200, from = 0): string {
  return Array.from({ length: count }, (_, index) => band(from + index, heightPx)).join('');
}

export function html(body: string, head = ''): { body: string } {
  return {
    body: `<!doctype html><html lang=en><meta charset=utf-8><title>A kind of page</title><style>body{margin:0}</style>${head}<body>${body}</body></html>`,
  };
}

export function script(body: string): string {
  return `<script>${body}</script>`;
}

/** `make` for 0, 1, 2 … */
export function times(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join('');
}
