/** Where a page was, as it says itself: what its relative links are relative to. */
import { type HtmlReader, type HtmlTag, readHtml } from './html-tokens.ts';

export interface PageAddress {
  /** What a relative link is resolved against; null: the page doesn't say. */
  base: string | null;
  /** Different relative links of its anchors. */
  relativeLinks: number;
}

/** By `<base>`, else the canonical link, else `og:url`, else the comment of the browser that saved it. */
export function pageAddress(html: string): PageAddress {
  const says = new AddressReading();
  readHtml(html, says);
  const own = [says.canonical, says.openGraph, says.savedFrom].find(isOfTheWeb) ?? null;
  const base = URL.parse(says.base ?? '', own ?? undefined)?.href;
  return { base: isOfTheWeb(base) ? base : own, relativeLinks: says.relativeLinks.size };
}

/** Written without a scheme, X's hosts are meant as hosts, although browsers disagree. */
const hostOfX = /^(?:pic\.)?(?:twitter|x)\.com\//i;

export function isBareHostOfX(link: string): boolean {
  return hostOfX.test(link);
}

/** Needs a base: it has neither scheme nor host, and leads out of the page. */
export function isRelative(link: string): boolean {
  if (link === '' || link.startsWith('#') || isBareHostOfX(link)) return false;
  return !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link);
}

function isOfTheWeb(address: string | undefined): address is string {
  return /^https?:$/.test(URL.parse(address ?? '')?.protocol ?? '');
}

class AddressReading implements HtmlReader {
  base: string | undefined;
  canonical: string | undefined;
  openGraph: string | undefined;
  savedFrom: string | undefined;
  readonly relativeLinks = new Set<string>();

  open({ name, attributes }: HtmlTag): void {
    const href = attributes.get('href')?.trim();
    if (name === 'base') this.base ??= href;
    else if (name === 'link' && /\bcanonical\b/i.test(attributes.get('rel') ?? ''))
      this.canonical ??= href;
    else if (name === 'meta' && /^og:url$/i.test(attributes.get('property') ?? ''))
      this.openGraph ??= attributes.get('content')?.trim();
    else if ((name === 'a' || name === 'area') && href !== undefined && isRelative(href))
      this.relativeLinks.add(href);
  }

  comment(text: string): void {
    this.savedFrom ??= /^\s*saved from url=\(\d{4}\)(\S+)\s*$/.exec(text)?.[1];
  }

  close(): void {}

  text(): void {}
}
