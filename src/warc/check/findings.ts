/** What a check of a web archive found: boxes of the standards, each with what broke it. */

/** The boxes, in the order in which they are reported. */
export const boxes = {
  zip: 'the file is a sound zip: names, places, checksums',
  'zip-stored': 'archives and compressed indexes are stored, not deflated',
  package: 'datapackage.json has what WACZ 1.1.1 demands',
  'package-files': 'datapackage.json lists exactly the files of the package',
  'package-hashes': 'every file has the length and the hash that datapackage.json says',
  'package-digest': 'datapackage-digest.json has the hash of datapackage.json',
  signature: 'the signature over the package is good',
  pages: 'pages are listed as they should be',
  'warc-form': 'records are whole, with the named fields that WARC demands',
  'warc-fields': 'named fields stand only where WARC allows them',
  'warc-http': 'requests and responses hold HTTP, with headers that fit the body',
  'warc-block-digests': 'every block has its digest',
  'warc-payload-digests': 'every payload has its digest',
  'warc-links': 'records that refer to others refer to some that are there',
  'warc-members': 'each record of a compressed archive is a gzip member of its own',
  'page-info': 'every request that a page list calls recorded has its record',
  'index-form': 'index lines have what CDXJ demands',
  'index-order': 'the index is sorted by bytes',
  'index-places': 'every index line leads to exactly the record it tells of',
  'index-whole': 'every answer that can be replayed is in the index',
} as const;

export type Box = keyof typeof boxes;

export interface Finding {
  /** A fault breaks a demand of the standards, or shows changed bytes; a note is worth knowing. */
  level: 'fault' | 'note';
  box: Box;
  /** File, record or line. */
  subject: string;
  message: string;
}

export interface BoxResult {
  box: Box;
  meaning: string;
  /** `none`: there was nothing to look at. */
  result: 'ok' | 'fault' | 'none';
  /** How many things were looked at. */
  examined: number;
  faults: number;
  notes: number;
}

/** A hostile file must not fill memory with its faults: more are counted, not listed. */
const listedPerBox = 100;

export class Findings {
  readonly list: Finding[] = [];
  readonly #counts = new Map<Box, { examined: number; faults: number; notes: number }>();

  examined(box: Box, count = 1): void {
    this.#of(box).examined += count;
  }

  fault(box: Box, subject: string, message: string): void {
    const counts = this.#of(box);
    counts.faults += 1;
    if (counts.faults <= listedPerBox) this.#add('fault', box, subject, message);
  }

  note(box: Box, subject: string, message: string): void {
    const counts = this.#of(box);
    counts.notes += 1;
    if (counts.notes <= listedPerBox) this.#add('note', box, subject, message);
  }

  get faults(): number {
    return [...this.#counts.values()].reduce((sum, { faults }) => sum + faults, 0);
  }

  results(): BoxResult[] {
    return (Object.keys(boxes) as Box[]).map((box) => {
      const { examined, faults, notes } = this.#of(box);
      const result = faults > 0 ? 'fault' : examined > 0 ? 'ok' : 'none';
      return { box, meaning: boxes[box], result, examined, faults, notes };
    });
  }

  #add(level: Finding['level'], box: Box, subject: string, message: string): void {
    this.list.push({ level, box, subject: subject.slice(0, 500), message: message.slice(0, 500) });
  }

  #of(box: Box) {
    let counts = this.#counts.get(box);
    if (counts === undefined) {
      counts = { examined: 0, faults: 0, notes: 0 };
      this.#counts.set(box, counts);
    }
    return counts;
  }
}
