/** Pictures in the report, each with what it shows, when it was made, its digest and a link to the file. */
import { type Html, html, joinHtml } from './html.ts';
import type { ShownPicture } from './shown-pictures.ts';

/** Of a video of hours there are twenty sheets; the files hold the others. */
const mostShown = 12;

export function picturesOf(captureId: string, source: string, pictures: ShownPicture[]): Html {
  if (pictures.length === 0) return html`<p>No picture of it is handed over.</p>`;
  const left = pictures.length - mostShown;
  return html`<div class="pictures">${joinHtml(
    pictures.slice(0, mostShown).map(
      (picture) => html`<figure class="${sizeOf(picture)}">${imageOf(picture)}
<figcaption>${picture.what}. ${addressOf(picture, source)}${picture.madeAt} (UTC). Capture ${captureId}.
SHA-256 <code>${picture.sha256}</code>. ${fileLink(picture)}</figcaption></figure>`,
    ),
  )}</div>${left > 0 ? html`<p>${left} more in the files.</p>` : html``}`;
}

export function imageOf(picture: ShownPicture): Html {
  if (picture.graphic !== undefined) {
    const { note } = picture.graphic;
    return html`<p class="graphic"><strong>Marked as graphic, and not shown here.</strong> ${note === null ? '' : html`To be seen: <bdi>${note}</bdi>. `}<a href="${addressFrom(picture)}">Open the file</a></p>`;
  }
  return html`<a href="${addressFrom(picture)}"><img src="${addressFrom(picture)}" alt="${picture.what}"></a>`;
}

function sizeOf({ role }: ShownPicture): string {
  return role === 'contact-sheet' || role === 'page-image' ? 'wide' : 'picture';
}

function addressOf({ address }: ShownPicture, source: string): Html {
  return html`<bdi>${address ?? source}</bdi>, `;
}

function fileLink(picture: ShownPicture): Html {
  return html`<a href="${addressFrom(picture)}">${picture.path.replace(/^data\//, '')}</a>`;
}

/** From the report, which lies in `data/`; file names are anybody's. */
function addressFrom({ path }: ShownPicture): string {
  return path
    .replace(/^data\//, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}
