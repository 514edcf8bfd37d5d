/** Pictures of captures: grey, still and small until somebody asks for more; withheld where marked. */
import type { GraphicMark } from '../../catalog/graphic-marks.ts';
import type { KeptFile } from '../kept-address.ts';
import type { View } from '../view.ts';
import { captured } from './captured.ts';
import { doing } from './form.ts';
import { type Html, html, nothing } from './html.ts';

/** A still of at most 320 pixels, or a place that says why there is none. */
export function thumbnail(
  view: View,
  file: KeptFile | null,
  mark: GraphicMark | undefined,
  alt: string,
): Html {
  if (mark !== undefined && view.withholds(mark))
    return html`<span class="still withheld"><span>${view.words.graphic.withheldShort}</span></span>`;
  if (file === null)
    return html`<span class="still without"><span>${view.words.picture.none}</span></span>`;
  return html`<span class="still"><img src="${view.kept('small', file)}" alt="${alt}" loading="lazy" decoding="async"></span>`;
}

/** A picture to look at: scrolls where it is tall, and opens in full by itself. */
export function largePicture(view: View, file: KeptFile, alt: string): Html {
  return html`<zoom-picture class="zoom" data-full="${view.kept('play', file)}" data-fit="${view.words.picture.fit}" data-whole="${view.words.picture.whole}" data-closer="${view.words.picture.closer}" data-farther="${view.words.picture.farther}">
<div class="pane" tabindex="0" role="region" aria-label="${alt}" title="${view.words.picture.zoomKeys}"><img src="${view.kept('large', file)}" alt="${alt}" decoding="async"></div>
</zoom-picture>`;
}

/** In place of what a person marked: what it is said to be, and the way to see it. */
export function withheldNotice(view: View, mark: GraphicMark, back: string): Html {
  const { graphic } = view.words;
  return html`<section class="withheld-notice" aria-label="${graphic.marked}">
<h2>${graphic.marked}</h2>
<p>${view.acts ? graphic.withheld : graphic.notCopied}</p>
${mark.note === null ? nothing : html`<p>${graphic.note} ${captured(mark.note)}</p>`}
${doing(view, '/graphic/show', graphic.show, { source: mark.sourceKey ?? '', back })}
</section>`;
}
