/** What people put a capture in order by: cases and tags, each added and taken back here, and notes, which stay. */
import type { CaptureRecord, FilingPart, SubmissionPart } from '../../../model/capture-record.ts';
import { type FilingKind, filingKinds } from '../../../model/filing.ts';
import { fileNamed } from '../../../pipeline/requests/file.ts';
import { type Action, field } from '../../page.ts';
import { captured, capturedLines } from '../../parts/captured.ts';
import { doing, hidden } from '../../parts/form.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { number, time, who } from '../../parts/words-of.ts';
import type { Query, View } from '../../view.ts';

export function filingPart(view: View, record: CaptureRecord): Html {
  const { filing: w } = view.words;
  return html`<h2>${w.title}</h2>
${names(view, record, 'case', record.cases)}
${names(view, record, 'tag', record.tags)}
${noteList(view, record)}
${historyList(view, record)}
${view.acts ? html`<details><summary>${w.add}</summary>${form(view, record, 'case')}${form(view, record, 'tag')}${form(view, record, 'note')}<p class="quiet">${w.meaning}</p></details>` : nothing}`;
}

function names(view: View, record: CaptureRecord, kind: 'case' | 'tag', values: string[]): Html {
  const { filing: w } = view.words;
  if (values.length === 0) return html`<p class="quiet">${w.none[kind]}</p>`;
  const query = (value: string): Query => ({ [kind]: value });
  return html`<p class="quiet">${w.kinds[kind]}</p><ul class="filed">${values.map(
    (value) =>
      html`<li>${
        view.acts
          ? html`<a class="tag" href="${view.link('/items', query(value))}">${captured(value)}</a>`
          : captured(value)
      } ${takenBack(view, record, kind, value)}</li>`,
  )}</ul>`;
}

function takenBack(
  view: View,
  { id }: CaptureRecord,
  kind: 'case' | 'tag',
  value: string,
): Html | string {
  const fields = { capture: id, kind, change: 'removed', value };
  return doing(view, '/file', view.words.filing.remove[kind], fields, 'quiet');
}

/** Those of every submission, of one that found it kept already too, and those that were written later. */
function noteList(view: View, record: CaptureRecord): Html | string {
  const { filing: w } = view.words;
  const { submission, submissions, filings } = record;
  const asked = submissions.some(({ at }) => at === submission.at)
    ? submissions
    : [submission, ...submissions];
  const notes = [
    ...asked.flatMap(({ note, by, at }) => (note === null ? [] : { value: note, by, at })),
    ...filings.filter(({ kind }) => kind === 'note'),
  ];
  if (notes.length === 0) return nothing;
  return html`<p class="quiet">${w.kinds.note}</p>${notes.map(
    ({ value, by, at }) =>
      html`<blockquote>${capturedLines(value)}<footer class="quiet">${who(view, by)} ${time(view, at)}</footer></blockquote>`,
  )}`;
}

/** Acts of asking and of filing, the oldest first. */
function historyList(view: View, { submissions, filings }: CaptureRecord): Html {
  const { filing: w } = view.words;
  const acts = [
    ...submissions.map((one) => ({ at: one.at, words: askedInWords(view, one) })),
    ...filings.map((one) => ({ at: one.at, words: filedInWords(view, one) })),
  ].sort((one, other) => (one.at < other.at ? -1 : 1));
  return html`<details><summary>${w.history}</summary><ul class="filed">${acts.map(
    ({ at, words }) => html`<li>${time(view, at)} ${words}</li>`,
  )}</ul></details>`;
}

function askedInWords(view: View, one: SubmissionPart): Html {
  const { filing: w } = view.words;
  const said = [one.case, ...one.tags, one.note].filter((text) => text !== null);
  return html`${w.asked} ${w.by} ${who(view, one.by)}${said.map((text) => html` · ${captured(text)}`)}`;
}

function filedInWords(view: View, one: FilingPart): Html {
  const { filing: w } = view.words;
  return html`${w.kinds[one.kind]} ${w.changes[one.change]} ${captured(one.value)} ${w.by} ${who(view, one.by)} <span class="quiet">${one.on === 'capture' ? html`${w.onCapture}, ` : nothing}${w.entry(number(view, one.logIndex))}</span>`;
}

function form(view: View, { id }: CaptureRecord, kind: FilingKind): Html {
  const { filing: w } = view.words;
  const fields = hidden(view, { capture: id, kind, change: 'added' });
  const input =
    kind === 'note'
      ? html`<textarea name="value" rows="3" dir="auto" maxlength="20000" required></textarea>`
      : html`<input name="value" dir="auto" maxlength="200" required>`;
  return html`<form class="filing" method="post" action="${view.link('/file')}">${fields}<label>${w.kinds[kind]} ${input}</label><button>${w.adds[kind]}</button></form>`;
}

/** Each is an entry of the log. */
export const fileAction: Action = {
  path: '/file',
  act: async ({ parts, who: by }, form) => {
    const kind = filingKinds.find((one) => one === field(form, 'kind')) ?? 'note';
    const isTakenBack = kind !== 'note' && field(form, 'change') === 'removed';
    const change = isTakenBack ? 'removed' : 'added';
    const capture = field(form, 'capture');
    await fileNamed(parts, { kind, change, value: field(form, 'value'), about: [capture], by });
    return `/captures/${encodeURIComponent(capture)}`;
  },
};
