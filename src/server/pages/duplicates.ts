/** Files that show the same, earliest known copy first, and what people decided about them. Every decision can be undone. */
import { type ClusterDecision, type Decision, latestDecisions } from '../../catalog/clusters.ts';
import { type GraphicMark, graphicAmong } from '../../catalog/graphic-marks.ts';
import { type StillPicture, stillsOfFiles } from '../../catalog/still-pictures.ts';
import { allClusters, type Cluster, decide, undo } from '../../pipeline/copies/clusters.ts';
import { type Action, definePage, field } from '../page.ts';
import { captured, code } from '../parts/captured.ts';
import { doing } from '../parts/form.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { thumbnail } from '../parts/picture.ts';
import { digest, time } from '../parts/words-of.ts';
import type { View } from '../view.ts';
import { shortKey } from './found-rows.ts';

interface Duplicates {
  clusters: Cluster[];
  stills: Map<string, StillPicture>;
  marks: Map<string, GraphicMark>;
  decisions: ClusterDecision[];
  /** The file that was decided about: the next one is looked at. */
  after: string | null;
}

const mostShown = 50;
const mostDecisions = 20;

export const duplicates = definePage<Duplicates>({
  path: '/duplicates',
  ask: async ({ parts: { database }, query }) => {
    const clusters = (await allClusters(database)).slice(0, mostShown);
    const files = clusters.flatMap((cluster) => cluster.files);
    const captures = files.flatMap(({ places }) => places.map(({ captureId }) => captureId));
    return {
      clusters,
      stills: await stillsOfFiles(
        database,
        files.map(({ sha256 }) => sha256),
      ),
      marks: await graphicAmong(database, captures),
      decisions: await latestDecisions(database, mostDecisions),
      after: query.get('after'),
    };
  },
  show: (answer, view) => {
    const { duplicates: w } = view.words;
    const { clusters } = answer;
    return {
      title: w.title,
      body: html`${heading(w.title)}
<p>${w.how}</p><p class="quiet keys">${w.keys}</p>
${clusters.length === 0 ? html`<p class="empty">${w.empty}</p>` : nothing}
${clusters.map((cluster, index) => clusterPart(view, answer, cluster, index + 1))}
${decisionList(view, answer.decisions)}
${dataLinks(view)}`,
    };
  },
  record: ({ clusters, decisions }) => ({ clusters, decisions }),
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

function clusterPart(view: View, answer: Duplicates, cluster: Cluster, index: number): Html {
  const { duplicates: w } = view.words;
  const id = `cluster-${index}`;
  return html`<section class="cluster" aria-labelledby="${id}"><h2 id="${id}">${w.cluster(cluster.files.length)}</h2>
<ul class="sheet wide">${cluster.files.map((file) => fileCard(view, answer, cluster, file))}</ul></section>`;
}

type ClusterFile = Cluster['files'][number];

function fileCard(view: View, answer: Duplicates, cluster: Cluster, file: ClusterFile): Html {
  const { duplicates: w } = view.words;
  const { sha256, places } = file;
  const [first] = places;
  const isPrimary = sha256 === cluster.primary;
  const still = answer.stills.get(sha256) ?? null;
  const shown = thumbnail(view, still, graphicIn(view, answer, cluster), '');
  const focus = isNext(answer, cluster, sha256) ? html` autofocus` : nothing;
  return html`<li data-presses>${first === undefined ? nothing : html`<a class="card" href="${view.link(`/captures/${first.captureId}`)}"${focus}>${shown}<span class="card-name">${captured(first.name)}</span></a><span class="by">${code(shortKey(first.source))}</span>`}
<p class="card-foot">${isPrimary ? html`<strong>${cluster.chosen ? w.chosen : w.earliest}</strong>` : nothing} ${time(view, first?.storedAt)} <span>${w.places(places.length)}</span></p>
${digest(sha256)}
<div class="buttons">${choices(view, cluster, sha256)}</div></li>`;
}

/** What is alike is as hard to look at: one mark is for all of them. */
function graphicIn(view: View, { marks }: Duplicates, { files }: Cluster): GraphicMark | undefined {
  const own = files.flatMap(({ places }) => places.map(({ captureId }) => marks.get(captureId)));
  return own.find((mark) => mark !== undefined && view.withholds(mark));
}

/** So that the keyboard goes on from where it was. */
function isNext({ after, clusters }: Duplicates, cluster: Cluster, sha256: string): boolean {
  if (after === null) return false;
  const open = clusters.flatMap(({ files, primary }) =>
    files.filter((file) => file.sha256 !== primary).map((file) => file.sha256),
  );
  const next = open[open.indexOf(after) + 1] ?? open[0];
  return sha256 === next && sha256 !== cluster.primary;
}

function choices(view: View, { primary, chosen }: Cluster, sha256: string): Html {
  const { duplicates: w } = view.words;
  const isPrimary = sha256 === primary;
  const button = (decision: Decision, label: string, key: string) => {
    const other = decision === 'primary' ? '' : primary;
    return doing(view, '/duplicates/decide', label, { decision, sha256, other }, 'quiet', key);
  };
  return html`${
    isPrimary
      ? nothing
      : html`${button('same-scene', w.same, 's')}${button('unrelated', w.unrelated, 'u')}`
  }${isPrimary && chosen ? nothing : button('primary', w.cite, 'p')}`;
}

/** Of all clusters: what was told apart stands in none any more. */
function decisionList(view: View, decisions: ClusterDecision[]): Html | string {
  const { duplicates: w } = view.words;
  if (decisions.length === 0) return nothing;
  return html`<section aria-labelledby="decisions"><h2 id="decisions">${w.decisions}</h2><ul class="lines">${decisions.map(
    (one, index) =>
      html`<li><strong>${w.names[one.decision]}</strong> ${code(one.sha256?.slice(0, 12))}${one.otherSha256 === null ? nothing : html` ${code(one.otherSha256.slice(0, 12))}`} <span>${w.by} ${captured(one.by)}</span> ${time(view, one.at)} ${doing(view, '/duplicates/undo', w.undo, { id: one.id }, 'quiet', index === 0 ? 'z' : null)}</li>`,
  )}</ul></section>`;
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
      return `/duplicates?after=${encodeURIComponent(sha256)}`;
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
