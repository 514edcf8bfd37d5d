/** Captures, found by words and by what they are: as a table or as a sheet of pictures. */
import { HoldfastError } from '../../base/errors.ts';
import type { Facets, FoundPage } from '../../model/found-capture.ts';
import { facetsNamed, findNamed } from '../../pipeline/answers/find.ts';
import { type Asked, definePage } from '../page.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { number } from '../parts/words-of.ts';
import { type Previews, previewsOf } from '../previews.ts';
import type { View } from '../view.ts';
import { facetLists } from './facet-lists.ts';
import { foundRecord, foundRows, foundSheet, foundTable } from './found-rows.ts';
import { askedIn, here, questionFrom, type Search, states } from './search.ts';
import { faultPart, searchForm } from './search-form.ts';

const pageSize = 50;

export interface Items extends Search {
  found: FoundPage;
  facets: Facets | null;
  previews: Previews;
  /** Why this can't be searched; whoever typed it keeps it. */
  fault: HoldfastError | null;
}

const nothingFound: FoundPage = { rows: [], next: null, ranked: 'all', notYetSearchable: 0 };

export const items = definePage<Items>({
  path: '/items',
  ask: async (asked) => {
    const search = { asked: askedIn(asked.query), asSheet: asked.query.get('view') === 'sheet' };
    try {
      return { ...search, ...(await answerTo(asked, search)), fault: null };
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.next !== 'give-up') throw error;
      const previews = { files: new Map(), marks: new Map() };
      return { ...search, found: nothingFound, facets: null, previews, fault: error };
    }
  },
  show: (answer, view) => {
    const { items: w } = view.words;
    const { fault } = answer;
    return {
      title: w.title,
      ...(fault !== null && { status: 400 as const }),
      body: html`${heading(w.title, viewSwitch(view, answer))}
${searchForm(view, answer, fault)}
${fault === null ? foundPart(view, answer) : faultPart(view, fault)}
${dataLinks(view)}`,
    };
  },
  record: ({ found, facets, fault }) => {
    if (fault !== null) throw fault;
    return { rows: found.rows.map(foundRecord), next: found.next, facets };
  },
  rows: ({ found, fault }) => {
    if (fault !== null) throw fault;
    return foundRows(found.rows);
  },
});

async function answerTo({ parts, query, signal }: Asked, { asked }: Search) {
  const question = questionFrom(asked);
  const after = query.get('after') ?? undefined;
  const [found, facets] = await Promise.all([
    findNamed(parts, { ...question, limit: pageSize, after }, signal),
    // Whoever goes on to the next page has seen them.
    after === undefined ? facetsNamed(parts, question, signal) : null,
  ]);
  const ids = found.rows.map(({ id }) => id);
  return {
    found,
    facets,
    previews: await previewsOf(parts.database, ids),
  };
}

function foundPart(view: View, answer: Items): Html {
  const { items: w } = view.words;
  const { found, facets, previews, asSheet } = answer;
  return html`<div class="heading">${stateChips(view, answer)}${orderSwitch(view, answer)}</div>
${found.notYetSearchable === 0 ? nothing : html`<p class="quiet">${w.notYet(number(view, found.notYetSearchable))}</p>`}
<div class="aside-layout facets"><div>
${asSheet ? foundSheet(view, found.rows, previews) : foundTable(view, found.rows, previews)}
${found.next === null ? nothing : html`<p class="pager"><a rel="next" href="${here(view, answer, { after: found.next })}">${w.next}</a></p>`}
</div>${facets === null ? nothing : html`<aside aria-label="${w.facets}">${facetLists(view, answer, facets)}</aside>`}</div>`;
}

function viewSwitch(view: View, answer: Search): Html {
  const { items: w } = view.words;
  const { asSheet } = answer;
  return html`<p class="switch" role="group" aria-label="${w.viewAs}"><a href="${here(view, answer, { view: null })}"${asSheet ? nothing : html` aria-current="true"`}>${w.asTable}</a><a href="${here(view, answer, { view: 'sheet' })}"${asSheet ? html` aria-current="true"` : nothing}>${w.asSheet}</a></p>`;
}

/** Only where words were typed is one match better than another. */
function orderSwitch(view: View, answer: Search): Html | string {
  const { items: w } = view.words;
  const { q, order } = answer.asked;
  if (q === undefined) return nothing;
  const choice = (name: string, value: string | null, isOn: boolean) =>
    html`<a href="${here(view, answer, { order: value })}"${isOn ? html` aria-current="true"` : nothing}>${name}</a>`;
  return html`<p class="switch" role="group" aria-label="${w.order}">${choice(w.newest, null, order !== 'best')}${choice(w.best, 'best', order === 'best')}</p>`;
}

/** Each is a link that turns itself on and off. */
function stateChips(view: View, answer: Search): Html {
  const { words } = view;
  return html`<ul class="chips" aria-label="${words.items.state}">${states.map((state) => {
    const isOn = answer.asked.state === state;
    return html`<li><a class="chip" href="${here(view, answer, { state: isOn ? null : state })}"${isOn ? html` aria-current="true"` : nothing}>${words.states[state]}${isOn ? html` <span aria-hidden="true">×</span>` : nothing}</a></li>`;
  })}</ul>`;
}
