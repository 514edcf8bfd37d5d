/** What came in, what vanished, what is wrong; and what is new since somebody last looked. */
import { statfs } from 'node:fs/promises';
import type { Database } from '../../catalog/database.ts';
import { lastPosition, type StreamedEvent, streamAfter } from '../../catalog/event-stream.ts';
import { type ExposureCount, exposuresOf } from '../../catalog/exposures.ts';
import { findCaptures } from '../../catalog/find.ts';
import { type WorkerSeen, workersSeen } from '../../catalog/heartbeats.ts';
import { everything, type LastLook, lastLook, noteLook } from '../../catalog/last-looks.ts';
import {
  type Doubt,
  type OverviewCounts,
  overviewCounts,
  recentTroubles,
  sourcesInDoubt,
  type Trouble,
} from '../../catalog/overview.ts';
import type { FoundCapture } from '../../model/found-capture.ts';
import type { Status } from '../../model/status.ts';
import { statusOf } from '../../pipeline/answers/status.ts';
import { type Action, definePage } from '../page.ts';
import { doing } from '../parts/form.ts';
import { html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { number, size, time } from '../parts/words-of.ts';
import { type Previews, previewsOf } from '../previews.ts';
import type { View } from '../view.ts';
import { foundSheet } from './found-rows.ts';
import { doubtList, newsList, tile, troubleList } from './overview-parts.ts';

const mostListed = 6;
const mostNews = 200;

interface Overview {
  counts: OverviewCounts;
  latest: FoundCapture[];
  previews: Previews;
  troubles: Trouble[];
  doubts: Doubt[];
  looked: LastLook | null;
  news: StreamedEvent[];
  status: Status;
  workers: WorkerSeen[];
  freeBytes: number;
  exposures: ExposureCount;
}

export const overview = definePage<Overview>({
  path: '/',
  ask: async ({ parts, queue, who }) => {
    const { database } = parts;
    // Side by side: one after the other, a dozen answers take as long as all of them together.
    const [seen, shown, counts, troubles, doubts, status, workers, exposures, disk] =
      await Promise.all([
        sinceLastLook(database, who),
        newestShown(database),
        overviewCounts(database),
        recentTroubles(database, mostListed),
        sourcesInDoubt(database, mostListed),
        queue().then((asked) => statusOf(parts, asked)),
        workersSeen(database),
        exposuresOf(database, who),
        statfs(parts.home.folder),
      ]);
    const freeBytes = disk.bavail * disk.bsize;
    return { ...seen, ...shown, counts, troubles, doubts, status, workers, exposures, freeBytes };
  },
  show: (answer, view) => {
    const { words } = view;
    const w = words.overview;
    const { counts, status } = answer;
    return {
      title: w.title,
      body: html`${heading(w.title)}
<div class="tiles">
${tile(view, w.removed30, counts.removed30, view.link('/takedowns'), w.removed7(number(view, counts.removed7)), counts.removed30 > 0 ? 'alarm' : 'plain')}
${tile(view, w.suspects, counts.suspects, view.link('/items', { q: 'now:suspect' }), w.suspectsMeaning, counts.suspects > 0 ? 'warn' : 'plain')}
${tile(view, w.today, counts.today, view.link('/items'), w.week(number(view, counts.week)))}
${tile(view, w.underWay, status.unfinished, view.link('/queue'), w.workers(answer.workers.length))}
</div>
<section aria-labelledby="news"><div class="heading"><h2 id="news">${w.since}</h2>${
        answer.news.length === 0 ? nothing : doing(view, '/seen', w.seen, {}, 'quiet')
      }</div>
<p class="quiet">${answer.looked === null ? w.neverLooked : html`${w.lookedAt} ${time(view, answer.looked.at)}`}</p>
${newsList(view, answer.news)}</section>
<section aria-labelledby="latest"><h2 id="latest">${w.latest}</h2>${answer.latest.length === 0 ? html`<p class="empty">${w.nothingYet} <a href="${view.link('/add')}">${w.addFirst}</a></p>` : foundSheet(view, answer.latest, answer.previews)}
<p><a href="${view.link('/items')}">${w.all}</a></p></section>
<div class="columns">
<section aria-labelledby="doubt"><h2 id="doubt">${w.doubts}</h2>${doubtList(view, answer.doubts)}</section>
<section aria-labelledby="trouble"><h2 id="trouble">${w.troubles}</h2>${troubleList(view, answer.troubles)}</section>
<section aria-labelledby="house"><h2 id="house">${w.house}</h2>${houseFacts(view, answer)}</section>
</div>
${dataLinks(view)}`,
    };
  },
  record: ({ latest: _, previews: __, news, ...rest }) => ({ ...rest, news }),
  rows: ({ counts, status, exposures }) => {
    const { states, ...plain } = counts;
    const figures = { ...plain, ...states, unfinished: status.unfinished, ...exposures };
    return { columns: ['figure', 'value'], rows: Object.entries(figures) };
  },
});

async function sinceLastLook(database: Database, who: string) {
  const looked = await lastLook(database, who, everything);
  return { looked, news: await streamAfter(database, looked?.position ?? 0, mostNews) };
}

async function newestShown(database: Database) {
  const { rows: latest } = await findCaptures(database, { limit: 8 });
  const ids = latest.map(({ id }) => id);
  return { latest, previews: await previewsOf(database, ids) };
}

function houseFacts(view: View, { status, counts, freeBytes, exposures }: Overview) {
  const w = view.words.overview;
  const { seal, stuck, deriving } = status;
  return html`<dl class="facts">
<div><dt>${w.log}</dt><dd>${w.logSigned(number(view, seal.log.entries), number(view, seal.log.signed))}</dd></div>
<div><dt>${w.fixity}</dt><dd>${seal.fixity.faults > 0 ? html`<strong class="alarm">${w.faults(number(view, seal.fixity.faults))}</strong>` : html`${w.noFaults(objectsInWords(view, seal.fixity))}`}</dd></div>
<div><dt>${w.stamps}</dt><dd>${seal.timestamps.configured ? w.stampsPending(seal.timestamps.pending.reduce((sum, { pending }) => sum + pending, 0)) : w.noStamps}</dd></div>
<div><dt>${w.overdue}</dt><dd>${number(view, counts.overdue)}</dd></div>
<div><dt>${w.stuck}</dt><dd>${number(view, stuck.length)}</dd></div>
<div><dt>${w.deriving}</dt><dd>${number(view, deriving)}</dd></div>
<div><dt>${w.free}</dt><dd>${size(view, freeBytes)}</dd></div>
<div><dt>${w.exposures}</dt><dd>${w.exposureCount(number(view, exposures.today), number(view, exposures.week))}</dd></div>
</dl>`;
}

function objectsInWords(view: View, { objects, isEstimate }: Status['seal']['fixity']): string {
  const count = number(view, objects);
  return isEstimate ? view.words.overview.about(count) : count;
}

/** From now on, what is there counts as seen. */
export const markSeen: Action = {
  path: '/seen',
  act: async ({ parts: { database }, who }) => {
    const position = await lastPosition(database);
    await noteLook(database, who, everything, { captureId: null, position });
    return '/';
  },
};
