/** HTML of which every inserted text is escaped; only what is HTML already goes in as it is. */

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export function html(parts: TemplateStringsArray, ...values: (string | number | Html)[]): Html {
  return new Html(
    parts.reduce((text, part, index) => text + escaped(values[index - 1] ?? '') + part),
  );
}

export function joinHtml(parts: Html[]): Html {
  return new Html(parts.map(({ text }) => text).join('\n'));
}

/** Control characters, and those that turn the direction of text around, become visible. */
function escaped(value: string | number | Html): string {
  if (value instanceof Html) return value.text;
  return String(value)
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** @param widths of the columns, in per cent: a digest wants more room than a number */
export function tableOf(titles: string[], rows: string[][], widths: number[]): Html {
  if (rows.length === 0) return html`<p>None.</p>`;
  const columns = joinHtml(widths.map((width) => html`<col style="width:${width}%">`));
  const head = joinHtml(titles.map((title) => html`<th>${title}</th>`));
  const body = rows.map(
    (cells) => html`<tr>${joinHtml(cells.map((cell) => html`<td>${cell}</td>`))}</tr>`,
  );
  return html`<table><colgroup>${columns}</colgroup><thead><tr>${head}</tr></thead><tbody>${joinHtml(body)}</tbody></table>`;
}

export function listOf(rows: [string, string | Html][]): Html {
  return html`<dl>${joinHtml(rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`))}</dl>`;
}

export function shownTime(time: Date): string {
  return time.toISOString();
}
