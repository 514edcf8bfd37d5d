/** What the archives of a package hold, as far as its index and page lists need it for comparison. */
import type { ExaminedRecord } from './check-record.ts';
import { OverLimit } from './limits.ts';

/** Page lists are held until every archive has been read. */
const pageListBytes = 256 * 2 ** 20;

export interface Place {
  /** Of the record in the file, its compression included. */
  length: number;
  compressed: boolean;
  mustBeIndexed: boolean;
  indexed: boolean;
}

export interface PageList {
  subject: string;
  content: Buffer;
}

export class PackageFacts {
  /** Target by id of every record that may answer. */
  readonly #targets = new Map<string, string>();
  readonly #places = new Map<string, Map<number, Place>>();
  readonly links: { subject: string; to: string[] }[] = [];
  readonly pageLists: PageList[] = [];
  readonly #addresses = new Set<string>();
  #records = 0;
  #listBytes = 0;

  /** Also those that share an id: they are held all the same. */
  get records(): number {
    return this.#records;
  }

  /** @returns whether a record of this id is there already */
  add(record: ExaminedRecord, subject: string): boolean {
    this.#records += 1;
    const twice = this.#targets.has(record.id);
    this.#targets.set(record.id, record.target ?? '');
    if (record.type === 'request' || record.concurrentTo.length > 0) {
      this.links.push({ subject, to: record.concurrentTo });
    }
    if (record.type !== 'request' && record.target !== null) this.#addresses.add(record.target);
    this.#listBytes += record.pageInfo?.byteLength ?? 0;
    if (this.#listBytes > pageListBytes) throw new OverLimit('page lists of more than 256 MiB');
    if (record.pageInfo !== null) this.pageLists.push({ subject, content: record.pageInfo });
    return twice;
  }

  place(path: string, offset: number, place: Place): void {
    const places = this.#places.get(path) ?? new Map<number, Place>();
    places.set(offset, place);
    this.#places.set(path, places);
  }

  placeAt(path: string, offset: number): Place | null {
    return this.#places.get(path)?.get(offset) ?? null;
  }

  lastPlace(path: string): number | null {
    return [...(this.#places.get(path)?.keys() ?? [])].at(-1) ?? null;
  }

  *places(): Iterable<[path: string, offset: number, place: Place]> {
    for (const [path, places] of this.#places) {
      for (const [offset, place] of places) yield [path, offset, place];
    }
  }

  /** Null when no record has this id. */
  targetOf(id: string): string | null {
    return this.#targets.get(id) ?? null;
  }

  hasAddress(url: string): boolean {
    return this.#addresses.has(url);
  }
}
