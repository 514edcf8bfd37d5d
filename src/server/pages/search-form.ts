/** The form of a search, and what it says where a query can't be read. */
import type { HoldfastError } from '../../base/errors.ts';
import { QueryError } from '../../search/query/parse.ts';
import { code, withoutSteering } from '../parts/captured.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import type { View } from '../view.ts';
import { type Filter, filters, type Search } from './search.ts';

export function searchForm(
  view: View,
  { asked, asSheet }: Search,
  fault: HoldfastError | null,
): Html {
  const { items: w } = view.words;
  const text = (name: Filter, label: string, type = 'text') =>
    html`<label>${label} <input name="${name}" type="${type}" dir="auto" value="${asked[name] ?? ''}"></label>`;
  const isNarrow = filters.some(
    (name) => !['q', 'state', 'order'].includes(name) && asked[name] !== undefined,
  );
  const isWrong = html` aria-invalid="true" aria-describedby="fault"`;
  return html`<form class="search" role="search" aria-label="${w.search}" method="get" action="${view.link('/items')}">
<div class="search-main"><label class="hidden" for="q">${w.words}</label><input id="q" name="q" type="search" dir="auto" value="${asked.q ?? ''}" placeholder="${w.words}"${fault === null ? nothing : isWrong}><button class="main">${w.search}</button></div>
<details${isNarrow ? html` open` : nothing}><summary>${w.narrow}</summary><div class="fields">
${text('author', w.author)}${text('platform', w.platform)}${text('case', w.case)}${text('tag', w.tag)}${text('source', w.source)}${text('since', w.since, 'date')}${text('until', w.until, 'date')}${text('sha256', w.sha256)}
</div></details>
<details><summary>${w.language}</summary><ul class="quiet">${w.examples.map(([typed, meaning]) => html`<li>${code(typed)} ${meaning}</li>`)}</ul></details>
${asked.state === undefined ? nothing : html`<input type="hidden" name="state" value="${asked.state}">`}
${asked.order === undefined ? nothing : html`<input type="hidden" name="order" value="${asked.order}">`}
${asSheet ? html`<input type="hidden" name="view" value="sheet">` : nothing}
</form>`;
}

/** What was typed, with the character that can't be read marked in it. */
export function faultPart(view: View, fault: HoldfastError): Html {
  const { items: w, failures } = view.words;
  const isOfQuery = fault instanceof QueryError;
  return html`<section class="warning" id="fault" role="alert"><p><strong>${w.unreadable}</strong> <span lang="en" dir="ltr">${withoutSteering(isOfQuery ? fault.problem : fault.message)}</span></p>
${isOfQuery ? pointedAt(fault) : nothing}<p class="quiet">${failures.code} ${code(fault.code)}</p></section>`;
}

const shownBefore = 120;
const shownAfter = 60;

function pointedAt({ query, at }: QueryError): Html {
  const [character = ''] = query.slice(at);
  const before = query.slice(Math.max(0, at - shownBefore), at);
  const after = query.slice(at + character.length, at + character.length + shownAfter);
  return html`<p class="pointed" dir="auto">${withoutSteering(before)}<mark>${character === '' ? '␣' : withoutSteering(character)}</mark>${withoutSteering(after)}</p>`;
}
