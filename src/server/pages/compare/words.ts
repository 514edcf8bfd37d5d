/** Words of two captures, with what was added and what was taken. */
import { diffWordsWithSpace } from 'diff';
import type { ComparedText } from '../../../pipeline/answers/compare-two.ts';
import { withoutSteering } from '../../parts/captured.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import type { View } from '../../view.ts';
import type { Compare } from './compare.ts';

/** Longer texts are compared up to here: what is shown must be readable, and comparing must end. */
const mostCharacters = 20_000;
const diffLimitMs = 2_000;
/** Of all texts of a page together. */
const mostTexts = 20;

/** How a page was looked at; a name that is none of ours stays what it is. */
export function viewLabel(view: View, name: string): string {
  return view.words.compare.views[name] ?? withoutSteering(name);
}

export function textLabel(view: View, { what, name }: Pick<ComparedText, 'what' | 'name'>): string {
  const said = view.words.compare.texts[what];
  return name === '' ? said : `${said} (${viewLabel(view, name.replace(/^.*\//, ''))})`;
}

export function wordsPart(view: View, { texts }: Compare): Html {
  const { compare: w } = view.words;
  const different = texts.filter(({ before, after }) => before !== after);
  if (texts.length === 0) return html`<p class="empty">${w.noWords}</p>`;
  const same = texts.length - different.length;
  return html`${different.slice(0, mostTexts).map((text) => textPart(view, text))}
${same === 0 ? nothing : html`<p class="quiet">${w.sameTexts(same, texts.length)}</p>`}`;
}

function textPart(view: View, text: ComparedText): Html {
  const { compare: w } = view.words;
  const { before, after } = text;
  const title = html`<h3><bdi>${textLabel(view, text)}</bdi></h3>`;
  if (before !== null && after !== null)
    return html`<section>${title}${wordDiff(view, before, after)}</section>`;
  const only = (before ?? after ?? '').slice(0, mostCharacters);
  return html`<section>${title}<p class="quiet">${before === null ? w.onlyAfter : w.onlyBefore}</p><div class="word-diff" dir="auto">${
    before === null
      ? html`<ins>${withoutSteering(only)}</ins>`
      : html`<del>${withoutSteering(only)}</del>`
  }</div></section>`;
}

/** Insertions and deletions are elements of their own, which screen readers can tell. */
function wordDiff(view: View, before: string, after: string): Html {
  const { compare: w } = view.words;
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
