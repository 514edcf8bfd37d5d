/** Pictures of two captures under a slider, and the original files that both hold, or only one. */
import type { ComparedFile, PicturePair, Side } from '../../../pipeline/answers/compare-two.ts';
import { captured } from '../../parts/captured.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { digest, size } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';
import { keptFile } from '../capture/pictures.ts';
import { framesOf } from '../capture/player.ts';
import type { Compare } from './compare.ts';
import { viewLabel } from './words.ts';

/** Role, and the view that it was seen in where there are several. */
export function pictureLabel(view: View, { role, before }: PicturePair): string {
  const said = view.words.roles[role] ?? role;
  const [folder] = before.name.split('/');
  return role === 'render' ? said : `${said} (${viewLabel(view, folder ?? '')})`;
}

export function picturesPart(view: View, compared: Compare): Html {
  const { compare: w } = view.words;
  const { pictures } = compared;
  if (pictures.length === 0) return html`<p class="empty">${w.noPictures}</p>`;
  const isSame = ({ before, after }: PicturePair) => before.sha256 === after.sha256;
  const same = pictures.filter(isSame);
  return html`${pictures.filter((pair) => !isSame(pair)).map((pair) => picturePair(view, compared, pair))}${
    same.length === 0
      ? nothing
      : html`<h3>${w.unchanged}</h3><ul class="sheet">${same.map((pair) => samePicture(view, compared, pair))}</ul>`
  }`;
}

function picturePair(view: View, { before, after }: Compare, pair: PicturePair): Html {
  const { compare: w } = view.words;
  const label = pictureLabel(view, pair);
  const one = (title: string, { record }: Side, file: ComparedFile) =>
    html`<figure><figcaption>${title}</figcaption><img src="${view.kept('large', keptFile(record, file))}" alt="${label}, ${title}" loading="lazy" decoding="async"></figure>`;
  return html`<section><h3><bdi>${label}</bdi></h3>
<compare-slider data-label="${w.slider}" data-apart="${w.apart}" data-over="${w.over}"><div class="pair" tabindex="0" role="group" aria-label="${label}">${one(w.before, before, pair.before)}${one(w.after, after, pair.after)}</div></compare-slider></section>`;
}

function samePicture(view: View, { after }: Compare, pair: PicturePair): Html {
  const to = view.link(`/captures/${after.record.id}`, { picture: pair.after.name });
  return html`<li><a class="card" href="${to}#pictures">${still(view, after, pair.after)}<span class="card-name"><bdi>${pictureLabel(view, pair)}</bdi></span></a>${digest(pair.after.sha256)}</li>`;
}

/** Of a recording, its first keyframe. */
function still(view: View, { record }: Side, file: ComparedFile): Html {
  const shown = file.mediaType.startsWith('image/') ? file : framesOf(record, file)[0];
  if (shown === undefined)
    return html`<span class="still without"><span>${view.words.picture.none}</span></span>`;
  return html`<span class="still"><img src="${view.kept('small', keptFile(record, shown))}" alt="" loading="lazy" decoding="async"></span>`;
}

export function mediaPart(
  view: View,
  { before, after, media }: Compare,
  isWithheld: boolean,
): Html {
  const { compare: w } = view.words;
  const lines: [string, Side, ComparedFile][] = [
    ...media.lost.map((file) => [w.lost, before, file] as [string, Side, ComparedFile]),
    ...media.added.map((file) => [w.added, after, file] as [string, Side, ComparedFile]),
    ...media.kept.map((file) => [w.kept, after, file] as [string, Side, ComparedFile]),
  ];
  if (lines.length === 0) return html`<p class="empty">${w.noMedia}</p>`;
  return html`<ul class="sheet">${lines.map(
    ([label, side, file]) =>
      html`<li>${isWithheld ? html`<span class="still withheld"><span>${view.words.graphic.withheldShort}</span></span>` : still(view, side, file)}<span class="card-name">${captured(file.name)}</span><span class="card-foot"><strong>${label}</strong> · ${size(view, file.sizeBytes)}</span>${digest(file.sha256)}</li>`,
  )}</ul>`;
}
