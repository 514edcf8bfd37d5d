/** Parts of the overview: figures, and short lists that lead on. */
import type { StreamedEvent } from '../../catalog/event-stream.ts';
import type { Doubt, Trouble } from '../../catalog/overview.ts';
import type { CaptureState } from '../../model/capture-record.ts';
import type { Availability } from '../../model/signals.ts';
import { code, withoutSteering } from '../parts/captured.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { availabilityBadge, number, stateBadge, time } from '../parts/words-of.ts';
import type { View } from '../view.ts';
import { shortKey } from './found-rows.ts';

export function tile(
  view: View,
  label: string,
  value: number,
  href: string,
  more: string,
  look: 'plain' | 'warn' | 'alarm' = 'plain',
): Html {
  return html`<a class="tile ${look}" href="${href}"><span class="tile-label">${label}</span><strong class="tile-value">${number(view, value)}</strong><span class="tile-more">${more}</span></a>`;
}

const listed = 8;

/** Counted by kind, with the newest of them named. */
export function newsList(view: View, news: StreamedEvent[]): Html {
  const w = view.words.overview;
  if (news.length === 0) return html`<p class="empty">${w.nothingNew}</p>`;
  const told = toldOnce(news);
  const counts = Map.groupBy(told, ({ kind }) => kind);
  return html`<ul class="chips">${[...counts].map(
    ([kind, events]) =>
      html`<li class="chip event-${kind.replace('.', '-')}">${view.words.events[kind] ?? kind} <span class="num">${number(view, events.length)}</span></li>`,
  )}</ul>
<ol class="lines">${told
    .toReversed()
    .slice(0, listed)
    .map((event) => newsLine(view, event))}</ol>`;
}

/** A capture that failed is closed, too: it counts as failed, and once. */
function toldOnce(news: StreamedEvent[]): StreamedEvent[] {
  const failed = new Set(
    news.flatMap(({ kind, captureId }) => (kind === 'capture.failed' ? captureId : [])),
  );
  return news.filter(({ kind, captureId }) => kind !== 'capture.closed' || !failed.has(captureId));
}

function newsLine(view: View, { kind, source, captureId, at }: StreamedEvent): Html {
  const to =
    kind.startsWith('capture.') && captureId !== null
      ? view.link(`/captures/${captureId}`)
      : view.link('/source', { key: source });
  return html`<li>${time(view, at)} <span>${view.words.events[kind] ?? kind}</span> ${
    source === null ? nothing : html`<a href="${to}">${code(shortKey(source))}</a>`
  }</li>`;
}

export function doubtList(view: View, doubts: Doubt[]): Html {
  if (doubts.length === 0) return html`<p class="empty">${view.words.overview.noDoubts}</p>`;
  return html`<ul class="lines">${doubts.map(
    ({ sourceKey, availability, kind, since }) =>
      html`<li>${availabilityBadge(view, availability as Availability, kind)} <a href="${view.link('/source', { key: sourceKey })}">${code(shortKey(sourceKey))}</a> ${time(view, since)}</li>`,
  )}</ul>`;
}

export function troubleList(view: View, troubles: Trouble[]): Html {
  if (troubles.length === 0) return html`<p class="empty">${view.words.overview.noTroubles}</p>`;
  return html`<ul class="lines">${troubles.map(
    ({ captureId, state, reason, link, at }) =>
      html`<li>${stateBadge(view, state as CaptureState)} <a href="${view.link(`/captures/${captureId}`)}"><bdi dir="ltr">${withoutSteering(link).slice(0, 80)}</bdi></a> ${reason === null ? nothing : code(reason)} ${time(view, at)}</li>`,
  )}</ul>`;
}
