/**
 * Pages are tagged templates: what stands in `${}` is escaped, and stands in text or in a quoted
 * attribute (a test looks). Addresses come from `view.link`, `view.leave` and `view.kept` alone.
 */
import { html as template } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What may stand in a template: text and numbers are escaped; `null` and `false` are nothing. */
export type Piece = Html | string | number | null | undefined | false | readonly Piece[];

export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return template(strings, ...pieces);
}

export const nothing = '';
