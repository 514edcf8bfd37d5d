/** What the captures that were found have in common, counted; each value is a link that turns itself on and off. */
import type { FacetName, Facets } from '../../model/found-capture.ts';
import type { Availability } from '../../model/signals.ts';
import { captured } from '../parts/captured.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { number } from '../parts/words-of.ts';
import type { View } from '../view.ts';
import type { Language } from '../words/words.ts';
import { here, type Search } from './search.ts';

/** States stand above the list, as chips. */
const shown = ['now', 'platform', 'has', 'case', 'tag', 'author', 'host', 'lang'] as const;
type Shown = (typeof shown)[number];
const mostValues = 8;

export function facetLists(view: View, search: Search, facets: Facets): Html {
  const { items: w } = view.words;
  const lists = shown.filter((name) => facets.values[name].length > 0);
  return html`${facets.isAll ? nothing : html`<p class="quiet">${w.countedNewest(number(view, facets.counted))}</p>`}${lists.map((name) => facetList(view, search, name, facets))}`;
}

function facetList(view: View, search: Search, name: Shown, { values }: Facets): Html {
  const { items: w } = view.words;
  return html`<h2>${w.facetNames[name]}</h2><ul class="facet">${values[name]
    .slice(0, mostValues)
    .map(({ value, count }) => {
      const isOn = isAsked(search, name, value);
      const to = here(view, search, change(search, name, value));
      return html`<li><a href="${to}"${isOn ? html` aria-current="true"` : nothing}>${captured(valueInWords(view, name, value))}${isOn ? html` <span aria-hidden="true">×</span>` : nothing}</a> <span class="num">${number(view, count)}</span></li>`;
    })}</ul>`;
}

const namesIn = (language: Language) =>
  new Intl.DisplayNames(language, { type: 'language', fallback: 'code' });
const languageNames: Record<Language, Intl.DisplayNames> = { en: namesIn('en'), ar: namesIn('ar') };

function valueInWords({ words, language }: View, name: Shown, value: string): string {
  if (name === 'now') return words.availability[value as Availability] ?? value;
  if (name === 'has') return words.items.kinds[value] ?? value;
  if (name !== 'lang') return value;
  return languageNames[language].of(value) ?? value;
}

/** Those that the form has fields for; the others are asked for in the query language. */
const fields: Partial<Record<FacetName, 'platform' | 'case' | 'tag' | 'author'>> = {
  ...{ platform: 'platform', case: 'case', tag: 'tag', author: 'author' },
};

function isAsked({ asked }: Search, name: Shown, value: string): boolean {
  const field = fields[name];
  if (field !== undefined) return asked[field] === value;
  return (asked.q ?? '').split(/\s+/).includes(`${name}:${value}`);
}

function change(search: Search, name: Shown, value: string): Record<string, string | null> {
  const field = fields[name];
  const isOn = isAsked(search, name, value);
  if (field !== undefined) return { [field]: isOn ? null : value };
  const q = search.asked.q ?? '';
  const term = `${name}:${value}`;
  if (isOn)
    return {
      q: q
        .split(/\s+/)
        .filter((word) => word !== term)
        .join(' '),
    };
  // What stands beside "or" would belong to its last part only.
  return { q: `${/\bor\b/i.test(q) ? `(${q})` : q} ${term}`.trim() };
}
