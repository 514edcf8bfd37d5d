/** Bundles made from the pages: to be saved, and checked before they are handed over. */
import { UsageError } from '../../base/errors.ts';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import { closedCapturesOfCase } from '../../catalog/cases.ts';
import { bundleStatement } from '../../seal/verify/findings.ts';
import type { ExportedBundle } from '../exports.ts';
import { type Action, type Download, definePage, field } from '../page.ts';
import { captured, code } from '../parts/captured.ts';
import { doing } from '../parts/form.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { table } from '../parts/table.ts';
import { number, size, time } from '../parts/words-of.ts';
import type { View } from '../view.ts';

const refreshSeconds = 3;
const mostCaptures = 10_000;

export const exportsPage = definePage<ExportedBundle[]>({
  path: '/exports',
  ask: async ({ exports }) => exports.list(),
  show: (bundles, view) => {
    const { exports: w } = view.words;
    return {
      title: w.title,
      refreshSeconds: bundles.some(({ state }) => state === 'running') ? refreshSeconds : undefined,
      refreshesAlways: true,
      body: html`${heading(w.title)}
<p>${w.how}</p>
${table({
  caption: w.title,
  empty: w.empty,
  rows: bundles,
  columns: [
    {
      title: w.name,
      kind: 'main',
      cell: (one) =>
        html`${one.state === 'done' ? html`<a href="${view.link(`/exports/${one.id}/file`)}">${code(one.name)}</a>` : code(one.name)}${one.failure === null ? nothing : html`<span class="by">${captured(one.failure)}</span>`}${one.unprinted === null ? nothing : html`<span class="by">${w.unprinted} ${captured(one.unprinted)}</span>`}`,
    },
    { title: w.state, cell: ({ state }) => w.states[state] },
    { title: w.captures, kind: 'number', cell: ({ captures }) => number(view, captures) },
    {
      title: w.size,
      kind: 'number',
      cell: (one) => (one.state === 'done' ? size(view, one.sizeBytes) : nothing),
    },
    { title: w.started, cell: ({ startedAt }) => time(view, startedAt) },
    { title: w.check, cell: (one) => checkPart(view, one) },
  ],
})}
<p class="quiet" lang="en" dir="ltr">${bundleStatement}</p>
${dataLinks(view)}`,
    };
  },
  record: (bundles) => ({ rows: bundles }),
  rows: (bundles) => ({
    columns: ['name', 'state', 'captures', 'bytes', 'started', 'verdict'],
    rows: bundles.map((one) => [
      ...[one.name, one.state, one.captures, one.sizeBytes, one.startedAt.toISOString()],
      one.verified?.verdict ?? null,
    ]),
  }),
});

function checkPart(view: View, { id, state, verified }: ExportedBundle): Html | string {
  const { exports: w } = view.words;
  if (state !== 'done') return nothing;
  if (verified === null) return doing(view, '/exports/verify', w.verify, { id });
  const { verdict, findings } = verified;
  const wrong = findings.filter(({ result }) => result === 'invalid' || result === 'incomplete');
  return html`<span class="badge diagnosis-${verdict === 'valid' ? 'ok' : 'fault'}">${w.verdicts[verdict]}</span> <span class="by">${w.findings(number(view, findings.length))}</span>${
    wrong.length === 0
      ? nothing
      : html`<ul>${wrong.slice(0, 20).map((one) => html`<li>${captured(one.subject)} ${captured(one.message)}</li>`)}</ul>`
  }`;
}

/** Of captures that are named, or of a whole case. */
const startExport: Action = {
  path: '/export',
  act: async ({ parts, exports, who }, form) => {
    const caseName = field(form, 'case');
    const named = field(form, 'captures')
      .split(/[\s,]+/)
      .filter(Boolean);
    const ids =
      caseName === ''
        ? await Promise.all(named.map((id) => captureIdFrom(parts.database, id)))
        : await closedCapturesOfCase(parts.database, caseName);
    if (ids.length === 0 || ids.length > mostCaptures)
      throw new UsageError('which-captures', `an export takes 1 to ${mostCaptures} captures`);
    exports.start(ids, {
      label: caseName === '' ? (ids[0]?.slice(-8) ?? '') : caseName,
      by: who,
      ofCase: caseName === '' ? undefined : caseName,
    });
    return '/exports';
  },
};

const verifyExport: Action = {
  path: '/exports/verify',
  act: async ({ exports, signal }, form) => {
    await exports.verify(field(form, 'id'), signal);
    return '/exports';
  },
};

export const exportActions: Action[] = [startExport, verifyExport];

export const exportDownload: Download = {
  path: '/exports/:id/file',
  send: async ({ exports, params }) => exports.send(params.id ?? ''),
};
