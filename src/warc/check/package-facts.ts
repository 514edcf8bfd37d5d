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

/** What others that name a record say of it, too. */
export type NamedRecord = Pick<
  ExaminedRecord,
  'type' | 'target' | 'date' | 'status' | 'payloadSha256'
>;

export interface Link {
  subject: string;
  from: NamedRecord;
  /** Ids. */
  to: string[];
}

export class PackageFacts {
  readonly #records = new Map<string, NamedRecord>();
  readonly #places = new Map<string, Map<number, Place>>();
  readonly links: Link[] = [];
  readonly pageLists: PageList[] = [];
  readonly #addresses = new Set<string>();
  #count = 0;
  #listBytes = 0;

  /** Also those that share an id: they are held all the same. */
  get records(): number {
    return this.#count;
  }

  /** @returns whether a record of this id is there already */
  add(record: ExaminedRecord, subject: string): boolean {
    this.#count += 1;
    const twice = this.#records.has(record.id);
    const { type, target, date, status, payloadSha256 } = record;
    const named = { type, target, date, status, payloadSha256 };
    this.#records.set(record.id, named);
    if (type === 'request' || record.concurrentTo.length > 0) {
      this.links.push({ subject, from: named, to: record.concurrentTo });
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
  recordOf(id: string): NamedRecord | null {
    return this.#records.get(id) ?? null;
  }

  hasAddress(url: string): boolean {
    return this.#addresses.has(url);
  }
}
