/** Which of a page's marks to believe, by how much it says and where. */

/** A part of the page that surrounds the article, unless it holds most of what the page says. */
export interface Region {
  outer: Region | null;
  isNamedOnly: boolean;
  words: number;
}

/** Where one link stands. */
export interface Standing {
  region: Region | null;
  isInMain: boolean;
  /** The innermost article around it, and how much it says. */
  article: { words: number } | null;
  /** In a sentence, and not alone in its block. */
  isInProse: boolean;
  /** The links of a block that is hardly more than links; null where it stands otherwise. */
  list: Standing[] | null;
}

const fewWords = 160;
const teaser = 300;

export class PageWords {
  readonly #words: number;
  readonly #hasMain: boolean;
  readonly #known = new Map<Region, boolean>();

  constructor(words: number, mainWords: number) {
    this.#words = words;
    this.#hasMain = mainWords >= fewWords || (mainWords > 0 && mainWords > words / 3);
  }

  /** It says enough to be an article, and more than a list of links. */
  get isArticle(): boolean {
    return this.#words >= teaser;
  }

  get hasMain(): boolean {
    return this.#hasMain;
  }

  surrounds({ region, isInMain }: Standing): boolean {
    return (this.#hasMain && !isInMain) || this.#isAround(region);
  }

  /** In a short article beside a longer one: a card that leads to another page. */
  isTeaser({ article }: Standing): boolean {
    return article !== null && article.words < Math.min(teaser, this.#words / 4);
  }

  /** From the outside in, each once. */
  #isAround(region: Region | null): boolean {
    const chain: Region[] = [];
    for (let at = region; at !== null && !this.#known.has(at); at = at.outer) chain.push(at);
    for (const one of chain.toReversed()) {
      const isOuter = one.outer !== null && this.#known.get(one.outer) === true;
      this.#known.set(one, isOuter || !this.#holdsThePage(one));
    }
    return region !== null && this.#known.get(region) === true;
  }

  /** What is named a sidebar and says most of the page has one, and is none. */
  #holdsThePage({ words, isNamedOnly }: Region): boolean {
    return words >= fewWords && words > this.#words * (isNamedOnly ? 0.4 : 0.7);
  }
}
