/** Which elements of a page hold what surrounds an article on every page of a site, by how they are marked. */
import type { HtmlTag } from './html-tokens.ts';

const elements = new Set(['nav', 'aside', 'footer', 'header', 'dialog', 'menu', 'address']);
const roles =
  /^(?:navigation|banner|contentinfo|complementary|search|menu|menubar|toolbar|tablist|dialog|alertdialog)$/i;
/** Words that sites put into `class` and `id`. A wrapper may have them too, see `PageOutline`. */
const words = new Set(
  `nav navbar navigation menu breadcrumb breadcrumbs footer sidebar masthead topbar toolbar
  related recommended recommendations recirc trending popular mostread
  share sharing sharebar social newsletter subscribe subscription login
  cookie cookies consent gdpr onetrust comments disqus
  bio byline author authors tags promo advert adverts advertisement ads sponsored
  outbrain taboola pagination pager`.split(/\s+/),
);
const namesNothing = /^(?:html|body|main|article|a|p)$/;

/** `marked`: by its element or role. `named`: only by a class or id. */
export function surroundsBy({ name, attributes }: HtmlTag): 'marked' | 'named' | null {
  if (elements.has(name) || roles.test(attributes.get('role')?.trim() ?? '')) return 'marked';
  if (/^author$/i.test(attributes.get('itemprop') ?? '')) return 'marked';
  if (namesNothing.test(name)) return null;
  const names = `${attributes.get('class') ?? ''} ${attributes.get('id') ?? ''}`.slice(0, 500);
  return wordsIn(names).some((word) => words.has(word)) ? 'named' : null;
}

/** `c-relatedLinks__item` says related, links and item. */
function wordsIn(names: string): string[] {
  return names
    .replace(/([a-z])(?=[A-Z])/g, '$1 ')
    .toLowerCase()
    .split(/[^a-z]+/);
}

/** What holds the article itself, and nothing else. */
export function isMainPart({ name, attributes }: HtmlTag): boolean {
  return (
    name === 'main' ||
    name === 'article' ||
    /^(?:main|article)$/i.test(attributes.get('role')?.trim() ?? '') ||
    /^articlebody$/i.test(attributes.get('itemprop') ?? '')
  );
}

/** Of an anchor: paid for, or about the page and not of it. */
export function isAside(rel: string | undefined): boolean {
  return /(?:^|\s)(?:sponsored|author|tag|category|prev|next|license|privacy-policy)(?:\s|$)/i.test(
    rel ?? '',
  );
}
