/** Headers that come again and again, kept once: thousands of requests of one page send the same. */

/** Beyond this many different ones nothing more is shared. */
const mostSets = 2_000;

export class HeaderSets {
  readonly #known = new Map<string, unknown>();

  /** The equal one that came first, else this; nobody may change either. */
  shared<Headers extends object | string>(headers: Headers): Headers {
    const key = JSON.stringify(headers);
    const known = this.#known.get(key) as Headers | undefined;
    if (known === undefined && this.#known.size < mostSets) this.#known.set(key, headers);
    return known ?? headers;
  }
}
