/** Every file of a capture with its digest: what came from outside, and what was made of it, apart. */
import type { DerivationPart } from '../../../model/capture-record.ts';
import { definePage, type OfCapture } from '../../page.ts';
import { captured, code, withoutSteering } from '../../parts/captured.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { dataLinks } from '../../parts/layout.ts';
import { table } from '../../parts/table.ts';
import { digest, exactTime, reason, size } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';
import { type CaptureHead, captureHead, headOf } from './head.ts';
import { type File, keptFile } from './pictures.ts';

export const captureFiles = definePage<CaptureHead, OfCapture>({
  path: '/captures/:id/files',
  ask: headOf,
  show: (answer, view) => {
    const { files: w } = view.words;
    const { artifacts, derivations } = answer.record;
    const evidence = artifacts.filter(({ derivation }) => derivation === undefined);
    const derived = artifacts.filter(({ derivation }) => derivation !== undefined);
    return {
      title: `${view.words.capture.tabs['/files']} · ${withoutSteering(answer.title)}`,
      body: html`${captureHead(view, answer, '/files')}
<section aria-labelledby="evidence"><h2 id="evidence">${w.evidence}</h2><p class="quiet">${w.evidenceMeaning}</p>${fileTable(view, answer, evidence, w.evidence)}</section>
<section aria-labelledby="derived"><h2 id="derived">${w.derived}</h2><p class="quiet">${w.derivedMeaning}</p>${fileTable(view, answer, derived, w.derived)}
<h3>${w.derivations}</h3>${derivationTable(view, derivations)}</section>
${dataLinks(view)}`,
    };
  },
  record: ({ record: { id, artifacts, derivations } }) => ({ capture: id, artifacts, derivations }),
  rows: ({ record: { artifacts } }) => ({
    columns: ['role', 'name', 'media type', 'bytes', 'sha256', 'derived from', 'derivation'],
    rows: artifacts.map((file) => [
      ...[file.role, file.name, file.mediaType, file.sizeBytes, file.sha256],
      ...[file.derivedFrom, file.derivation ?? null],
    ]),
  }),
});

function fileTable(
  view: View,
  { record, mark }: CaptureHead,
  files: File[],
  caption: string,
): Html {
  const { files: w, roles } = view.words;
  const isWithheld = mark !== undefined && view.withholds(mark);
  return table({
    caption,
    empty: w.none,
    rows: files,
    columns: [
      {
        title: w.name,
        kind: 'main',
        cell: (file) =>
          html`${isWithheld || !view.hands(file) ? captured(file.name) : html`<a href="${view.kept('save', keptFile(record, file))}">${captured(file.name)}</a>`}${digest(file.sha256)}`,
      },
      { title: w.role, cell: ({ role }) => roles[role] ?? role },
      { title: w.type, cell: ({ mediaType }) => code(mediaType) },
      { title: w.size, kind: 'number', cell: ({ sizeBytes }) => size(view, sizeBytes) },
    ],
  });
}

function derivationTable(view: View, derivations: DerivationPart[]): Html {
  const { files: w, derivationStates } = view.words;
  return table({
    caption: w.derivations,
    empty: w.noDerivations,
    rows: derivations,
    columns: [
      {
        title: w.kind,
        kind: 'main',
        cell: ({ kind, inputs }) => html`${view.words.kinds[kind]}${digest(inputs[0] ?? '')}`,
      },
      {
        title: w.state,
        cell: (one) =>
          html`${derivationStates[one.state]}${one.reason === null ? nothing : html` ${reason(view, one.reason)}`}`,
      },
      { title: w.tool, cell: ({ tool }) => captured(tool) },
      { title: w.entry, kind: 'number', cell: ({ logIndex }) => logIndex ?? '' },
      { title: w.made, cell: ({ finishedAt }) => exactTime(view, finishedAt) },
    ],
  });
}
