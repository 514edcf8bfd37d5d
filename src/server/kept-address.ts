/**
 * Addresses of captured content, on the origin that has no cookies: each names one file of one
 * capture, shown in one way, to one session, and carries a code that only this process can make.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How a kept file is given: a small or large still, its own bytes to play, quiet HTML, or to save. */
export const ways = ['small', 'large', 'play', 'frame', 'save'] as const;
export type Way = (typeof ways)[number];

export interface KeptFile {
  captureId: string;
  sha256: string;
  mediaType: string;
  sizeBytes: number;
  /** Path inside the capture. */
  name: string;
}

export class KeptAddresses {
  readonly #key = randomBytes(32);

  /** Path below the origin of captured content. */
  pathOf(tag: string, way: Way, file: KeptFile): string {
    const { captureId, sha256, mediaType, sizeBytes, name } = file;
    const said = [
      ...[tag, way, captureId, sha256, mediaType.replace('/', '~'), String(sizeBytes)],
      lastPart(name),
    ];
    return `/${[this.#codeOf(said), ...said].map(encodeURIComponent).join('/')}`;
  }

  /** @returns `null` for a path that was not made here */
  read(path: string): { tag: string; way: Way; file: KeptFile } | null {
    const [code = '', ...said] = path.split('/').slice(1).map(decoded);
    const [given, made] = [Buffer.from(code), Buffer.from(this.#codeOf(said))];
    if (given.length !== made.length || !timingSafeEqual(given, made)) return null;
    const [tag = '', wayName, captureId = '', sha256 = '', type = '', size, name = ''] = said;
    const way = ways.find((one) => one === wayName);
    if (way === undefined) return null;
    const mediaType = type.replace('~', '/');
    return { tag, way, file: { captureId, sha256, mediaType, sizeBytes: Number(size), name } };
  }

  #codeOf(said: string[]): string {
    const text = JSON.stringify(said);
    return createHmac('sha256', this.#key).update(text).digest('base64url').slice(0, 32);
  }
}

/** Never empty, and never a dot alone, which an address would swallow. */
function lastPart(name: string): string {
  const last = name.split('/').at(-1) ?? '';
  return /^\.*$/.test(last) ? 'file' : last;
}

/** What can't be read has no code that fits it. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
