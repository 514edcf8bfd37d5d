/**
 * Links of an HTML page, in the order of the document: anchors, embedded posts and players,
 * the page's own canonical address, Open Graph videos, and links that stand in plain text.
 */
import { isId } from '../platforms/x/identity.ts';
import { signatureBehind, signatureIn } from './attribution.ts';
import { unescapeLink } from './clean-link.ts';
import type { FoundLink } from './found-link.ts';
import { type HtmlReader, type HtmlTag, readHtml } from './html-tokens.ts';
import { identifyAddress } from './identify-address.ts';
import { pastedAddress } from './pasted-address.ts';
import { textLinks } from './text-links.ts';

/** A quotation that is still open, with what was found in it. */
interface Quotation {
  isEmbed: boolean;
  links: FoundLink[];
  text: string[];
}

/** More quotations inside each other than this are read as one. */
const deepestQuotation = 16;

const breaking =
  /^(?:p|div|br|hr|li|ul|ol|dl|dt|dd|tr|td|th|table|h[1-6]|blockquote|section|article|header|footer|aside|nav|figure|figcaption|main|pre|form|body)$/;
const videoProperty = /^(?:og:video(?::(?:url|secure_url))?|twitter:player(?::stream)?)$/i;

export function htmlLinks(html: string): FoundLink[] {
  const page = new PageReading();
  readHtml(html, page);
  return page.finish();
}

class PageReading implements HtmlReader {
  private readonly found: FoundLink[] = [];
  private readonly quotations: Quotation[] = [];
  private nestedTooDeep = 0;
  private base: string | undefined;
  /** Text since the last link, not yet searched. */
  private pending: string[] = [];
  /** The anchor just closed: a signature may follow it. */
  private lastAnchor: FoundLink | null = null;
  private inAnchor: FoundLink | null = null;

  open(tag: HtmlTag): void {
    const { name, attributes } = tag;
    if (breaking.test(name)) this.text('\n');
    if (name === 'base') this.base ??= attributes.get('href');
    else if (name === 'a' || name === 'area') this.openAnchor(attributes.get('href'));
    else if (name === 'blockquote') this.openQuotation(attributes.get('class') ?? '');
    else if (name === 'link' && /\bcanonical\b/i.test(attributes.get('rel') ?? '')) {
      this.address(attributes.get('href'));
    } else if (name === 'meta') this.meta(attributes);
    else if (name === 'iframe' || name === 'amp-iframe') this.frame(attributes.get('src'));
    else if (/^(?:https?|twitter):/.test(name)) this.text(`${tag.source}\n`);
    this.embedded(attributes);
  }

  close(name: string): void {
    if (breaking.test(name)) this.text('\n');
    if (name === 'a') this.closeAnchor();
    if (name === 'blockquote') this.closeQuotation();
  }

  text(text: string): void {
    this.quotations.at(-1)?.text.push(text);
    if (this.inAnchor === null) this.pending.push(text);
  }

  finish(): FoundLink[] {
    this.searchText();
    while (this.quotations.length > 0) this.endQuotation();
    return this.found;
  }

  private add(link: FoundLink): void {
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
    for (const link of textLinks(text, false)) this.add(link);
  }

  private openAnchor(href: string | undefined): void {
    this.closeAnchor();
    this.inAnchor = this.address(href);
  }

  private closeAnchor(): void {
    if (this.inAnchor === null) return;
    this.lastAnchor = this.inAnchor;
    this.inAnchor = null;
  }

  /** One address of the page's markup. Without a base, a relative one leads nowhere we know. */
  private address(value: string | undefined): FoundLink | null {
    this.searchText();
    const link = value?.trim() ?? '';
    if (link === '' || link.startsWith('#')) return null;
    const found = addressInMarkup(link, this.base);
    if (found !== null) this.add(found);
    return found;
  }

  private meta(attributes: Map<string, string>): void {
    const property = attributes.get('property') ?? attributes.get('name') ?? '';
    if (videoProperty.test(property)) this.address(attributes.get('content'));
  }

  /** Most frames are advertising and counters: only X's widgets and players are links. */
  private frame(src: string | undefined): void {
    const link = src?.trim() ?? '';
    const found = addressInMarkup(link, this.base);
    if (found === null || !('key' in found)) return;
    if (!found.key.startsWith('x:') && !/\b(?:embed|player|video)s?\b/i.test(link)) return;
    this.searchText();
    this.add(found);
  }

  /** Widgets, rendered or not, carry the number of their post in an attribute. */
  private embedded(attributes: Map<string, string>): void {
    const id = (attributes.get('data-tweet-id') ?? attributes.get('data-tweetid') ?? '').trim();
    if (!isId(id)) return;
    this.searchText();
    this.add({ link: id, key: `x:status:${id}`, facts: {} });
  }

  private openQuotation(classes: string): void {
    this.searchText();
    if (this.quotations.length >= deepestQuotation) {
      this.nestedTooDeep += 1;
      return;
    }
    const isEmbed = /(?:^|\s)twitter-(?:tweet|video)/i.test(classes);
    this.quotations.push({ isEmbed, links: [], text: [] });
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
    const links = (isPost ? quotedPost(quotation.links) : null) ?? quotation.links;
    for (const link of links) {
      if (links !== quotation.links && author !== null && 'key' in link) {
        link.facts.attributedTo = author;
      }
      this.add(link);
    }
  }
}

/**
 * What an embedded post leads to: the last link to a post (the date under it). Everything
 * else in it is the post's own content and comes with its record; its picture's short link
 * says the same again. Only where no such link is left, the short links stand for the post,
 * those of pictures before others.
 */
function quotedPost(links: FoundLink[]): FoundLink[] | null {
  const last = links.findLast((link) => 'key' in link && link.key.startsWith('x:status:'));
  if (last !== undefined) return [last];
  const short = links.filter((link) => 'key' in link && link.key.startsWith('x:tco:'));
  const pictures = short.filter(({ link }) => /^(?:https?:\/\/)?pic\./i.test(link));
  if (pictures.length > 0) return pictures;
  return short.length > 0 ? short : null;
}

function addressInMarkup(link: string, base: string | undefined): FoundLink | null {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) {
    const address = pastedAddress(unescapeLink(link));
    if (address === null) return { link, rejected: 'scheme' };
    return { link, ...(address instanceof URL ? identifyAddress(address) : address) };
  }
  // Written without a scheme, X's hosts are meant as hosts, although browsers disagree.
  if (/^(?:pic\.)?(?:twitter|x)\.com\//i.test(link)) return [...textLinks(link)][0] ?? null;
  if (base === undefined || !URL.canParse(link, base)) return null;
  const resolved = new URL(link, base);
  return /^https?:$/.test(resolved.protocol) ? { link, ...identifyAddress(resolved) } : null;
}
