/** Captures, found by words and by what they are: as a table or as a sheet of pictures. */
import type { FoundPage, Question } from '../../model/found-capture.ts';
import { findNamed } from '../../pipeline/answers/find.ts';
import { definePage } from '../page.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { type Previews, previewsOf } from '../previews.ts';
import type { Query, View } from '../view.ts';
import { foundRecord, foundRows, foundSheet, foundTable } from './found-rows.ts';

const pageSize = 50;
const states = ['complete', 'partial', 'blocked', 'failed', 'unfinished'] as const;
const filters = [
  'q',
  'platform',
  'author',
  'state',
  'case',
  'tag',
  'since',
  'until',
  'sha256',
  'source',
] as const;
type Filter = (typeof filters)[number];

interface Items {
  asked: Partial<Record<Filter, string>>;
  asSheet: boolean;
  found: FoundPage;
  previews: Previews;
}

export const items = definePage<Items>({
  path: '/items',
  ask: async ({ parts, query }) => {
    const asked = askedIn(query);
    const found = await findNamed(parts, {
      ...questionFrom(asked),
      limit: pageSize,
      after: query.get('after') ?? undefined,
    });
    const ids = found.rows.map(({ id }) => id);
    const previews = await previewsOf(parts.database, ids);
    return { asked, asSheet: query.get('view') === 'sheet', found, previews };
  },
  show: (answer, view) => {
    const { items: w } = view.words;
    const { found, previews, asSheet } = answer;
    return {
      title: w.title,
      body: html`${heading(w.title, viewSwitch(view, answer))}
${searchForm(view, answer)}
${stateChips(view, answer)}
${asSheet ? foundSheet(view, found.rows, previews) : foundTable(view, found.rows, previews)}
${found.next === null ? nothing : html`<p class="pager"><a rel="next" href="${here(view, answer, { after: found.next })}">${w.next}</a></p>`}
${dataLinks(view)}`,
    };
  },
  record: ({ found }) => ({ rows: found.rows.map(foundRecord), next: found.next }),
  rows: ({ found }) => foundRows(found.rows),
});

function askedIn(query: URLSearchParams): Items['asked'] {
  const said = filters.map((name) => [name, query.get(name)?.trim() ?? ''] as const);
  return Object.fromEntries(said.filter(([, value]) => value !== ''));
}

function questionFrom({ q, since, until, ...rest }: Items['asked']): Question {
  return { ...rest, text: q, since: dayFrom(since), until: dayFrom(until) };
}

/** What a date field sends; anything else asks for nothing. */
function dayFrom(text: string | undefined): Date | undefined {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(text) : undefined;
}

function here(view: View, { asked, asSheet }: Items, change: Query): string {
  return view.link('/items', { ...asked, view: asSheet ? 'sheet' : null, ...change });
}

function viewSwitch(view: View, answer: Items): Html {
  const { items: w } = view.words;
  const { asSheet } = answer;
  return html`<p class="switch" role="group" aria-label="${w.viewAs}"><a href="${here(view, answer, { view: null })}"${asSheet ? nothing : html` aria-current="true"`}>${w.asTable}</a><a href="${here(view, answer, { view: 'sheet' })}"${asSheet ? html` aria-current="true"` : nothing}>${w.asSheet}</a></p>`;
}

function searchForm(view: View, { asked, asSheet }: Items): Html {
  const { items: w } = view.words;
  const text = (name: Filter, label: string, type = 'text') =>
    html`<label>${label} <input name="${name}" type="${type}" dir="auto" value="${asked[name] ?? ''}"></label>`;
  const isNarrow = filters.some((name) => name !== 'q' && name !== 'state' && asked[name]);
  return html`<form class="search" role="search" aria-label="${w.search}" method="get" action="${view.link('/items')}">
<div class="search-main"><label class="hidden" for="q">${w.words}</label><input id="q" name="q" type="search" dir="auto" value="${asked.q ?? ''}" placeholder="${w.words}"><button class="main">${w.search}</button></div>
<details${isNarrow ? html` open` : nothing}><summary>${w.narrow}</summary><div class="fields">
${text('author', w.author)}${text('platform', w.platform)}${text('case', w.case)}${text('tag', w.tag)}${text('source', w.source)}${text('since', w.since, 'date')}${text('until', w.until, 'date')}${text('sha256', w.sha256)}
</div></details>
${asked.state === undefined ? nothing : html`<input type="hidden" name="state" value="${asked.state}">`}
${asSheet ? html`<input type="hidden" name="view" value="sheet">` : nothing}
</form>`;
}

/** Each is a link that turns itself on and off. */
function stateChips(view: View, answer: Items): Html {
  const { words } = view;
  return html`<ul class="chips" aria-label="${words.items.state}">${states.map((state) => {
    const isOn = answer.asked.state === state;
    return html`<li><a class="chip" href="${here(view, answer, { state: isOn ? null : state })}"${isOn ? html` aria-current="true"` : nothing}>${words.states[state]}${isOn ? html` <span aria-hidden="true">×</span>` : nothing}</a></li>`;
  })}</ul>`;
}
