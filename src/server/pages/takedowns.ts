/** What was found removed in a period, and what came back. */
import { type Takedown, type TakedownGrouping, takedownGroupings } from '../../model/takedown.ts';
import { reportTakedowns, takedownsIn } from '../../pipeline/watching/takedowns.ts';
import { method, type TakedownReport } from '../../watch/takedown-report.ts';
import { definePage } from '../page.ts';
import { captured, code, handle } from '../parts/captured.ts';
import { select } from '../parts/form.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { table } from '../parts/table.ts';
import { number, time } from '../parts/words-of.ts';
import type { View } from '../view.ts';
import { shortKey } from './found-rows.ts';

interface TakedownPage {
  report: TakedownReport;
  /** Those that a person is shown; programs get `all`. */
  newest: Takedown[];
  all(): Promise<Takedown[]>;
}

const mostShown = 200;

export const takedowns = definePage<TakedownPage>({
  path: '/takedowns',
  ask: async ({ parts: { database, home }, query }) => {
    const period = {
      from: dayIn(query, 'from'),
      to: dayIn(query, 'to'),
      case: query.get('case')?.trim() || undefined,
    };
    const by = takedownGroupings.find((one) => one === query.get('by')) ?? 'month';
    const { environment } = home;
    const [report, newest] = await Promise.all([
      reportTakedowns(database, period, { by, environment }),
      takedownsIn(database, period, mostShown),
    ]);
    return { report, newest, all: () => takedownsIn(database, period) };
  },
  show: (answer, view) => {
    const { takedowns: w } = view.words;
    const { newest, report } = answer;
    return {
      title: w.title,
      body: html`${heading(w.title)}
<form class="search" method="get" action="${view.link('/takedowns')}"><div class="fields">
<label>${w.from} <input type="date" name="from" value="${dayOf(report.from)}"></label><label>${w.to} <input type="date" name="to" value="${dayOf(report.to)}"></label><label>${view.words.items.case} <input name="case" dir="auto" value="${report.case ?? ''}"></label>
${select(
  'by',
  w.by,
  takedownGroupings.map((value) => ({ value, label: w.groupings[value] })),
  report.by,
)}
<button>${w.apply}</button></div></form>
${report.rows.length === 0 ? nothing : reportTable(view, report)}
<section aria-labelledby="list"><h2 id="list">${w.list}</h2>${takedownTable(view, newest.toReversed())}</section>
<details><summary>${w.method}</summary><ul lang="en" dir="ltr">${method.map((line) => html`<li>${line}</li>`)}</ul></details>
${dataLinks(view)}`,
    };
  },
  record: async ({ report, all }) => ({
    schema: 'holdfast.takedowns/1',
    ...report,
    found: (await all()).map((one) => ({ schema: 'holdfast.takedown/1', ...one })),
  }),
  rows: async ({ all }) => ({
    columns: ['confirmed', 'source', 'author', 'kind', 'last seen', 'back', 'captures'],
    rows: (await all()).map((one) => [
      ...[one.confirmedAt.toISOString(), one.sourceKey, one.authorHandle, one.kind],
      ...[one.lastSeen?.toISOString() ?? null, one.restoredAt?.toISOString() ?? null],
      one.captures,
    ]),
  }),
});

/** What is not a day asks for all of it. */
function dayIn(query: URLSearchParams, name: string): Date | undefined {
  const text = query.get(name) ?? '';
  return /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(text) : undefined;
}

function dayOf(at: Date): string {
  return at.getTime() === 0 ? '' : at.toISOString().slice(0, 10);
}

function reportTable(view: View, { rows, total, by }: TakedownReport): Html {
  const { takedowns: w } = view.words;
  return table({
    caption: w.title,
    empty: w.empty,
    rows: [...rows, { ...total, group: w.total }],
    columns: [
      {
        title: w.groupings[by as TakedownGrouping],
        kind: 'main',
        cell: ({ group }) => captured(group),
      },
      { title: w.removed, kind: 'number', cell: ({ removed }) => number(view, removed) },
      { title: w.restored, kind: 'number', cell: ({ restored }) => number(view, restored) },
      { title: w.kept, kind: 'number', cell: ({ kept }) => number(view, kept) },
    ],
  });
}

function takedownTable(view: View, rows: Takedown[]): Html {
  const { takedowns: w, signals } = view.words;
  return table({
    caption: w.list,
    empty: w.empty,
    rows,
    columns: [
      {
        title: w.source,
        kind: 'main',
        cell: (one) =>
          html`<a href="${view.link('/source', { key: one.sourceKey })}">${code(shortKey(one.sourceKey))}</a>${one.authorHandle === null ? nothing : html`<span class="by">${handle(one.authorHandle)}</span>`}`,
      },
      { title: w.kind, cell: ({ kind }) => signals[kind ?? ''] ?? kind ?? '' },
      { title: w.confirmed, cell: ({ confirmedAt }) => time(view, confirmedAt) },
      { title: w.lastSeen, cell: ({ lastSeen }) => time(view, lastSeen) },
      { title: w.back, cell: ({ restoredAt }) => time(view, restoredAt) },
      { title: w.captures, kind: 'number', cell: ({ captures }) => number(view, captures) },
    ],
  });
}
