/** The links that a text holds, what would become of each, and a box that leaves it out. */
import { createHash } from 'node:crypto';
import { sortLinks } from '../../links/choose-links.ts';
import type { FoundLink } from '../../links/read-links.ts';
import type { AsideReason } from '../../model/submission.ts';
import { type Becoming, whatBecomes } from '../../pipeline/intake/what-becomes.ts';
import type { Parts } from '../../pipeline/parts.ts';
import { type FormFields, field } from '../page.ts';
import { code } from '../parts/captured.ts';
import { filled, hidden, isWrong, planList, trouble, wasRefused } from '../parts/form.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { table } from '../parts/table.ts';
import { number } from '../parts/words-of.ts';
import type { View } from '../view.ts';

/** `aside`: why it is only captured where somebody ticks its box. */
export type Foreseen = FoundLink & Becoming & { aside: AsideReason | null };

/** Beyond these, links come along without a box, but for those that are left aside. */
const mostShown = 500;

export async function foreseen(parts: Parts, text: string): Promise<Foreseen[]> {
  const sorted = sortLinks(text);
  const becoming = await whatBecomes(
    parts,
    sorted.map(({ found }) => found),
  );
  return sorted.map(({ found, why }, index) => ({
    ...found,
    ...(becoming[index] ?? { becomes: 'captured' }),
    aside: why,
  }));
}

/** The links whose boxes are ticked. @returns `null` where the form was made of another text */
export function chosenIn(form: FormFields, text: string): FoundLink[] | null {
  if (field(form, 'draft') !== nameOf(text)) return null;
  return sortLinks(text).flatMap(({ found, why }, index) => {
    const isTaken = index < mostShown ? form.has(`take-${index}`) : why === null;
    return 'key' in found && isTaken ? [found] : [];
  });
}

function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

export function foundPart(view: View, text: string, links: Foreseen[]): Html {
  const { add: w } = view.words;
  const usable = links.filter((one) => 'key' in one).length;
  const aside = links.filter((one) => 'key' in one && one.aside !== null).length;
  return html`<section aria-labelledby="found"><h2 id="found">${w.found(usable)}</h2>
${usable < links.length ? html`<p class="quiet">${w.left(number(view, links.length - usable))}</p>` : nothing}
${aside > 0 ? html`<p class="quiet">${w.aside(number(view, aside))}</p>` : nothing}
<form method="post" action="${view.link('/add')}" class="terms">${hidden(view, { draft: nameOf(text) })}
${trouble(view, '/add', '')}
${linkTable(view, links)}
${links.length > mostShown ? html`<p class="quiet">${w.more(number(view, links.length - mostShown))}</p>` : nothing}
${usable === 0 ? nothing : terms(view)}</form></section>`;
}

function linkTable(view: View, links: Foreseen[]): Html {
  const { add: w } = view.words;
  return table({
    caption: w.found(links.length),
    empty: w.none,
    rows: links.slice(0, mostShown).map((found, index) => ({ found, index })),
    columns: [
      { title: w.take, cell: ({ found, index }) => box(view, found, index) },
      {
        title: w.link,
        kind: 'main',
        cell: ({ found, index }) =>
          'key' in found
            ? html`<label for="take-${String(index)}">${code(found.link)}</label>`
            : code(found.link),
      },
      { title: w.source, cell: ({ found }) => ('key' in found ? code(found.key) : nothing) },
      { title: w.becomes, cell: ({ found }) => becomesInWords(view, found) },
    ],
  });
}

/** Ticked where it leads to a capture; what would be refused or is left aside can be ticked by hand. */
function box(view: View, found: Foreseen, index: number): Html | string {
  if (!('key' in found)) return nothing;
  const isTicked = wasRefused(view, '/add')
    ? filled(view, '/add', `take-${index}`) !== ''
    : found.becomes !== 'local' && found.aside === null;
  return html`<input type="checkbox" id="take-${String(index)}" name="take-${String(index)}" value="yes"${isTicked ? html` checked` : nothing}>`;
}

function becomesInWords(view: View, found: Foreseen): Html | string {
  const { add: w, rejections } = view.words;
  if ('rejected' in found) return html`<span class="quiet">${rejections[found.rejected]}</span>`;
  if (found.aside !== null) return html`<span class="quiet">${w.whyAside[found.aside]}</span>`;
  if (found.becomes === 'kept')
    return html`<span class="quiet">${w.becomesKept}</span> <a href="${view.link(`/captures/${found.captureId}`)}">${w.becomesKeptOpen}</a>`;
  if (found.becomes === 'named-before') return html`<span class="quiet">${w.becomesTwice}</span>`;
  if (found.becomes === 'local') return html`<span class="quiet">${w.becomesLocal}</span>`;
  return w.becomesNew;
}

function terms(view: View): Html {
  const { add: w } = view.words;
  const field = (name: string, label: string, more: Html | string = nothing) =>
    html`<label>${label} <input name="${name}" value="${filled(view, '/add', name)}"${isWrong(view, '/add', name)}${more}>${trouble(view, '/add', name)}</label>`;
  return html`<h3>${w.terms}</h3><div class="fields">
${field('case', w.case, html` dir="auto" maxlength="200"`)}
${field('tags', w.tags, html` dir="auto" placeholder="${w.tagsHow}"`)}
${field('note', w.note, html` dir="auto"`)}
${field('reason', w.reason, html` dir="auto"`)}
${field('watch', w.watch, html` dir="ltr" list="plans" placeholder="${w.watchHow}"`)}${planList()}
</div>
<p class="buttons"><button class="main">${w.submit}</button> <label class="check"><input type="checkbox" name="again" value="yes"${filled(view, '/add', 'again') === '' ? nothing : html` checked`}> ${w.again}</label></p>`;
}
