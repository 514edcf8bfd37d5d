/** What a capture needs, how it stands, and the fix: as `holdfast doctor` says it. */
import type { Diagnosis } from '../../model/diagnosis.ts';
import { definePage } from '../page.ts';
import { code, withoutSteering } from '../parts/captured.ts';
import { html } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { table } from '../parts/table.ts';

export const doctor = definePage<Diagnosis[]>({
  path: '/doctor',
  ask: ({ diagnose }) => diagnose(),
  show: (diagnoses, view) => {
    const { doctor: w } = view.words;
    const faults = diagnoses.filter(({ state }) => state === 'fault').length;
    const warnings = diagnoses.filter(({ state }) => state === 'warning').length;
    return {
      title: w.title,
      body: html`${heading(w.title)}
<p>${faults + warnings === 0 ? w.fine : w.summary(faults, warnings)}</p>
${table({
  caption: w.title,
  empty: '',
  rows: diagnoses,
  columns: [
    { title: w.what, kind: 'main', cell: ({ what }) => what },
    {
      title: w.state,
      cell: ({ state }) => html`<span class="badge diagnosis-${state}">${w.states[state]}</span>`,
    },
    { title: w.found, cell: ({ found }) => html`<bdi lang="en">${withoutSteering(found)}</bdi>` },
    { title: w.fix, cell: ({ fix }) => (fix === '' ? '' : code(fix)) },
  ],
})}
${dataLinks(view)}`,
    };
  },
  record: (diagnoses) => ({
    rows: diagnoses.map((one) => ({ schema: 'holdfast.diagnosis/1', ...one })),
  }),
  rows: (diagnoses) => ({
    columns: ['what', 'state', 'found', 'fix'],
    rows: diagnoses.map(({ what, state, found, fix }) => [what, state, found, fix]),
  }),
});
