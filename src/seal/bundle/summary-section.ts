/** The first page of the report: every capture with its picture, so that a reader sees what was kept. */
import type { Manifest } from '../manifest.ts';
import { claimedPost } from './claimed-post.ts';
import { type Html, html, joinHtml } from './html.ts';
import { imageOf } from './picture-section.ts';
import type { ShownPicture } from './shown-pictures.ts';

export interface SummarisedCapture {
  manifest: Manifest;
  pictures: ShownPicture[];
  seal: Html;
}

export function summarySection(captures: SummarisedCapture[]): Html {
  return html`<h2>What was kept</h2><div class="cards">${joinHtml(captures.map(card))}</div>`;
}

function card({ manifest, pictures, seal }: SummarisedCapture): Html {
  const [picture] = pictures;
  const shown = picture === undefined ? html`<p class="none">no picture</p>` : imageOf(picture);
  return html`<article class="card"><div class="shown">${shown}</div>
<h3><a href="#${anchorOf(manifest.captureId)}"><bdi>${titleOf(manifest)}</bdi></a></h3>
<p><bdi>${manifest.source}</bdi></p>
<p>${manifest.state}, captured ${manifest.finishedAt} (UTC)</p><p>${seal}</p></article>`;
}

export function anchorOf(captureId: string): string {
  return `capture-${captureId}`;
}

const longestTitle = 120;

/** Who wrote the post, or what the page calls itself, or the link. */
export function titleOf({ post, pages, link }: Manifest): string {
  const { author } = claimedPost.safeParse(post).data ?? {};
  const handle = author?.handle ? `@${author.handle}` : null;
  const title = handle ?? pages.find(({ title }) => title)?.title ?? link;
  return title.length > longestTitle ? `${title.slice(0, longestTitle)}…` : title;
}
