/** Stills of kept pictures, made when they are asked for. Kept in memory alone: what is removed by order leaves nothing. */
import { openPictures, type Pictures } from '../media/pictures/pictures.ts';
import type { Vault } from '../vault/vault.ts';
import type { Way } from './kept-address.ts';

const sizes = {
  small: { width: 320, height: 240, fit: 'cover' },
  large: { width: 1400, height: 16_000, fit: 'inside' },
} as const;

const mostBytes = 64 * 1024 * 1024;
/** Somebody waits for it, and for those behind it. */
const time = { fileMs: 10_000, jobMs: 10_000, ordinaryMs: 0 };

export class SmallPictures implements AsyncDisposable {
  readonly #vault: Pick<Vault, 'path' | 'has'>;
  /** The one that was asked for last stands last. */
  readonly #made = new Map<string, Uint8Array<ArrayBuffer>>();
  #bytes = 0;
  /** The same bytes will not be drawn another time either. */
  readonly #undrawable = new Set<string>();
  readonly #closing = new AbortController();
  /** Decodes one after the other. */
  readonly #pictures: Pictures = openPictures(this.#closing.signal, { time });

  constructor(vault: Pick<Vault, 'path' | 'has'>) {
    this.#vault = vault;
  }

  /** Whoever still waits for one gets none. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#pictures[Symbol.asyncDispose]();
  }

  /**
   * @returns WebP of the first frame; `null` for what can't be drawn
   * @throws NotFoundError `object-missing`
   */
  async still(
    sha256: string,
    way: Extract<Way, keyof typeof sizes>,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const path = await this.#vault.path(sha256);
    const key = `${way} ${sha256}`;
    const known = this.#made.get(key);
    if (known !== undefined) return this.#remember(key, known);
    if (this.#undrawable.has(sha256)) return null;
    const made = await this.#pictures.forAnotherJob().still(path, sizes[way]);
    if (made !== null) return this.#remember(key, made);
    this.#undrawable.add(sha256);
    return null;
  }

  #remember(key: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (!this.#made.delete(key)) this.#bytes += bytes.length;
    this.#made.set(key, bytes);
    for (const [oldest, { length }] of this.#made) {
      if (this.#bytes <= mostBytes || oldest === key) break;
      this.#made.delete(oldest);
      this.#bytes -= length;
    }
    return bytes;
  }
}
