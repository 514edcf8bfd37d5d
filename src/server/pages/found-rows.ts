/** Captures in a list: as rows, as pictures, as records and as cells. */
import type { FoundCapture } from '../../model/found-capture.ts';
import type { Rows } from '../page.ts';
import { captured, code, handle, withoutSteering } from '../parts/captured.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { table } from '../parts/table.ts';
import { availabilityBadge, stateBadge, time } from '../parts/words-of.ts';
import { type Previews, previewOf } from '../previews.ts';
import type { View } from '../view.ts';

/** What a capture is called: the first words of the post, the title of the page, or its link. */
export function nameOf({ firstLine, link }: Pick<FoundCapture, 'firstLine' | 'link'>): string {
  return firstLine !== null && firstLine.trim() !== '' ? firstLine : link;
}

export function captureTitle(view: View, row: FoundCapture): Html {
  const isNamed = nameOf(row) !== row.link;
  return html`<a class="title" dir="auto" href="${view.link(`/captures/${row.id}`)}">${isNamed ? captured(nameOf(row)) : code(row.link)}</a>`;
}

/** Handle and source are two runs: in one, a right-to-left name would reorder the other. */
export function byLine(view: View, row: FoundCapture): Html {
  return html`<span class="by">${row.author === null ? nothing : html`${handle(row.author)} `}<a class="quiet" href="${view.link('/source', { key: row.source })}">${code(shortKey(row.source))}</a>${row.cases.map((name) => html` <a class="tag" href="${view.link('/items', { case: name })}"><span class="hidden">${view.words.items.case} </span>${captured(name)}</a>`)}</span>`;
}

/** Where words of the query stand, marked. */
function snippetOf({ snippet }: FoundCapture): Html | string {
  if (snippet === null) return nothing;
  const { text, marks } = snippet;
  const pieces = marks.map(([from, to], index) => {
    const before = text.slice(marks[index - 1]?.[1] ?? 0, from);
    return html`${withoutSteering(before)}<mark>${withoutSteering(text.slice(from, to))}</mark>`;
  });
  return html`<p class="snippet" dir="auto">${pieces}${withoutSteering(text.slice(marks.at(-1)?.[1] ?? 0))}</p>`;
}

export function shortKey(source: string): string {
  return source.length > 64 ? `${source.slice(0, 63)}…` : source;
}

export function foundTable(view: View, rows: FoundCapture[], previews: Previews): Html {
  const { words } = view;
  return table({
    caption: words.items.caption,
    empty: words.items.empty,
    rows,
    id: ({ id }) => id,
    columns: [
      { title: words.items.picture, cell: (row) => previewOf(view, previews, row.id, '') },
      {
        title: words.items.what,
        kind: 'main',
        cell: (row) => html`${captureTitle(view, row)}${byLine(view, row)}${snippetOf(row)}`,
      },
      {
        title: words.items.state,
        cell: (row) => html`<span data-state>${stateBadge(view, row.state)}</span>`,
      },
      { title: words.items.now, cell: (row) => availabilityBadge(view, row.availability) },
      { title: words.items.opened, cell: (row) => time(view, row.openedAt) },
    ],
  });
}

export function foundSheet(view: View, rows: FoundCapture[], previews: Previews): Html {
  if (rows.length === 0) return html`<p class="empty">${view.words.items.empty}</p>`;
  return html`<ul class="sheet">${rows.map(
    (row) => html`<li data-capture="${row.id}">
<a class="card" href="${view.link(`/captures/${row.id}`)}">${previewOf(view, previews, row.id, '')}<span class="card-name">${captured(nameOf(row))}</span></a>
<span class="card-foot">${stateBadge(view, row.state)} ${time(view, row.openedAt)}</span>
</li>`,
  )}</ul>`;
}

export function foundRecord(row: FoundCapture) {
  return { schema: 'holdfast.found/1' as const, ...row };
}

export function foundRows(rows: FoundCapture[]): Rows {
  return {
    columns: ['id', 'opened', 'state', 'now', 'source', 'author', 'case', 'first line', 'link'],
    rows: rows.map((row) => [
      row.id,
      row.openedAt.toISOString(),
      row.state ?? 'unfinished',
      row.availability,
      row.source,
      row.author,
      row.cases.join('; '),
      row.firstLine,
      row.link,
    ]),
  };
}
