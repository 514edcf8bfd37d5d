/**
 * Links of an HTML page, in the order of the document: anchors, embedded posts and players,
 * the page's own canonical address, Open Graph videos, and links that stand in plain text.
 */
import { signatureBehind, signatureIn } from './attribution.ts';
import { unescapeLink } from './clean-link.ts';
import { embedOf } from './embeds.ts';
import type { FoundLink } from './found-link.ts';
import { type HtmlReader, type HtmlTag, readHtml } from './html-tokens.ts';
import { identifyAddress } from './identify-address.ts';
import { isBareHostOfX, isRelative, pageAddress } from './page-address.ts';
import { PageOutline } from './page-outline.ts';
import { pastedAddress } from './pasted-address.ts';
import { placeLinks, type StandingLink } from './place-links.ts';
import type { PlacedLink } from './placed-link.ts';
import { isPostOrFile } from './sites.ts';
import { isAside } from './surroundings.ts';
import { textLinks } from './text-links.ts';

/** A quotation that is still open, with what was found in it. */
interface Quotation {
  isEmbed: boolean;
  /** How many containers of each kind were open around it: where one of these ends, it ends too. */
  around: Map<string, number>;
  links: StandingLink[];
  text: string[];
}

/** More quotations inside each other than this are read as one. */
const deepestQuotation = 16;

const breaking =
  /^(?:p|div|br|hr|li|ul|ol|dl|dt|dd|tr|td|th|table|h[1-6]|blockquote|section|article|header|footer|aside|nav|figure|figcaption|main|pre|form|body)$/;
const container =
  /^(?:div|section|article|aside|main|header|footer|nav|figure|table|tr|td|ul|ol|li|body)$/;
const framed = /^(?:(?:amp-)?iframe|object|embed)$/;
const videoProperty = /^(?:og:video(?::(?:url|secure_url))?|twitter:player(?::stream)?)$/i;

export function htmlLinks(html: string): PlacedLink[] {
  const page = new PageReading(pageAddress(html).base);
  readHtml(html, page);
  return page.finish();
}

class PageReading implements HtmlReader {
  private readonly found: StandingLink[] = [];
  private readonly outline = new PageOutline();
  private readonly quotations: Quotation[] = [];
  private nestedTooDeep = 0;
  private readonly containers = new Map<string, number>();
  /** An address of the page, as it says it itself. */
  private own: string | null = null;
  /** Text since the last link, not yet searched. */
  private pending: string[] = [];
  /** The anchor just closed: a signature may follow it. */
  private lastAnchor: FoundLink | null = null;
  private inAnchor: FoundLink | null = null;

  /** What relative links are resolved against. */
  private readonly base: string | null;
  /** Of a frame in the page: frames in that one are not looked into. */
  private readonly isInline: boolean;

  constructor(base: string | null, isInline = false) {
    this.base = base;
    this.isInline = isInline;
  }

  open(tag: HtmlTag): void {
    const { name, attributes } = tag;
    if (breaking.test(name)) this.text('\n');
    if (this.outline.isBoundary(tag)) this.searchText();
    this.outline.open(tag);
    if (container.test(name)) this.containers.set(name, this.openContainers(name) + 1);
    if (name === 'a' || name === 'area') this.openAnchor(attributes);
    else if (name === 'blockquote') this.openQuotation(attributes.get('class') ?? '');
    else if (name === 'link' && /\bcanonical\b/i.test(attributes.get('rel') ?? '')) {
      this.own ??= attributes.get('href') ?? null;
      this.address(attributes.get('href'), 'own');
    } else if (name === 'meta') this.meta(attributes);
    else if (framed.test(name)) this.frame(attributes);
    else if (/^(?:https?|twitter):/.test(name)) this.text(`${tag.source}\n`);
    this.embedded(tag);
  }

  close(name: string): void {
    if (breaking.test(name)) this.text('\n');
    if (this.outline.endsRegion(name)) this.searchText();
    if (name === 'a') this.closeAnchor();
    if (name === 'blockquote') this.closeQuotation();
    if (container.test(name)) this.closeContainer(name);
    this.outline.close(name);
  }

  text(text: string): void {
    this.quotations.at(-1)?.text.push(text);
    this.outline.text(text);
    if (this.inAnchor === null) this.pending.push(text);
  }

  finish(): PlacedLink[] {
    this.searchText();
    while (this.quotations.length > 0) this.endQuotation();
    return placeLinks(this.found, this.outline.finish(), this.own ?? this.base);
  }

  private add(found: FoundLink, as: StandingLink['as']): void {
    const standing = this.outline.stand(as === 'pasted');
    this.keep({ found, as, standing });
  }

  private keep(link: StandingLink): void {
    (this.quotations.at(-1)?.links ?? this.found).push(link);
  }

  /** Searches the text up to here, so that links come in the order of the document. */
  private searchText(): void {
    const text = this.pending.join('');
    this.pending = [];
    const anchor = this.lastAnchor;
    this.lastAnchor = null;
    if (anchor !== null && 'key' in anchor && anchor.key.startsWith('x:')) {
      const author = signatureBehind(text, 0);
      if (author !== null) anchor.facts.attributedTo = author;
    }
    for (const link of textLinks(text, false)) this.add(link, 'pasted');
  }

  private openAnchor(attributes: Map<string, string>): void {
    this.closeAnchor();
    const as = isAside(attributes.get('rel')) ? 'aside' : 'anchor';
    this.inAnchor = this.address(attributes.get('href'), as);
  }

  private closeAnchor(): void {
    if (this.inAnchor === null) return;
    this.lastAnchor = this.inAnchor;
    this.inAnchor = null;
  }

  /** One address of the page's markup. Without a base, a relative one leads nowhere we know. */
  private address(value: string | undefined, as: StandingLink['as']): FoundLink | null {
    this.searchText();
    const link = value?.trim() ?? '';
    if (link === '' || link.startsWith('#')) return null;
    const found = addressInMarkup(link, this.base);
    if (found !== null) this.add(found, as);
    return found;
  }

  private meta(attributes: Map<string, string>): void {
    const property = attributes.get('property') ?? attributes.get('name') ?? '';
    if (videoProperty.test(property)) this.address(attributes.get('content'), 'embed');
    if (/^og:url$/i.test(property)) this.own ??= attributes.get('content') ?? null;
  }

  /** Most frames are advertising and counters: only X's widgets and players are links. */
  private frame(attributes: Map<string, string>): void {
    if (/\bmastodon-embed\b/.test(attributes.get('class') ?? '')) return; // its post is read elsewhere
    this.inlineDocument(attributes.get('srcdoc') ?? '');
    const link = (lazily(attributes) ?? '').trim();
    const found = addressInMarkup(link, this.base);
    if (found === null || !('key' in found)) return;
    const isPlayer = /\b(?:embed|player|video)s?\b/i.test(link) || isPostOrFile(found.key);
    if (!found.key.startsWith('x:') && !isPlayer) return;
    this.searchText();
    this.add(found, 'embed');
  }

  /** A document written into its frame: as a rule a picture that leads to a player. */
  private inlineDocument(html: string): void {
    if (html === '' || this.isInline) return;
    const inner = new PageReading(this.base, true);
    readHtml(html, inner);
    for (const { found } of inner.finish())
      if ('key' in found && isPostOrFile(found.key)) {
        this.searchText();
        this.add(found, 'embed');
      }
  }

  /** Widgets, rendered or not, carry the number or address of their post in an attribute. */
  private embedded(tag: HtmlTag): void {
    const embed = embedOf(tag);
    if (embed === null) return;
    this.searchText();
    if ('address' in embed) this.address(embed.address, 'embed');
    else this.add({ link: embed.post, key: `x:status:${embed.post}`, facts: {} }, 'embed');
  }

  private openQuotation(classes: string): void {
    this.searchText();
    if (this.quotations.length >= deepestQuotation) {
      this.nestedTooDeep += 1;
      return;
    }
    const isEmbed = /(?:^|\s)twitter-(?:tweet|video)/i.test(classes);
    this.quotations.push({ isEmbed, around: new Map(this.containers), links: [], text: [] });
  }

  private openContainers(name: string): number {
    return this.containers.get(name) ?? 0;
  }

  /** What was left open within ends with it, as in a browser; an end of nothing is none. */
  private closeContainer(name: string): void {
    const open = this.openContainers(name);
    if (open === 0) return;
    while (open <= (this.quotations.at(-1)?.around.get(name) ?? 0)) {
      this.nestedTooDeep = 0;
      this.closeQuotation();
    }
    this.containers.set(name, open - 1);
  }

  private closeQuotation(): void {
    this.closeAnchor();
    this.searchText();
    if (this.nestedTooDeep > 0) this.nestedTooDeep -= 1;
    else this.endQuotation();
  }

  private endQuotation(): void {
    const quotation = this.quotations.pop();
    if (quotation === undefined) return;
    const author = signatureIn(quotation.text.join(''));
    const isPost = quotation.isEmbed || author !== null;
    const posts = isPost ? quotedPost(quotation.links) : null;
    for (const link of quotation.links) {
      const isOfPost = posts?.includes(link) === true;
      if (isOfPost) link.as = 'embed';
      if (isOfPost && author !== null && 'key' in link.found)
        link.found.facts.attributedTo = author;
      if (isOfPost || posts === null || (!quotation.isEmbed && !isShort(link))) this.keep(link);
    }
  }
}

/** Of frames that wait until they are seen or allowed: before `src`, which may be a placeholder. */
const lateAddresses = [
  ...['data-src', 'data-lazy-src', 'data-litespeed-src', 'data-cookieblock-src', 'data-cmp-src'],
  'src',
  'data',
];

/** A frame that is loaded once it is seen has its address elsewhere until then. */
function lazily(attributes: Map<string, string>): string | undefined {
  const given = lateAddresses.map((name) => attributes.get(name));
  return given.find(
    (value) => value !== undefined && !/^(?:about:|javascript:|data:|$)/i.test(value),
  );
}

function isShort({ found }: StandingLink): boolean {
  return 'key' in found && found.key.startsWith('x:tco:');
}

/**
 * What an embedded post leads to: the last link to a post (the date under it). Everything
 * else in it is the post's own content and comes with its record; its picture's short link
 * says the same again. Only where no such link is left, the short links stand for the post,
 * those of pictures before others.
 */
function quotedPost(links: StandingLink[]): StandingLink[] | null {
  const hasKey = ({ found }: StandingLink, kind: string) =>
    'key' in found && found.key.startsWith(kind);
  const last = links.findLast((link) => hasKey(link, 'x:status:'));
  if (last !== undefined) return [last];
  const short = links.filter((link) => hasKey(link, 'x:tco:'));
  const pictures = short.filter(({ found }) => /^(?:https?:\/\/)?pic\./i.test(found.link));
  if (pictures.length > 0) return pictures;
  return short.length > 0 ? short : null;
}

function addressInMarkup(link: string, base: string | null): FoundLink | null {
  if (isBareHostOfX(link)) return [...textLinks(link)][0] ?? null;
  if (!isRelative(link)) {
    const address = pastedAddress(unescapeLink(link));
    if (address === null) return { link, rejected: 'scheme' };
    return { link, ...(address instanceof URL ? identifyAddress(address) : address) };
  }
  if (base === null || !URL.canParse(link, base)) return null;
  const resolved = new URL(link, base);
  return /^https?:$/.test(resolved.protocol) ? { link, ...identifyAddress(resolved) } : null;
}
