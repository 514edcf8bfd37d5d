/** Who did what with a capture, from the paste to today. */
import { type CustodyEntry, custodyOf } from '../../../catalog/custody-of.ts';
import { definePage, type OfCapture } from '../../page.ts';
import { captured, withoutSteering } from '../../parts/captured.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { dataLinks } from '../../parts/layout.ts';
import { exactTime, number, who } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';
import { type CaptureHead, captureHead, headOf } from './head.ts';

interface Custody extends CaptureHead {
  entries: CustodyEntry[];
}

export const captureCustody = definePage<Custody, OfCapture>({
  path: '/captures/:id/custody',
  ask: async (asked) => {
    const head = await headOf(asked);
    const { manifestSha256, derivations, artifacts, filings } = head.record;
    const filed = filings.map(({ logIndex }) => logIndex);
    const records = derivations.flatMap(({ sha256 }) => sha256 ?? []);
    const digests = [...records, ...artifacts.map(({ sha256 }) => sha256)];
    const entries =
      manifestSha256 === null
        ? []
        : await custodyOf(asked.parts.database, manifestSha256, digests, filed);
    // Of a case that is handed over: who did what for another case is not said.
    const isOwn = ({ index, type }: CustodyEntry) => type === 'capture' || filed.includes(index);
    if (asked.ofCase !== undefined)
      return { ...head, entries: entries.filter(isOwn).map((entry) => ({ ...entry, by: null })) };
    return { ...head, entries };
  },
  show: (answer, view) => {
    const { custody: w } = view.words;
    const { record, entries } = answer;
    const { submission } = record;
    return {
      title: `${view.words.capture.tabs['/custody']} · ${withoutSteering(answer.title)}`,
      body: html`${captureHead(view, answer, '/custody')}
<p class="quiet">${w.meaning}</p>
<ol class="timeline">
${line(view, submission.at, html`${w.submitted} ${w.by} ${who(view, submission.by)}${submission.reason === null ? nothing : html`: ${captured(submission.reason)}`}`)}
${line(view, record.startedAt, w.started)}
${record.finishedAt === null ? nothing : line(view, record.finishedAt, html`${w.closed} <code dir="ltr" class="digest">${record.manifestSha256 ?? ''}</code>`)}
${entries.map((entry) => line(view, entry.at, entryLine(view, entry)))}
</ol>
${dataLinks(view)}`,
    };
  },
  record: ({ record, entries }) => ({ capture: record.id, submission: record.submission, entries }),
  rows: ({ entries }) => ({
    columns: ['entry', 'at', 'what', 'by', 'signed at size'],
    rows: entries.map(({ index, at, type, by, checkpoint }) => [
      ...[index, at.toISOString(), type, by, checkpoint],
    ]),
  }),
});

function line(view: View, at: Date | string, what: Html | string): Html {
  return html`<li><div class="when">${exactTime(view, at)}</div><div class="what">${what}</div></li>`;
}

function entryLine(view: View, { index, type, by, checkpoint }: CustodyEntry): Html {
  const { custody: w } = view.words;
  const signed = checkpoint === null ? w.unsigned : w.signed(number(view, checkpoint));
  return html`<strong>${w.types[type] ?? type}</strong>${by === null ? nothing : html` ${w.by} ${captured(by)}`} <span class="quiet">${w.entry(number(view, index))}, ${signed}</span>`;
}
