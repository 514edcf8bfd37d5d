/** What is known of two captures, and what the platform's own records say: field by field. */
import type { ComparedRecord, FieldChange } from '../../../pipeline/answers/compare-records.ts';
import type { Fact } from '../../../pipeline/answers/compare-two.ts';
import { captured, code } from '../../parts/captured.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { digest, number } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';
import type { Compare } from './compare.ts';
import { viewLabel } from './words.ts';

const longestValue = 400;

export function factLabel(view: View, { name, view: page }: Fact): string {
  const { compare: w } = view.words;
  return page === null ? w.names[name] : `${w.names[name]} (${viewLabel(view, page)})`;
}

/** What differs; the rest can be unfolded. */
export function factsPart(view: View, { facts }: Compare): Html {
  const { compare: w } = view.words;
  const differs = (fact: Fact) => fact.before !== fact.after;
  const same = facts.filter((fact) => !differs(fact));
  return html`${factTable(view, facts.filter(differs))}${
    same.length === 0
      ? nothing
      : html`<details><summary>${w.unchanged} (${number(view, same.length)})</summary>${factTable(view, same)}</details>`
  }`;
}

function factTable(view: View, facts: Fact[]): Html {
  const { compare: w } = view.words;
  return table({
    caption: w.facts,
    empty: w.noneChanged,
    rows: facts,
    columns: [
      { title: w.what, cell: (fact) => html`<bdi>${factLabel(view, fact)}</bdi>` },
      { title: w.before, kind: 'main', cell: ({ before }) => said(view, before) },
      { title: w.after, kind: 'main', cell: ({ after }) => said(view, after) },
    ],
  });
}

function said(view: View, value: string | null): Html {
  if (value === null) return html`<span class="none">${view.words.compare.absent}</span>`;
  return captured(value);
}

export function recordsPart(view: View, { records }: Compare): Html {
  return html`${records.map((record) => recordPart(view, record))}`;
}

function recordPart(view: View, record: ComparedRecord): Html {
  const { compare: w } = view.words;
  const { route, before, after, unread, changed, same, changes } = record;
  const title = html`<h3>${code(route)}</h3>`;
  if (before === after)
    return html`<section>${title}<p class="quiet">${w.unchanged}. ${digest(before ?? '')}</p></section>`;
  if (unread !== null)
    return html`<section>${title}<p>${unread === 'missing' ? nothing : w.differs} ${w.unread[unread]}</p></section>`;
  return html`<section>${title}<p class="quiet">${w.fields(changed, same)}</p>${fieldTable(view, changes)}${changed > changes.length ? html`<p class="quiet">${w.moreFields}</p>` : nothing}</section>`;
}

function fieldTable(view: View, changes: FieldChange[]): Html {
  const { compare: w } = view.words;
  const value = (text: string | null) => {
    if (text === null) return html`<span class="none">${w.absent}</span>`;
    return captured(text.length > longestValue ? `${text.slice(0, longestValue)}…` : text);
  };
  return table({
    caption: w.records,
    empty: w.noneChanged,
    rows: changes,
    columns: [
      { title: w.field, kind: 'main', cell: ({ path }) => code(path) },
      { title: w.before, cell: ({ before }) => value(before) },
      { title: w.after, cell: ({ after }) => value(after) },
    ],
  });
}
