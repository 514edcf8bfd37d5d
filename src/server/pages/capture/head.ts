/** What stands over every page of a capture: what it is, how it stands, and its other pages. */
import { NotFoundError } from '../../../base/errors.ts';
import { captureIdFrom } from '../../../catalog/capture-id.ts';
import { findCaptures } from '../../../catalog/find.ts';
import { type GraphicMark, graphicAmong } from '../../../catalog/graphic-marks.ts';
import type { CaptureRecord } from '../../../model/capture-record.ts';
import { showCapture } from '../../../pipeline/answers/show.ts';
import { recordWithin } from '../../../pipeline/export/handed-order.ts';
import type { OfCapture } from '../../page.ts';
import { captured, code, handle, withoutSteering } from '../../parts/captured.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { heading } from '../../parts/layout.ts';
import { availabilityBadge, stateBadge, time } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';

export interface CaptureHead {
  record: CaptureRecord;
  title: string;
  /** Somebody asked for it for another case alone, who is not told. */
  isAskedElsewhere: boolean;
  mark: GraphicMark | undefined;
  /** Neighbours of the same source in time. */
  earlier: string | null;
  later: string | null;
}

const mostNeighbours = 500;

/** @throws NotFoundError `no-capture`, UsageError `ambiguous-id` */
export async function headOf({
  parts,
  params,
  ofCase,
}: Pick<OfCapture, 'parts' | 'params' | 'ofCase'>): Promise<CaptureHead> {
  const { database } = parts;
  const id = await captureIdFrom(database, params.id ?? '');
  const shown = await showCapture(parts, id);
  if (shown === null) throw new NotFoundError('no-capture', `there is no capture ${id}`);
  const record = ofCase === undefined ? shown : recordWithin(shown, [ofCase]);
  const { rows } = await findCaptures(database, { source: record.source, limit: mostNeighbours });
  const at = rows.findIndex((row) => row.id === id);
  const own = rows[at];
  return {
    record,
    isAskedElsewhere:
      ofCase !== undefined && shown.submission.case !== ofCase && record.submissions.length === 0,
    title: own?.firstLine?.trim() || record.link,
    mark: (await graphicAmong(database, [id])).get(id),
    earlier: rows[at + 1]?.id ?? null,
    later: rows[at - 1]?.id ?? null,
  };
}

const tabs = ['', '/text', '/network', '/files', '/custody', '/verify'] as const;
export type Tab = (typeof tabs)[number];

export function captureHead(view: View, head: CaptureHead, here: Tab): Html {
  const { record, title, earlier, later } = head;
  const { capture: w } = view.words;
  const author = record.post?.author;
  const isLink = title === record.link;
  const isThere = (id: string | null) => id !== null && view.reaches(`/captures/${id}`);
  const path = (tab: Tab, id: string | null = record.id) => view.link(`/captures/${id}${tab}`);
  return html`<p class="crumbs">${view.acts ? html`<a href="${view.link('/source', { key: record.source })}">${code(record.source)}</a>` : code(record.source)}</p>
${heading(isLink ? code(title) : captured(title))}
<p class="badges by">${stateBadge(view, record.state)} ${availabilityBadge(view, record.sourceNow.availability, record.sourceNow.kind)} <span>${author?.name == null ? nothing : html`<strong>${captured(author.name)}</strong> `}${author?.handle == null ? nothing : html`${handle(author.handle)} `}<span class="quiet">${w.captured} ${time(view, record.startedAt)}</span></span></p>
<nav class="tabs" aria-label="${w.parts}"><ul>${tabs.map(
    (tab) =>
      html`<li><a href="${path(tab)}"${tab === here ? html` aria-current="page"` : nothing}>${w.tabs[tab]}</a></li>`,
  )}</ul>
<p class="neighbours">${isThere(earlier) ? html`<a rel="prev" data-key="[" href="${path(here, earlier)}">${w.earlier}</a> ` : nothing}${earlier === null || !view.acts ? nothing : html`<a data-key="c" href="${view.link('/compare', { a: earlier, b: record.id })}">${w.compare}</a>`}${isThere(later) ? html` <a rel="next" data-key="]" href="${path(here, later)}">${w.later}</a>` : nothing}</p></nav>
${record.warnings.length === 0 ? nothing : html`<ul class="warnings">${record.warnings.map((warning) => html`<li dir="auto">${withoutSteering(warning)}</li>`)}</ul>`}`;
}
