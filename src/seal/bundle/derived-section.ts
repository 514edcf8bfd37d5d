/** What was made of the captures, in the report: told apart from the evidence that it was made of. */
import { reasonInWords } from '../../base/reasons.ts';
import { type Html, html, joinHtml, tableOf } from './html.ts';
import type { HandedDerivation } from './shown-pictures.ts';

export function derivedSection(made: Pick<HandedDerivation, 'derivation' | 'sha256'>[]): Html {
  if (made.length === 0) return html``;
  const rows = made.map(({ derivation, sha256 }) => [
    derivation.kind,
    derivation.reason === null
      ? derivation.state
      : `${derivation.state}: ${reasonInWords(derivation.reason)}`,
    derivation.finishedAt,
    derivation.subject,
    sha256,
  ]);
  const files = made.flatMap(({ derivation, sha256 }) =>
    derivation.files.map((file) => [
      `${sha256.slice(0, 12)}…/${file.name}`,
      file.role,
      String(file.sizeBytes),
      file.sha256,
    ]),
  );
  return html`<section><h2>Derived from the captures</h2>
<p>Made by programs after the captures were sealed, and not evidence: keyframes, fingerprints,
renderings and text can be made again from the files above, with other tools and other results.</p>
${tableOf(['Kind', 'Outcome', 'Ended', 'Made of (SHA-256)', 'Record (SHA-256)'], rows, [12, 12, 18, 29, 29])}
${joinHtml(files.length === 0 ? [] : [tableOf(['File', 'Role', 'Bytes', 'SHA-256'], files, [30, 15, 10, 45])])}</section>`;
}
