/** What is under way, what it waits for, and what needs a person. */
import { type WorkerSeen, workersSeen } from '../../catalog/heartbeats.ts';
import { type OpenCapture, openCaptures } from '../../catalog/open-captures.ts';
import { recentTroubles, type Trouble } from '../../catalog/overview.ts';
import type { CaptureState } from '../../model/capture-record.ts';
import type { Status } from '../../model/status.ts';
import { statusOf } from '../../pipeline/answers/status.ts';
import { cancelCapture } from '../../pipeline/capture/cancel.ts';
import { type Action, definePage, field } from '../page.ts';
import { captured, code, withoutSteering } from '../parts/captured.ts';
import { doing } from '../parts/form.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { table } from '../parts/table.ts';
import { number, reason, stateBadge, time } from '../parts/words-of.ts';
import type { View } from '../view.ts';
import { howMany, shareDone, standing } from './queue-words.ts';

interface QueuePage {
  status: Status;
  open: OpenCapture[];
  troubles: Trouble[];
  workers: WorkerSeen[];
  /** Of the links that were just added: how many led to what was kept before. */
  kept: number;
}

const mostShown = 200;
const mostTroubles = 20;
const refreshSeconds = 5;

export const queuePage = definePage<QueuePage>({
  path: '/queue',
  ask: async ({ parts, queue, query }) => ({
    status: await statusOf(parts, await queue()),
    open: await openCaptures(parts.database, mostShown),
    troubles: await recentTroubles(parts.database, mostTroubles),
    workers: await workersSeen(parts.database),
    kept: /^\d{1,5}$/.test(query.get('kept') ?? '') ? Number(query.get('kept')) : 0,
  }),
  show: (answer, view) => {
    const { queue: w } = view.words;
    const { status, open, troubles, workers, kept } = answer;
    return {
      title: w.title,
      refreshSeconds: open.length > 0 ? refreshSeconds : undefined,
      body: html`${heading(w.title)}
${workers.length === 0 ? html`<p class="warning">${w.noWorkers}</p>` : nothing}
${kept === 0 ? nothing : html`<p class="note">${w.keptBefore(kept)}</p>`}
<live-queue data-done="${w.done}" data-open="${w.open}">
<p role="status"><span data-how-many>${howMany(view.words, status.unfinished, status.deriving)}</span> ${w.workers(workers.length)}</p>
<p class="note" data-newcomers hidden>${w.newcomers} <a href="${view.link('/queue')}">${w.showThem}</a></p>
${table({
  caption: w.caption,
  empty: w.empty,
  rows: open,
  id: ({ captureId }) => captureId,
  columns: [
    {
      title: w.link,
      kind: 'main',
      cell: (one) =>
        html`<a href="${view.link(`/captures/${one.captureId}`)}"><bdi dir="ltr">${withoutSteering(one.link)}</bdi></a>${one.caseName === null ? nothing : html`<span class="by">${captured(one.caseName)}</span>`}`,
    },
    { title: w.state, cell: (one) => html`<span data-state>${standing(one, view.words)}</span>` },
    {
      title: w.progress,
      cell: (one) =>
        html`<progress max="100" value="${String(Math.round(shareDone(one) * 100))}" aria-label="${w.progress}"></progress>`,
    },
    { title: w.since, cell: (one) => time(view, one.openedAt) },
    {
      title: w.doing,
      cell: (one) => doing(view, '/cancel', w.cancel, { capture: one.captureId }, 'quiet'),
    },
  ],
})}
</live-queue>
${status.stuck.length === 0 ? nothing : html`<section><h2>${w.stuck}</h2><p>${w.stuckMeaning}</p><ul class="lines">${status.stuck.map((id) => html`<li><a href="${view.link(`/captures/${id}`)}">${code(id)}</a></li>`)}</ul></section>`}
<section aria-labelledby="troubles" data-anew><h2 id="troubles">${w.troubles}</h2>${troubleTable(view, troubles)}</section>
<section aria-labelledby="stages" data-anew><h2 id="stages">${w.stages}</h2>${stageTable(view, status)}</section>
${dataLinks(view)}`,
    };
  },
  record: ({ status, open, workers }) => ({ ...status, open, workers }),
  rows: ({ open }) => ({
    columns: ['capture', 'link', 'case', 'opened', 'round', 'ended steps', 'waits because'],
    rows: open.map((one) => [
      ...[one.captureId, one.link, one.caseName, one.openedAt.toISOString(), one.round],
      ...[one.ended.join(' '), one.retryReason],
    ]),
  }),
});

function troubleTable(view: View, troubles: Trouble[]): Html {
  const { queue: w } = view.words;
  return table({
    caption: w.troubles,
    empty: w.noTroubles,
    rows: troubles,
    columns: [
      {
        title: w.link,
        kind: 'main',
        cell: (one) =>
          html`<a href="${view.link(`/captures/${one.captureId}`)}"><bdi dir="ltr">${withoutSteering(one.link)}</bdi></a>`,
      },
      { title: w.state, cell: ({ state }) => stateBadge(view, state as CaptureState) },
      { title: w.reason, cell: (one) => reason(view, one.reason) },
      { title: w.at, cell: ({ at }) => time(view, at) },
      {
        title: w.doing,
        cell: (one) => doing(view, '/again', w.retry, { capture: one.captureId }, 'quiet'),
      },
    ],
  });
}

function stageTable(view: View, { stages }: Status): Html {
  const { queue: w, stages: names } = view.words;
  return table({
    caption: w.stages,
    empty: '',
    rows: Object.entries(stages),
    columns: [
      { title: w.stage, kind: 'main', cell: ([name]) => names[name] ?? name },
      { title: w.waiting, kind: 'number', cell: ([, one]) => number(view, one.waiting) },
      { title: w.onOthers, kind: 'number', cell: ([, one]) => number(view, one.onOthers) },
      { title: w.active, kind: 'number', cell: ([, one]) => number(view, one.active) },
      { title: w.delayed, kind: 'number', cell: ([, one]) => number(view, one.delayed) },
      { title: w.failed, kind: 'number', cell: ([, one]) => number(view, one.failed) },
    ],
  });
}

/** What was kept so far stays. */
export const cancelAction: Action = {
  path: '/cancel',
  act: async ({ parts, queue, signal }, form) => {
    await cancelCapture(parts, await queue(), field(form, 'capture'), signal);
    return '/queue';
  },
};
