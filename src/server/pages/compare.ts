/** Two captures beside each other: pictures under a slider, words with what was added and taken, facts that differ. */
import { diffWordsWithSpace } from 'diff';
import { UsageError } from '../../base/errors.ts';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import { type GraphicMark, graphicAmong } from '../../catalog/graphic-marks.ts';
import {
  type ComparedCaptures,
  compareTwo,
  type PicturePair,
  type Side,
} from '../../pipeline/answers/compare-two.ts';
import { definePage } from '../page.ts';
import { captured, code, withoutSteering } from '../parts/captured.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { withheldNotice } from '../parts/picture.ts';
import { table } from '../parts/table.ts';
import { digest, stateBadge, time } from '../parts/words-of.ts';
import type { View } from '../view.ts';
import { keptFile } from './capture/pictures.ts';

interface Compare extends ComparedCaptures {
  mark: GraphicMark | undefined;
}

/** Longer texts are compared up to here: what is shown must be readable, and comparing must end. */
const mostCharacters = 20_000;
const diffLimitMs = 2_000;

export const compare = definePage<Compare>({
  path: '/compare',
  ask: async ({ parts, query }) => {
    const named = [query.get('a'), query.get('b')] as const;
    const [a, b] = named;
    if (!a || !b) throw new UsageError('which-captures', 'name two captures: ?a=ID&b=ID');
    const ids = await Promise.all([a, b].map((id) => captureIdFrom(parts.database, id)));
    const compared = await compareTwo(parts, [ids[0] ?? '', ids[1] ?? '']);
    const marks = await graphicAmong(parts.database, ids);
    return { ...compared, mark: [...marks.values()][0] };
  },
  show: (answer, view) => {
    const { compare: w } = view.words;
    const { before, after, mark } = answer;
    const isWithheld = mark !== undefined && view.withholds(mark);
    return {
      title: w.title,
      body: html`${heading(w.title)}
<div class="pair">${side(view, w.before, before)}${side(view, w.after, after)}</div>
<section aria-labelledby="differ"><h2 id="differ">${w.facts}</h2>${factTable(view, answer)}</section>
<section aria-labelledby="words"><h2 id="words">${w.words}</h2>${wordDiff(view, before.text, after.text)}</section>
<section aria-labelledby="media"><h2 id="media">${w.media}</h2>${mediaPart(view, answer)}</section>
${isWithheld ? withheldNotice(view, mark, view.here) : html`${answer.pictures.map((pair) => picturePair(view, answer, pair))}`}
${dataLinks(view)}`,
    };
  },
  record: ({ before, after, facts, media }) => ({
    before: { id: before.record.id, text: before.text },
    after: { id: after.record.id, text: after.text },
    facts,
    media,
  }),
  rows: ({ facts }) => ({
    columns: ['what', 'before', 'after'],
    rows: facts.map(({ name, before, after }) => [name, before, after]),
  }),
});

function side(view: View, label: string, { record }: Side): Html {
  return html`<section><h2>${label}</h2><p><a href="${view.link(`/captures/${record.id}`)}">${time(view, record.startedAt)}</a> ${stateBadge(view, record.state)}</p></section>`;
}

function factTable(view: View, { facts }: Compare): Html {
  const { compare: w } = view.words;
  return table({
    caption: w.facts,
    empty: w.sameFacts,
    rows: facts,
    columns: [
      { title: w.what, cell: ({ name }) => w.names[name] },
      { title: w.before, kind: 'main', cell: ({ before }) => captured(before) },
      { title: w.after, kind: 'main', cell: ({ after }) => captured(after) },
    ],
  });
}

/** Insertions and deletions are elements of their own, which screen readers can tell. */
function wordDiff(view: View, before: string, after: string): Html {
  const { compare: w } = view.words;
  if (before === after)
    return html`<p class="empty">${before === '' ? w.noWords : w.sameWords}</p>`;
  const [one, other] = [before, after].map((text) =>
    withoutSteering(text.slice(0, mostCharacters)),
  );
  const changes = diffWordsWithSpace(one ?? '', other ?? '', { timeout: diffLimitMs });
  if (changes === undefined) return html`<p class="empty">${w.tooDifferent}</p>`;
  const isCut = before.length > mostCharacters || after.length > mostCharacters;
  return html`<div class="word-diff" dir="auto">${changes.map(({ added, removed, value }) =>
    added
      ? html`<ins>${value}</ins>`
      : removed
        ? html`<del>${value}</del>`
        : html`<span>${value}</span>`,
  )}</div>${isCut ? html`<p class="quiet">${w.cut}</p>` : nothing}`;
}

function mediaPart(view: View, { media }: Compare): Html {
  const { compare: w } = view.words;
  const list = (label: string, digests: string[]) =>
    digests.length === 0
      ? nothing
      : html`<li>${label}: ${digests.map((sha256) => html`${digest(sha256)} `)}</li>`;
  const isEmpty = media.kept.length + media.lost.length + media.added.length === 0;
  if (isEmpty) return html`<p class="empty">${w.noMedia}</p>`;
  return html`<ul class="lines">${list(w.kept, media.kept)}${list(w.lost, media.lost)}${list(w.added, media.added)}</ul>`;
}

function picturePair(view: View, { before, after }: Compare, pair: PicturePair): Html {
  const { compare: w, roles } = view.words;
  const label = roles[pair.role] ?? pair.role;
  const one = (title: string, { record }: Side, file: PicturePair['before']) =>
    html`<figure><figcaption>${title}</figcaption><img src="${view.kept('large', keptFile(record, file))}" alt="${label}, ${title}" loading="lazy" decoding="async"></figure>`;
  if (pair.before.sha256 === pair.after.sha256)
    return html`<section><h2>${label}</h2><p class="quiet">${w.sameBytes} ${code(pair.before.sha256)}</p></section>`;
  return html`<section><h2>${label}</h2>
<compare-slider data-label="${w.slider}" data-apart="${w.apart}" data-over="${w.over}"><div class="pair" tabindex="0" role="group" aria-label="${label}">${one(w.before, before, pair.before)}${one(w.after, after, pair.after)}</div></compare-slider></section>`;
}
