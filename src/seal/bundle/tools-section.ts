/** The programs that captured, and under which conditions: once for all captures that share them. */
import type { Manifest } from '../manifest.ts';
import { type Html, html, joinHtml } from './html.ts';

type Captured = Pick<Manifest, 'captureId' | 'tools' | 'conditions'>;

export function toolsSection(captures: Captured[]): Html {
  const sets = Map.groupBy(captures, ({ tools, conditions }) =>
    JSON.stringify({ tools, conditions }, null, 1),
  );
  const whose = (of: Captured[]) =>
    sets.size === 1 ? 'every capture' : of.map(({ captureId }) => captureId).join(', ');
  return html`<section class="appendix"><h2>Tools and conditions</h2>
${joinHtml([...sets].map(([set, of]) => html`<p>Of ${whose(of)}:</p><pre>${set}</pre>`))}</section>`;
}
