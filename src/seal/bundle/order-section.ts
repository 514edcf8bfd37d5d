/** In the report: who asked for a capture's source, into which cases it was put, tags and notes. */
import { plural } from '../../base/plural.ts';
import type { HandedOrder } from './bundle-content.ts';
import { type Html, html, tableOf } from './html.ts';

/** What a bundle of a case says of captures that were first kept outside of it. */
export function sharedInWords(count: number): string {
  const they = count === 1 ? 'It comes' : 'They come';
  const its = count === 1 ? 'its' : 'their';
  return (
    `${plural(count, 'capture')} of ${its} sources ${count === 1 ? 'was' : 'were'} first kept outside of this case. ` +
    `${they} with ${its} own manifest, entry of the log and proof that the entry is in the log, and with nothing else of the chain in which that entry stands: ` +
    `that nothing was left out is shown for this case, not for that chain. The manifest is as it was sealed, and names what it was first kept for.`
  );
}

export function orderSection(order: HandedOrder | null): Html {
  if (order === null) return html``;
  const { cases, submissions, filings, isShared } = order;
  const rows = [
    ...submissions.map((one) => ({
      at: one.at,
      cells: [
        'asked for',
        [
          one.case && `case ${one.case}`,
          ...one.tags.map((tag) => `tag ${tag}`),
          one.note,
          one.reason,
        ]
          .filter(Boolean)
          .join('; '),
        one.by,
      ],
    })),
    ...filings.map((one) => ({
      at: one.at,
      cells: [
        one.kind === 'note' ? 'note' : `${one.kind} ${one.change}`,
        `${one.value}${one.on === 'capture' ? ' (this capture alone)' : ''} (entry ${one.logIndex})`,
        one.by,
      ],
    })),
  ].sort((one, other) => (one.at < other.at ? -1 : 1));
  return html`<h3>Cases, tags and notes</h3>
<p>${cases.length === 0 ? 'In no case.' : `In the ${cases.length === 1 ? 'case' : 'cases'} ${cases.join(', ')}.`}${isShared ? ' First kept outside of this case: only its own entry of the log is here.' : ''}</p>
${tableOf(
  ['Time (UTC)', 'What', 'Words', 'By'],
  rows.map(({ at, cells }) => [at, ...cells]),
  [22, 14, 44, 20],
)}`;
}
