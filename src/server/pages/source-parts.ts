/** The timeline of a source, and its days on a calendar. */
import type { TimelineEntry } from '../../catalog/timeline.ts';
import type { CaptureState } from '../../model/capture-record.ts';
import { filingKinds } from '../../model/filing.ts';
import { captured, code } from '../parts/captured.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { stateBadge, time } from '../parts/words-of.ts';
import type { View } from '../view.ts';

/** Newest first; what only says that a capture was opened is left to its end. */
export function timelineList(view: View, entries: TimelineEntry[]): Html {
  const told = entries.filter(({ what }) => what !== 'opened').toReversed();
  return html`<ol class="timeline">${told.map(
    (
      entry,
    ) => html`<li class="at-${entry.what}${entry.what === 'event' ? ` event-${(entry.word ?? '').replaceAll('.', '-')}` : ''}">
<div class="when">${time(view, entry.at)}</div><div class="what">${entryInWords(view, entry)}</div></li>`,
  )}</ol>`;
}

function entryInWords(view: View, { what, word, by, captureId, detail }: TimelineEntry): Html {
  const { timeline: w, events, signals } = view.words;
  const toCapture = (label: string) =>
    captureId === null
      ? html`${label}`
      : html`<a href="${view.link(`/captures/${captureId}`)}">${label}</a>`;
  if (what === 'submitted')
    return html`${w.submitted} ${by === null ? nothing : html`${w.by} ${captured(by)}`}`;
  if (what === 'filed') return filedInWords(view, word, by, detail);
  if (what === 'closed')
    return html`${toCapture(w.captured)} ${stateBadge(view, word as CaptureState)}`;
  if (what === 'observed')
    return html`${w.observed} <strong>${signals[word ?? ''] ?? word}</strong> ${w.route} ${code(by)}${
      typeof detail.status === 'number'
        ? html` <span class="quiet">HTTP ${String(detail.status)}</span>`
        : nothing
    }${typeof detail.statement === 'string' ? html`<blockquote>${captured(detail.statement)}</blockquote>` : nothing}`;
  return html`<strong>${events[word ?? ''] ?? word}</strong> ${changeInWords(view, word, detail)}`;
}

function filedInWords(
  view: View,
  word: string | null,
  by: string | null,
  { change, value }: TimelineEntry['detail'],
): Html {
  const { filing: w } = view.words;
  const kind = filingKinds.find((one) => one === word) ?? 'note';
  const said = change === 'removed' ? w.changes.removed : w.changes.added;
  return html`${w.kinds[kind]} ${kind === 'note' ? nothing : said} <strong>${captured(String(value))}</strong>${by === null ? nothing : html` ${w.by} ${captured(by)}`}`;
}

function changeInWords(
  view: View,
  word: string | null,
  detail: TimelineEntry['detail'],
): Html | string {
  const { timeline: w, aspects } = view.words;
  if (typeof detail.message === 'string') return captured(detail.message);
  if (word !== 'changed') return typeof detail.kind === 'string' ? code(detail.kind) : nothing;
  const aspect = String(detail.aspect);
  const [before, after] = [String(detail.captureBefore ?? ''), String(detail.capture ?? '')];
  return html`${aspects[aspect] ?? aspect} <a href="${view.link('/compare', { a: before, b: after })}">${w.compare}</a>`;
}

const mostMonths = 6;

/** Days with captures, checks and changes, the latest months first. */
export function calendar(view: View, entries: TimelineEntry[]): Html {
  const days = Map.groupBy(entries, ({ at }) => at.toISOString().slice(0, 10));
  const months = [...new Set([...days.keys()].map((day) => day.slice(0, 7)))].sort().reverse();
  return html`<div class="calendar">${months
    .slice(0, mostMonths)
    .map((month) => monthTable(view, month, days))}</div>`;
}

function monthTable(view: View, month: string, days: Map<string, TimelineEntry[]>): Html {
  const first = new Date(`${month}-01T00:00:00Z`);
  const title = first.toLocaleDateString(view.language, {
    ...{ month: 'long', year: 'numeric', timeZone: 'UTC' },
  });
  return html`<table class="month"><caption>${title}</caption><tbody>${weeksOf(first).map(
    (week) =>
      html`<tr>${week.map((day) => dayCell(view, day === null ? null : `${month}-${day}`, days))}</tr>`,
  )}</tbody></table>`;
}

function dayCell(view: View, day: string | null, days: Map<string, TimelineEntry[]>): Html {
  if (day === null) return html`<td></td>`;
  const told = days.get(day) ?? [];
  const mark = told.some(({ word }) => word === 'removed')
    ? 'gone'
    : told.some(({ word }) => word === 'changed' || word === 'restored')
      ? 'changed'
      : told.some(({ what }) => what === 'closed')
        ? 'captured'
        : told.length > 0
          ? 'checked'
          : 'nothing';
  const meaning = mark === 'nothing' ? nothing : view.words.calendar[mark];
  return html`<td class="day-${mark}"${meaning === nothing ? nothing : html` title="${meaning}"`}>${String(Number(day.slice(8)))}${meaning === nothing ? nothing : html`<span class="hidden"> ${meaning}</span>`}</td>`;
}

/** Weeks begin on Monday; days outside of the month are empty. */
function weeksOf(first: Date): (string | null)[][] {
  const [year, month] = [first.getUTCFullYear(), first.getUTCMonth()];
  const count = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const before = (first.getUTCDay() + 6) % 7;
  const cells = [
    ...Array<null>(before).fill(null),
    ...Array.from({ length: count }, (_, index) => String(index + 1).padStart(2, '0')),
  ];
  const weeks: (string | null)[][] = [];
  for (let at = 0; at < cells.length; at += 7) {
    const week = cells.slice(at, at + 7);
    weeks.push([...week, ...Array<null>(7 - week.length).fill(null)]);
  }
  return weeks;
}
