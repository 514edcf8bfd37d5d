/** Cases: what was collected under one name, and how it is handed over. */
import { listCases } from '../../catalog/cases.ts';
import type { Case } from '../../model/filing.ts';
import { definePage } from '../page.ts';
import { captured } from '../parts/captured.ts';
import { doing } from '../parts/form.ts';
import { html } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { table } from '../parts/table.ts';
import { number, time } from '../parts/words-of.ts';

const mostShown = 500;

export const cases = definePage<Case[]>({
  path: '/cases',
  ask: ({ parts }) => listCases(parts.database, mostShown),
  show: (rows, view) => {
    const { cases: w } = view.words;
    return {
      title: w.title,
      body: html`${heading(w.title)}
<p>${w.how}</p>
${table({
  caption: w.title,
  empty: w.empty,
  rows,
  columns: [
    {
      title: w.name,
      kind: 'main',
      cell: ({ name }) =>
        html`<a class="title" href="${view.link('/items', { case: name })}">${captured(name)}</a>`,
    },
    { title: w.sources, kind: 'number', cell: ({ sources }) => number(view, sources) },
    { title: w.captures, kind: 'number', cell: ({ captures }) => number(view, captures) },
    { title: w.first, cell: ({ firstAt }) => time(view, firstAt) },
    { title: w.last, cell: ({ lastAt }) => time(view, lastAt) },
    {
      title: w.doing,
      cell: ({ name }) =>
        html`<div class="buttons"><a class="button" href="${view.link('/takedowns', { case: name })}">${w.takedowns}</a><a class="button" href="${view.link('/watches', { case: name })}">${w.watches}</a>${doing(view, '/export', w.export, { case: name })}</div>`,
    },
  ],
})}
${dataLinks(view)}`,
    };
  },
  record: (rows) => ({ rows }),
  rows: (rows) => ({
    columns: ['case', 'submissions', 'sources', 'captures', 'first', 'last'],
    rows: rows.map(({ name, submissions, sources, captures, firstAt, lastAt }) => [
      ...[name, submissions, sources, captures, firstAt.toISOString(), lastAt.toISOString()],
    ]),
  }),
});
