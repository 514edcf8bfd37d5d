/** How much a file under examination may make us do. */

export interface CheckLimits {
  /** Everything that is inflated, in all; the default grows with the file. */
  inflatedBytes: number;
  /** One header block, of WARC or of HTTP. */
  headerBytes: number;
  /** A document that is read whole: datapackage, page list, one line of an index. */
  documentBytes: number;
  entries: number;
  records: number;
}

export function limitsFor(fileBytes: number): CheckLimits {
  return {
    inflatedBytes: 2 ** 30 + 100 * fileBytes,
    headerBytes: 2 ** 20,
    documentBytes: 64 * 2 ** 20,
    entries: 10_000,
    records: 2_000_000,
  };
}

/** The file wants more of us than any honest one does. */
export class OverLimit extends Error {
  override name = 'OverLimit';
}

/** Counts what is inflated, and what is read again, over the whole file. */
export class Budget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) {
      throw new OverLimit('it makes us read far more than files of its size hold: a bomb');
    }
  }
}
