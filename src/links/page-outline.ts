/**
 * Where in a page its links stand, from the plain series of its tags: by what marks the parts of
 * a page (`nav`, `main`, roles, names), and by how much text stands beside the links.
 */
import type { HtmlTag } from './html-tokens.ts';
import { PageWords, type Region, type Standing } from './page-words.ts';
import { isMainPart, surroundsBy } from './surroundings.ts';

interface Block {
  name: string;
  region: Region | null;
  article: { words: number } | null;
  isMain: boolean;
  /** Letters outside links: all, and those that stand directly in the block. */
  words: number;
  ownWords: number;
  linkWords: number;
  ownLinkWords: number;
  ownLinks: Standing[];
  /** Links that stand alone, not yet seen with enough others to tell a list. */
  alone: Standing[];
}

const blocks =
  /^(?:html|body|main|article|section|nav|aside|header|footer|address|dialog|menu|div|p|ul|ol|li|dl|dt|dd|table|tbody|thead|tfoot|tr|td|th|form|fieldset|figure|figcaption|blockquote|h[1-6]|pre|center|details|summary)$/;
/** A new one ends the one that was left open. */
const endsItself = /^(?:p|li|dt|dd|tr|td|th|h[1-6])$/;
const deepest = 1_000;
const listLength = 4;
const sentence = 25;

export class PageOutline {
  readonly #open: Block[] = [block('', null, null, false)];
  readonly #counts = new Map<string, number>();
  #tooDeep = 0;
  #mains = 0;
  #mainWords = 0;
  #isInAnchor = false;

  /** Whether the text before the tag stands elsewhere than that behind it. */
  isBoundary(tag: HtmlTag): boolean {
    return blocks.test(tag.name) && (isMainPart(tag) || surroundsBy(tag) !== null);
  }

  /** The same for the tag that ends a part. */
  endsRegion(name: string): boolean {
    if (/^(?:nav|aside|header|footer|main|article)$/.test(name)) return true;
    const top = this.#top();
    return top.name === name && (top.isMain || top.region !== this.#open.at(-2)?.region);
  }

  open(tag: HtmlTag): void {
    const { name, attributes } = tag;
    if (name === 'a') this.#isInAnchor = attributes.has('href');
    if (!blocks.test(name)) return;
    const top = this.#top().name;
    if (top === 'p' || (top === name && endsItself.test(name))) this.close(top);
    if (this.#open.length >= deepest) {
      this.#tooDeep += 1;
      return;
    }
    const by = surroundsBy(tag);
    const outer = this.#top();
    const region = { outer: outer.region, isNamedOnly: by === 'named', words: 0 };
    const article = name === 'article' ? { words: 0 } : outer.article;
    const isMain = isMainPart(tag);
    if (isMain) this.#mains += 1;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#open.push(block(name, by === null ? outer.region : region, article, isMain));
  }

  close(name: string): void {
    if (name === 'a') this.#isInAnchor = false;
    if (!blocks.test(name)) return;
    if (this.#tooDeep > 0) this.#tooDeep -= 1;
    else if ((this.#counts.get(name) ?? 0) > 0)
      for (let ended = this.#end(); ended !== name; ) ended = this.#end();
  }

  text(text: string): void {
    const words = lettersIn(text);
    const top = this.#top();
    if (this.#isInAnchor) {
      top.linkWords += words;
      top.ownLinkWords += words;
    } else {
      top.words += words;
      top.ownWords += words;
    }
  }

  /** A link stands here. What is said of it holds once the page has ended. */
  stand(isInText: boolean): Standing {
    const { region, article, ownLinks } = this.#top();
    const isInMain = this.#mains > 0;
    const standing = { region, article, isInMain, isInProse: isInText, list: null };
    if (!isInText) ownLinks.push(standing);
    return standing;
  }

  finish(): PageWords {
    while (this.#open.length > 1) this.#end();
    const { words } = this.#top();
    this.#settle(this.#top());
    return new PageWords(words, this.#mainWords);
  }

  #top(): Block {
    return this.#open.at(-1) as Block; // the page itself is never closed
  }

  #end(): string {
    const ended = this.#open.pop() as Block;
    const outer = this.#top();
    this.#counts.set(ended.name, (this.#counts.get(ended.name) ?? 1) - 1);
    this.#settle(ended);
    if (ended.region !== null && ended.region !== outer.region) ended.region.words = ended.words;
    if (ended.article !== null && ended.article !== outer.article)
      ended.article.words = ended.words;
    if (ended.isMain) this.#mains -= 1;
    if (ended.isMain && this.#mains === 0) this.#mainWords += ended.words;
    outer.words += ended.words;
    outer.linkWords += ended.linkWords;
    outer.alone.push(...ended.alone);
    return ended.name;
  }

  /** Says of each link that hasn't been told yet whether it stands in prose or in a list. */
  #settle(ended: Block): void {
    const isProse = ended.ownWords >= sentence && ended.ownLinkWords <= ended.ownWords;
    if (isProse) for (const one of ended.ownLinks) one.isInProse = true;
    else ended.alone = ended.alone.concat(ended.ownLinks);
    if (ended.alone.length < listLength) return;
    const isList = ended.linkWords > ended.words;
    if (isList) for (const one of ended.alone) one.list = ended.alone;
    ended.alone = [];
  }
}

const letters = /[\p{L}\p{N}]/gu;
/** One sign of these says as much as two letters. */
const dense = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/gu;

function lettersIn(text: string): number {
  return (text.match(letters)?.length ?? 0) + (text.match(dense)?.length ?? 0);
}

function block(
  name: string,
  region: Region | null,
  article: Block['article'],
  isMain: boolean,
): Block {
  const empty = { words: 0, ownWords: 0, linkWords: 0, ownLinkWords: 0, ownLinks: [], alone: [] };
  return { name, region, article, isMain, ...empty };
}
