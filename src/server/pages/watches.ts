/** What is visited again, when, and why not. */
import { listWatches, watchesOfCase } from '../../catalog/watches.ts';
import type { WatchRow } from '../../model/watch.ts';
import { checkSource } from '../../pipeline/watching/check.ts';
import {
  pauseWatch,
  replanWatch,
  unwatchSource,
  watchSource,
} from '../../pipeline/watching/watch.ts';
import { planAsText, planInWords } from '../../watch/plan.ts';
import { quietInWords } from '../../watch/quiet-hours.ts';
import { type Action, definePage, field } from '../page.ts';
import { captured, code } from '../parts/captured.ts';
import { doing, filled, hidden, isWrong, planList, trouble } from '../parts/form.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { table } from '../parts/table.ts';
import { time } from '../parts/words-of.ts';
import { queryOf, type View } from '../view.ts';
import { shortKey } from './found-rows.ts';

const pageSize = 100;

interface Watches {
  rows: WatchRow[];
  caseName: string;
  /** How many came before those of the next page; `null` on the last. */
  next: number | null;
}

export const watches = definePage<Watches>({
  path: '/watches',
  ask: async ({ parts: { database }, query }) => {
    const caseName = query.get('case')?.trim() ?? '';
    const offset = offsetIn(query);
    const page = { offset, limit: pageSize + 1 };
    const rows =
      caseName === ''
        ? await listWatches(database, page)
        : await watchesOfCase(database, caseName, page);
    const next = rows.length > pageSize ? offset + pageSize : null;
    return { rows: rows.slice(0, pageSize), caseName, next };
  },
  show: ({ rows, caseName, next }, view) => {
    const { watches: w } = view.words;
    return {
      title: w.title,
      body: html`${heading(w.title)}
<form class="search" method="post" action="${view.link('/watch')}">${hidden(view)}<div class="fields">
${watchField(view, 'source', w.source)}${watchField(view, 'plan', w.plan, 'adaptive')}${planList()}<label>${w.case} <input name="case" dir="auto" value="${filled(view, '/watch', 'case')}"></label>
<button class="main">${w.watch}</button></div>${trouble(view, '/watch', '')}<p class="quiet">${w.plansMeaning}</p></form>
${watchTable(view, rows)}
${next === null ? nothing : html`<p class="pager"><a rel="next" href="${view.link('/watches', { case: caseName || null, from: String(next) })}">${view.words.items.next}</a></p>`}
${dataLinks(view)}`,
    };
  },
  record: ({ rows, next }) => ({
    rows: rows.map((row) => ({ schema: 'holdfast.watch/1', ...row })),
    next,
  }),
  rows: ({ rows }) => ({
    columns: ['source', 'plan', 'state', 'next', 'last', 'case'],
    rows: rows.map((row) => [
      ...[row.sourceKey, planInWords(row), row.state, row.nextDueAt.toISOString()],
      ...[row.lastSweptAt?.toISOString() ?? null, row.caseName],
    ]),
  }),
});

function offsetIn(query: URLSearchParams): number {
  const said = query.get('from') ?? '';
  return /^\d{1,7}$/.test(said) ? Number(said) : 0;
}

function watchField(view: View, name: string, label: string, otherwise = ''): Html {
  return html`<label>${label} <input name="${name}" dir="ltr" value="${filled(view, '/watch', name, otherwise)}"${name === 'plan' ? html` list="plans"` : nothing}${isWrong(view, '/watch', name)} required>${trouble(view, '/watch', name)}</label>`;
}

function watchTable(view: View, rows: WatchRow[]): Html {
  const { watches: w } = view.words;
  return table({
    caption: w.title,
    empty: w.empty,
    rows,
    columns: [
      {
        title: w.source,
        kind: 'main',
        cell: (row) =>
          html`<a href="${view.link('/source', { key: row.sourceKey })}">${code(shortKey(row.sourceKey))}</a>${row.caseName === null ? nothing : html`<span class="by">${captured(row.caseName)}</span>`}`,
      },
      {
        title: w.plan,
        cell: (row) =>
          html`${code(planInWords(row))}${row.quiet === null ? nothing : html` <span class="quiet">${w.quiet} ${quietInWords(row.quiet)}</span>`}`,
      },
      {
        title: w.state,
        cell: ({ state, endedReason }) =>
          html`${w.states[state]}${endedReason === null ? nothing : html` ${code(endedReason)}`}`,
      },
      {
        title: w.next,
        cell: (row) => (row.state === 'active' ? time(view, row.nextDueAt) : nothing),
      },
      { title: w.last, cell: (row) => time(view, row.lastSweptAt) },
      { title: w.doing, cell: (row) => watchButtons(view, row) },
    ],
  });
}

function watchButtons(view: View, row: WatchRow): Html {
  const { watches: w } = view.words;
  const { sourceKey, state } = row;
  const source = { source: sourceKey };
  return html`<div class="buttons">${
    state === 'active'
      ? doing(view, '/watch/pause', w.pause, source, 'quiet')
      : doing(view, '/watch/resume', w.resume, source, 'quiet')
  }${doing(view, '/unwatch', w.unwatch, source, 'quiet')}</div>${planForm(view, row)}`;
}

/** Another plan for the same watch. */
function planForm(view: View, row: WatchRow): Html {
  const { watches: w } = view.words;
  const isThis = filled(view, '/watch/plan', 'source') === row.sourceKey;
  const plan = isThis ? filled(view, '/watch/plan', 'plan') : planAsText(row);
  return html`<details${isThis ? html` open` : nothing}><summary>${w.replan}</summary><form method="post" action="${view.link('/watch/plan')}">${hidden(view, { source: row.sourceKey })}<label>${w.plan} <input name="plan" dir="ltr" list="plans" value="${plan}"${isThis ? isWrong(view, '/watch/plan', 'plan') : nothing} required>${isThis ? trouble(view, '/watch/plan', 'plan') : nothing}</label><button>${w.keepPlan}</button></form></details>`;
}

export const watchActions: Action[] = [
  {
    path: '/watch',
    returnsTo: () => '/watches',
    blames: { 'bad-plan': 'plan', 'not-a-source': 'source', 'not-watched': 'source' },
    act: async ({ parts, who }, form) => {
      const caseName = field(form, 'case').trim() || null;
      const plan = field(form, 'plan').trim();
      await watchSource(parts, field(form, 'source').trim(), plan, { case: caseName, by: who });
      return '/watches';
    },
  },
  {
    path: '/watch/plan',
    returnsTo: () => '/watches',
    blames: { 'bad-plan': 'plan' },
    act: async ({ parts }, form) => {
      await replanWatch(parts, field(form, 'source'), field(form, 'plan').trim());
      return '/watches';
    },
  },
  {
    path: '/unwatch',
    act: async ({ parts }, form) => {
      await unwatchSource(parts, field(form, 'source'));
      return '/watches';
    },
  },
  {
    path: '/watch/pause',
    act: async ({ parts }, form) => {
      await pauseWatch(parts, field(form, 'source'), true);
      return '/watches';
    },
  },
  {
    path: '/watch/resume',
    act: async ({ parts }, form) => {
      await pauseWatch(parts, field(form, 'source'), false);
      return '/watches';
    },
  },
  {
    path: '/check',
    act: async ({ parts, signal }, form) => {
      const { source } = await checkSource(parts, field(form, 'source'), signal);
      return `/source${queryOf({ key: source })}`;
    },
  },
];
