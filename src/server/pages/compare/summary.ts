/** At one glance: what changed between two captures, and what did not. */
import { type Html, html, nothing } from '../../parts/html.ts';
import type { View } from '../../view.ts';
import type { Compare } from './compare.ts';
import { pictureLabel } from './pictures.ts';
import { factLabel } from './record.ts';
import { textLabel } from './words.ts';

interface Line {
  label: string;
  place: string;
  isSame: boolean;
}

export function summaryPart(view: View, compared: Compare): Html {
  const { compare: w } = view.words;
  const lines = linesOf(view, compared);
  const list = (isSame: boolean, empty: string) => {
    const own = lines.filter((line) => line.isSame === isSame);
    if (own.length === 0) return html`<p class="empty">${empty}</p>`;
    const look = isSame ? 'inline-list quiet' : 'chips';
    return html`<ul class="${look}">${own.map(({ label, place }) => html`<li><a${isSame ? nothing : html` class="chip"`} href="${view.link(view.here)}#${place}"><bdi>${label}</bdi></a></li>`)}</ul>`;
  };
  return html`<div class="pair summary"><section class="did-change"><h2>${w.changed}</h2>${list(false, w.nothingChanged)}</section>
<section><h2>${w.unchanged}</h2>${list(true, w.nothingSame)}</section></div>`;
}

function linesOf(view: View, compared: Compare): Line[] {
  const { compare: w } = view.words;
  const { texts, pictures, media, facts, records } = compared;
  const hasMedia = media.kept.length + media.lost.length + media.added.length > 0;
  return [
    ...texts
      .filter((text) => text.what !== 'ocr' || text.before !== text.after)
      .map((text) => ({
        ...{ label: textLabel(view, text), place: 'words', isSame: text.before === text.after },
      })),
    ...pictures.map((pair) => ({
      ...{ label: pictureLabel(view, pair), place: 'pictures' },
      isSame: pair.before.sha256 === pair.after.sha256,
    })),
    ...(hasMedia ? [mediaLine(w.media, media)] : []),
    ...facts.map((fact) => ({
      ...{ label: factLabel(view, fact), place: 'facts', isSame: fact.before === fact.after },
    })),
    ...records.map(({ route, before, after }) => ({
      ...{ label: `${w.records}: ${route}`, place: 'records', isSame: before === after },
    })),
  ];
}

function mediaLine(label: string, { lost, added }: Compare['media']): Line {
  return { label, place: 'media', isSame: lost.length + added.length === 0 };
}
