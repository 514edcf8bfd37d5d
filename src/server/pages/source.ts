/** One source over time: its captures, what was observed of it, and what became of it. */
import { findCaptures } from '../../catalog/find.ts';
import { lastLook } from '../../catalog/last-looks.ts';
import { type SourceNow, sourcesNow } from '../../catalog/source-now.ts';
import { watchOf } from '../../catalog/watches.ts';
import type { FoundCapture } from '../../model/found-capture.ts';
import type { WatchRow } from '../../model/watch.ts';
import { historyOf, type SourceHistory } from '../../pipeline/answers/timeline.ts';
import { planInWords } from '../../watch/plan.ts';
import { definePage } from '../page.ts';
import { captured, code } from '../parts/captured.ts';
import { doing, hidden, planList } from '../parts/form.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { availabilityBadge, facts, time } from '../parts/words-of.ts';
import { type Previews, previewsOf } from '../previews.ts';
import type { View } from '../view.ts';
import { foundTable, nameOf } from './found-rows.ts';
import { calendar, timelineList } from './source-parts.ts';

interface Source {
  history: SourceHistory;
  captures: FoundCapture[];
  previews: Previews;
  now: SourceNow | undefined;
  watch: WatchRow | null;
  /** The capture that this person saw last. */
  seen: string | null;
}

const mostCaptures = 100;

export const source = definePage<Source>({
  path: '/source',
  ask: async ({ parts: { database }, query, who }) => {
    const history = await historyOf(database, query.get('key') ?? '');
    const key = history.source;
    const { rows: captures } = await findCaptures(database, { source: key, limit: mostCaptures });
    const ids = captures.map(({ id }) => id);
    return {
      history,
      captures,
      previews: await previewsOf(database, ids),
      now: (await sourcesNow(database, [key])).get(key),
      watch: await watchOf(database, key),
      seen: (await lastLook(database, who, key))?.captureId ?? null,
    };
  },
  show: (answer, view) => {
    const { source: w } = view.words;
    const { history, captures, previews } = answer;
    const [newest] = captures;
    return {
      title: newest === undefined ? history.source : nameOf(newest),
      body: html`${heading(newest === undefined ? code(history.source) : captured(nameOf(newest)))}
<p class="badges">${availabilityBadge(view, answer.now?.availability ?? 'unknown', answer.now?.kind)}</p>
<div class="aside-layout"><div>
${compareLinks(view, answer)}
<section aria-labelledby="captures"><h2 id="captures">${w.captures}</h2>${foundTable(view, captures, previews)}</section>
<section aria-labelledby="timeline"><h2 id="timeline">${w.timeline}</h2>${timelineList(view, history.entries)}</section>
</div>
<aside>
${sourceFacts(view, answer)}
<section aria-labelledby="days"><h2 id="days">${w.calendar}</h2>${calendar(view, history.entries)}</section>
</aside></div>
${dataLinks(view)}`,
    };
  },
  record: ({ history, now, watch }) => ({
    source: history.source,
    aliases: history.aliases,
    now,
    watch,
    entries: history.entries.map((entry) => ({ schema: 'holdfast.timeline-entry/1', ...entry })),
  }),
  rows: ({ history: { entries } }) => ({
    columns: ['at', 'what', 'word', 'by', 'id', 'capture', 'detail'],
    rows: entries.map(({ at, what, word, by, id, captureId, detail }) => [
      ...[at.toISOString(), what, word, by, id, captureId],
      JSON.stringify(detail),
    ]),
  }),
});

function sourceFacts(view: View, { history, captures, now, watch }: Source): Html {
  const { source: w } = view.words;
  const [newest] = captures;
  return html`${facts([
    [w.key, code(history.source)],
    [
      w.aliases,
      history.aliases.length === 0
        ? null
        : html`${history.aliases.map((key) => html`${code(key)} `)}`,
    ],
    [
      w.link,
      newest === undefined
        ? null
        : html`<a href="${view.leave(newest.link)}">${code(newest.link)}</a>`,
    ],
    [w.since, now?.since == null ? null : time(view, now.since)],
    [w.lastCheck, time(view, now?.lastCheck)],
    [w.watch, watch === null ? w.notWatched : html`${planInWords(watch)}`],
  ])}
<div class="buttons">
${doing(view, '/check', w.check, { source: history.source })}
${newest === undefined ? nothing : doing(view, '/again', w.again, { capture: newest.id })}
</div>
${watch === null ? watchForm(view, history.source) : nothing}`;
}

function watchForm(view: View, key: string): Html {
  const { watches: w } = view.words;
  return html`<details><summary>${w.watchThis}</summary><form method="post" action="${view.link('/watch')}">${hidden(view, { source: key })}
<label>${w.plan} <input name="plan" value="adaptive" dir="ltr" list="plans"></label>${planList()}
<button>${w.watch}</button></form></details>`;
}

/** Neighbours in time; and, where there is something new, what changed since this person last looked. */
function compareLinks(view: View, { captures, seen }: Source): Html | string {
  const { source: w } = view.words;
  const kept = captures.filter(({ state }) => state === 'complete' || state === 'partial');
  const [newest, before] = kept;
  if (newest === undefined || before === undefined) return nothing;
  const isNew = seen !== null && seen !== newest.id && kept.some(({ id }) => id === seen);
  return html`<p class="buttons"><a class="button" href="${view.link('/compare', { a: before.id, b: newest.id })}">${w.compareLast}</a>${
    isNew
      ? html` <a class="button main" href="${view.link('/compare', { a: seen, b: newest.id })}">${w.sinceLooked}</a>`
      : nothing
  }</p>`;
}
