/** Bring something in: paste a text or drop a file, see which links it holds, then say yes. */
import { PermanentError, UsageError } from '../../base/errors.ts';
import { type FoundLink, readLinks } from '../../links/read-links.ts';
import { showCapture } from '../../pipeline/answers/show.ts';
import { addRequested } from '../../pipeline/requests/add.ts';
import { type Action, definePage, type FormFields, field } from '../page.ts';
import { code } from '../parts/captured.ts';
import { hidden } from '../parts/form.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { table } from '../parts/table.ts';
import { number } from '../parts/words-of.ts';
import type { View } from '../view.ts';

interface Add {
  text: string;
  found: FoundLink[];
}

const mostTextCharacters = 8 * 1024 * 1024;
const mostLinks = 10_000;
const mostShown = 200;

export const add = definePage<Add>({
  path: '/add',
  ask: async ({ session }) => ({ text: session.draft, found: readLinks(session.draft) }),
  show: ({ text, found }, view) => {
    const { add: w } = view.words;
    return {
      title: w.title,
      body: html`${heading(w.title)}
<p>${w.how}</p>
<form method="post" action="${view.link('/add/read')}" enctype="multipart/form-data" class="paste">${hidden(view)}
<label for="text">${w.text}</label>
<drop-zone><textarea id="text" name="text" rows="8" dir="auto" spellcheck="false" placeholder="${w.placeholder}">${text.length < 20_000 ? text : ''}</textarea></drop-zone>
<p class="buttons"><label>${w.file} <input type="file" name="file" accept=".txt,.html,.htm,.csv,.jsonl,.md,text/*"></label><button class="main">${w.read}</button></p>
</form>
${text === '' ? nothing : foundPart(view, found)}
${dataLinks(view)}`,
    };
  },
  record: ({ found }) => ({ links: found }),
  rows: ({ found }) => ({
    columns: ['link', 'key', 'rejected'],
    rows: found.map((one) => [
      one.link,
      'key' in one ? one.key : null,
      'rejected' in one ? one.rejected : null,
    ]),
  }),
});

function foundPart(view: View, found: FoundLink[]): Html {
  const { add: w } = view.words;
  const usable = found.filter((one) => 'key' in one).length;
  return html`<section aria-labelledby="found"><h2 id="found">${w.found(usable)}</h2>
${usable < found.length ? html`<p class="quiet">${w.left(number(view, found.length - usable))}</p>` : nothing}
${usable === 0 ? nothing : submitForm(view, usable)}
${table({
  caption: w.found(usable),
  empty: w.none,
  rows: found.slice(0, mostShown),
  columns: [
    {
      title: w.source,
      kind: 'main',
      cell: (one) =>
        'key' in one
          ? code(one.key)
          : html`<span class="quiet">${w.rejected} ${code(one.rejected)}</span>`,
    },
    { title: w.link, cell: ({ link }) => code(link) },
  ],
})}
${found.length > mostShown ? html`<p class="quiet">${w.more(number(view, found.length - mostShown))}</p>` : nothing}
</section>`;
}

function submitForm(view: View, count: number): Html {
  const { add: w } = view.words;
  return html`<form method="post" action="${view.link('/add')}" class="terms">${hidden(view)}
<div class="fields">
<label>${w.case} <input name="case" dir="auto" maxlength="200"></label>
<label>${w.tags} <input name="tags" dir="auto" placeholder="${w.tagsHow}"></label>
<label>${w.note} <input name="note" dir="auto"></label>
<label>${w.reason} <input name="reason" dir="auto"></label>
<label>${w.watch} <input name="watch" dir="ltr" list="plans" placeholder="${w.watchHow}"></label><datalist id="plans"><option value="adaptive"></option><option value="6h"></option><option value="1d"></option></datalist>
</div>
<p class="buttons"><button class="main">${w.submit(count)}</button> <label class="check"><input type="checkbox" name="again" value="yes"> ${w.again}</label></p></form>`;
}

/** Keeps the text with the session, so that what is shown is what will be submitted. */
export const readText: Action = {
  path: '/add/read',
  act: async ({ session }, form) => {
    session.draft = await textIn(form);
    return '/add';
  },
};

/** A file before pasted text: whoever chose one meant it. @throws UsageError `too-large` */
async function textIn(form: FormFields): Promise<string> {
  const file = form.get('file');
  const text = file instanceof File && file.size > 0 ? await file.text() : field(form, 'text');
  if (text.length <= mostTextCharacters) return text;
  throw new UsageError('too-large', 'this text is over 8 MiB: hand it over in pieces');
}

export const submitDraft: Action = {
  path: '/add',
  act: async ({ parts, queue, session, who }, form) => {
    const links = readLinks(session.draft).filter((one) => 'key' in one);
    refuseCount(links.length);
    const said = (name: string) => field(form, name).trim() || undefined;
    await addRequested(parts, await queue(), links, {
      case: said('case') ?? null,
      tags: (said('tags') ?? '')
        .split(/[,،]/)
        .map((tag) => tag.trim())
        .filter(Boolean),
      note: said('note') ?? null,
      reason: said('reason') ?? null,
      watch: said('watch'),
      again: field(form, 'again') === 'yes',
      by: who,
    });
    session.draft = '';
    return '/queue';
  },
};

/** @throws PermanentError `no-links`, `too-many-links` */
function refuseCount(count: number): void {
  if (count === 0)
    throw new PermanentError('no-links', 'the text holds no link that could be captured');
  if (count > mostLinks)
    throw new PermanentError(
      'too-many-links',
      `the text holds ${count} links; the page takes ${mostLinks}: use holdfast add for more`,
    );
}

/** The same link once more, for the same case; the capture that is there stays as it is. */
export const captureAgain: Action = {
  path: '/again',
  act: async ({ parts, queue, who }, form) => {
    const record = await showCapture(parts, field(form, 'capture'));
    if (record === null) return '/queue';
    const links = readLinks(record.link, 'text').slice(0, 1);
    const { case: caseName, tags } = record.submission;
    const terms = { again: true, by: who, case: caseName ?? undefined, tags };
    await addRequested(parts, await queue(), links, terms);
    return '/queue';
  },
};
