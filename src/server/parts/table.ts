/** Rows and columns; on a narrow screen each row is a card with its own labels. */
import { type Html, html, nothing } from './html.ts';

export interface Column<Row> {
  title: string;
  cell(row: Row): Html | string | number;
  /** Numbers stand at the end of their column. */
  kind?: 'number' | 'main';
}

export interface Table<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  /** Said where there are no rows. */
  empty: Html | string;
  /** Marks each row for what happens live. */
  id?(row: Row): string;
}

export function table<Row>({ caption, columns, rows, empty, id }: Table<Row>): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<table role="table">
<caption class="hidden">${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(
    ({ title, kind }) =>
      html`<th role="columnheader" scope="col" class="${kind ?? 'plain'}">${title}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  (row) =>
    html`<tr role="row"${id === undefined ? nothing : html` data-capture="${id(row)}"`}>${columns.map(
      ({ title, kind, cell }) =>
        html`<td role="cell" data-label="${title}" class="${kind ?? 'plain'}">${cell(row)}</td>`,
    )}</tr>
`,
)}
</tbody>
</table>`;
}
