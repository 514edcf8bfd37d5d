/** Two captures beside each other: what changed, and what did not. */
import { UsageError } from '../../../base/errors.ts';
import { captureIdFrom } from '../../../catalog/capture-id.ts';
import { findCaptures } from '../../../catalog/find.ts';
import { type GraphicMark, graphicAmong } from '../../../catalog/graphic-marks.ts';
import type { FoundCapture } from '../../../model/found-capture.ts';
import {
  type ComparedCaptures,
  compareTwo,
  type Side,
} from '../../../pipeline/answers/compare-two.ts';
import { definePage } from '../../page.ts';
import { code } from '../../parts/captured.ts';
import { select } from '../../parts/form.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { dataLinks, heading } from '../../parts/layout.ts';
import { withheldNotice } from '../../parts/picture.ts';
import { elapsed, stateBadge, time } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';
import { shortKey } from '../found-rows.ts';
import { mediaPart, picturesPart } from './pictures.ts';
import { factsPart, recordsPart } from './record.ts';
import { summaryPart } from './summary.ts';
import { wordsPart } from './words.ts';

export interface Compare extends ComparedCaptures {
  marks: GraphicMark[];
  /** Others of the same source. */
  choices: FoundCapture[];
}

const mostChoices = 100;

export const compare = definePage<Compare>({
  path: '/compare',
  ask: async ({ parts, query }) => {
    const named = [query.get('a'), query.get('b')] as const;
    const [a, b] = named;
    if (!a || !b) throw new UsageError('which-captures', 'name two captures: ?a=ID&b=ID');
    const { database } = parts;
    const ids = await Promise.all([a, b].map((id) => captureIdFrom(database, id)));
    const compared = await compareTwo(parts, [ids[0] ?? '', ids[1] ?? '']);
    const { source } = compared.after.record;
    const isOne = source === compared.before.record.source;
    const found = isOne && (await findCaptures(database, { source, limit: mostChoices }));
    const marks = [...(await graphicAmong(database, ids)).values()];
    return { ...compared, marks, choices: found ? found.rows : [] };
  },
  show: (answer, view) => {
    const { compare: w } = view.words;
    const { before, after } = answer;
    const withheld = answer.marks.find((mark) => view.withholds(mark));
    return {
      title: w.title,
      body: html`${heading(w.title)}
<p class="by">${code(shortKey(after.record.source))} · ${w.elapsed(elapsed(view, before.record.startedAt, after.record.startedAt))}</p>
<div class="pair">${side(view, w.before, before)}${side(view, w.after, after)}</div>
${chooser(view, answer)}
${summaryPart(view, answer)}
<section aria-labelledby="words"><h2 id="words">${w.words}</h2>${wordsPart(view, answer)}</section>
<section aria-labelledby="pictures"><h2 id="pictures">${w.pictures}</h2>${withheld === undefined ? picturesPart(view, answer) : withheldNotice(view, withheld, view.here)}</section>
<section aria-labelledby="media"><h2 id="media">${w.media}</h2>${mediaPart(view, answer, withheld !== undefined)}</section>
<section aria-labelledby="facts"><h2 id="facts">${w.facts}</h2>${factsPart(view, answer)}</section>
${answer.records.length === 0 ? nothing : html`<section aria-labelledby="records"><h2 id="records">${w.records}</h2>${recordsPart(view, answer)}</section>`}
${dataLinks(view)}`,
    };
  },
  record: ({ before, after, facts, texts, media, records }) => ({
    before: before.record.id,
    after: after.record.id,
    ...{ facts, texts, media, records },
  }),
  rows: ({ facts, texts, records }) => ({
    columns: ['what', 'before', 'after'],
    rows: [
      ...facts.map(({ name, view, before, after }) => [
        ...[view === null ? name : `${name} (${view})`, before, after],
      ]),
      ...texts.map(({ what, name, before, after }) => [`${what} ${name}`.trim(), before, after]),
      ...records.flatMap(({ route, changes }) =>
        changes.map(({ path, before, after }) => [`${route}: ${path}`, before, after]),
      ),
    ],
  }),
});

function side(view: View, label: string, { record }: Side): Html {
  return html`<section><h2>${label}</h2><p><a href="${view.link(`/captures/${record.id}`)}">${time(view, record.startedAt)}</a> ${stateBadge(view, record.state)}</p></section>`;
}

/** Any two of the same source. */
function chooser(view: View, { before, after, choices }: Compare): Html | string {
  if (choices.length < 3) return nothing;
  const { compare: w, states } = view.words;
  const options = choices.map(({ id, openedAt, state }) => ({
    value: id,
    label: `${openedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${states[state ?? 'unfinished']}`,
  }));
  return html`<details><summary>${w.choose}</summary><form class="fields" method="get" action="${view.link('/compare')}">
${select('a', w.before, options, before.record.id)}${select('b', w.after, options, after.record.id)}<p class="buttons"><button>${w.compare}</button></p></form></details>`;
}
