/** Who did what with a capture, from the paste to today. */
import { type CustodyEntry, custodyOf } from '../../../catalog/custody-of.ts';
import type { CaptureRecord } from '../../../model/capture-record.ts';
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
    return {
      title: `${view.words.capture.tabs['/custody']} · ${withoutSteering(answer.title)}`,
      body: html`${captureHead(view, answer, '/custody')}
<p class="quiet">${w.meaning}</p>
<ol class="timeline">
${happenings(view, answer).map(({ at, what }) => line(view, at, what))}
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

interface Happening {
  at: Date | string;
  what: Html | string;
}

/** Whatever is on record of it, the oldest first; of one moment, in the order of the record. */
function happenings(view: View, { record, mark, entries, isAskedElsewhere }: Custody): Happening[] {
  const { custody: w } = view.words;
  const { startedAt, finishedAt, manifestSha256 } = record;
  const closed = html`${w.closed} <code dir="ltr" class="digest">${manifestSha256 ?? ''}</code>`;
  const all: Happening[] = [
    ...askedFor(record).map((one) => ({
      at: one.at,
      what: isAskedElsewhere
        ? html`${w.submitted}: ${view.words.capture.askedElsewhere}`
        : askedLine(view, one),
    })),
    { at: startedAt, what: w.started },
    ...(finishedAt === null ? [] : [{ at: finishedAt, what: closed }]),
    ...entries.map((entry) => ({ at: entry.at, what: entryLine(view, record, entry) })),
    // Who handed a case over does not say what was decided for others.
    ...(mark === undefined || !view.acts
      ? []
      : [{ at: mark.at, what: html`${w.graphic} ${w.by} ${who(view, mark.by)}` }]),
  ];
  return all.sort((one, other) => new Date(one.at).getTime() - new Date(other.at).getTime());
}

type Asked = Pick<CaptureRecord['submission'], 'at' | 'by' | 'reason'>;

/** Every time that somebody asked for it; the first of them began it. */
function askedFor({ id, submission, submissions }: CaptureRecord): Asked[] {
  const own = submissions.filter(({ capture }) => capture === id);
  return own.some(({ at }) => at === submission.at) ? own : [submission, ...own];
}

function askedLine(view: View, { by, reason }: Asked): Html {
  const { custody: w } = view.words;
  return html`${w.submitted} ${w.by} ${who(view, by)}${reason === null ? nothing : html`: ${captured(reason)}`}`;
}

function entryLine(view: View, record: CaptureRecord, entry: CustodyEntry): Html {
  const { custody: w } = view.words;
  const { index, type, at, by, checkpoint } = entry;
  const signed = checkpoint === null ? w.unsigned : w.signed(number(view, checkpoint));
  const isShared = type === 'derivation' && at < new Date(record.startedAt);
  return html`<strong>${whatOf(view, record, entry)}</strong>${by === null ? nothing : html` ${w.by} ${who(view, by)}`}${isShared ? html` · ${w.shared}` : nothing} <span class="quiet">${w.entry(number(view, index))}, ${signed}</span>`;
}

/** Of a case or a tag: which, and whether it came or went. */
function whatOf(view: View, { filings }: CaptureRecord, { index, type }: CustodyEntry): Html {
  const { custody: w, filing } = view.words;
  const filed = filings.find(({ logIndex }) => logIndex === index);
  if (filed === undefined || filed.kind === 'note') return html`${w.types[type] ?? type}`;
  return html`${filing.kinds[filed.kind]} ${filing.changes[filed.change]} ${captured(filed.value)}`;
}
