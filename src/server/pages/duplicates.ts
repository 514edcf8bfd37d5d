/** Files that show the same, earliest known copy first, and what people decided about them. Every decision can be undone. */
import type { Decision } from '../../catalog/clusters.ts';
import { allClusters, type Cluster, decide, undo } from '../../pipeline/copies/clusters.ts';
import { type Action, definePage, field } from '../page.ts';
import { captured, code } from '../parts/captured.ts';
import { doing } from '../parts/form.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { digest, time } from '../parts/words-of.ts';
import { type Previews, previewOf, previewsOf } from '../previews.ts';
import type { View } from '../view.ts';
import { shortKey } from './found-rows.ts';

interface Duplicates {
  clusters: Cluster[];
  previews: Previews;
}

const mostShown = 50;

export const duplicates = definePage<Duplicates>({
  path: '/duplicates',
  ask: async ({ parts: { database } }) => {
    const clusters = (await allClusters(database)).slice(0, mostShown);
    const captures = clusters.flatMap(({ files }) =>
      files.flatMap(({ places }) => places[0]?.captureId ?? []),
    );
    return { clusters, previews: await previewsOf(database, captures) };
  },
  show: ({ clusters, previews }, view) => {
    const { duplicates: w } = view.words;
    return {
      title: w.title,
      body: html`${heading(w.title)}
<p>${w.how}</p>
${clusters.length === 0 ? html`<p class="empty">${w.empty}</p>` : nothing}
${clusters.map((cluster, index) => clusterPart(view, cluster, previews, index + 1))}
${dataLinks(view)}`,
    };
  },
  record: ({ clusters }) => ({ clusters }),
  rows: ({ clusters }) => ({
    columns: ['cluster', 'sha256', 'primary', 'first kept', 'source', 'capture'],
    rows: clusters.flatMap(({ primary, files }) =>
      files.map(({ sha256, places }) => [
        ...[primary, sha256, String(sha256 === primary), places[0]?.storedAt.toISOString() ?? null],
        ...[places[0]?.source ?? null, places[0]?.captureId ?? null],
      ]),
    ),
  }),
});

function clusterPart(view: View, cluster: Cluster, previews: Previews, index: number): Html {
  const { duplicates: w } = view.words;
  const { files, decisions } = cluster;
  return html`<section class="cluster" aria-labelledby="cluster-${String(index)}"><h2 id="cluster-${String(index)}">${w.cluster(files.length)}</h2>
<ul class="sheet">${files.map((file) => fileCard(view, cluster, file, previews))}</ul>
${
  decisions.length === 0
    ? nothing
    : html`<h3>${w.decisions}</h3><ul class="lines">${decisions.map(
        (one) =>
          html`<li>${w.names[one.decision]} <span>${w.by} ${captured(one.by)}</span> ${time(view, one.at)} ${doing(view, '/duplicates/undo', w.undo, { id: one.id }, 'quiet')}</li>`,
      )}</ul>`
}</section>`;
}

function fileCard(
  view: View,
  { primary, chosen }: Cluster,
  { sha256, places }: Cluster['files'][number],
  previews: Previews,
): Html {
  const { duplicates: w } = view.words;
  const [first] = places;
  const isPrimary = sha256 === primary;
  return html`<li>${first === undefined ? nothing : html`<a class="card" href="${view.link(`/captures/${first.captureId}`)}">${previewOf(view, previews, first.captureId, '')}<span class="card-name">${code(shortKey(first.source))}</span></a>`}
<p class="card-foot">${isPrimary ? html`<strong>${chosen ? w.chosen : w.earliest}</strong>` : nothing} ${time(view, first?.storedAt)} <span>${w.places(places.length)}</span></p>
${digest(sha256)}
<div class="buttons">${
    isPrimary
      ? nothing
      : html`${doing(view, '/duplicates/decide', w.same, { decision: 'same-scene', sha256, other: primary }, 'quiet')}${doing(view, '/duplicates/decide', w.unrelated, { decision: 'unrelated', sha256, other: primary }, 'quiet')}`
  }${isPrimary && chosen ? nothing : doing(view, '/duplicates/decide', w.cite, { decision: 'primary', sha256 }, 'quiet')}</div></li>`;
}

const decisions: Exclude<Decision, 'undo'>[] = ['same-scene', 'unrelated', 'primary'];

export const duplicateActions: Action[] = [
  {
    path: '/duplicates/decide',
    act: async ({ parts, who }, form) => {
      const decision = decisions.find((one) => one === field(form, 'decision')) ?? 'same-scene';
      const [sha256, other] = [field(form, 'sha256'), field(form, 'other')];
      const files: [string] | [string, string] =
        decision === 'primary' ? [sha256] : [sha256, other];
      await decide(parts, decision, files, { by: who });
      return '/duplicates';
    },
  },
  {
    path: '/duplicates/undo',
    act: async ({ parts, who }, form) => {
      await undo(parts, field(form, 'id'), { by: who });
      return '/duplicates';
    },
  },
];
