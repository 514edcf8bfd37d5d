/** Bring something in: paste a text or drop a file, see which links it holds, then say yes. */
import { PermanentError, UsageError } from '../../base/errors.ts';
import { decodeText } from '../../links/decode-text.ts';
import { readLinks } from '../../links/read-links.ts';
import { showCapture } from '../../pipeline/answers/show.ts';
import { addRequested } from '../../pipeline/requests/add.ts';
import { type Action, definePage, type FormFields, field } from '../page.ts';
import { hidden, trouble } from '../parts/form.ts';
import { html, nothing } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { queryOf } from '../view.ts';
import { chosenIn, type Foreseen, foreseen, foundPart } from './found-links.ts';

interface Add {
  text: string;
  links: Foreseen[];
}

const mostTextCharacters = 8 * 1024 * 1024;
const mostLinks = 10_000;

export const add = definePage<Add>({
  path: '/add',
  ask: async ({ parts, session }) => ({
    text: session.draft,
    links: await foreseen(parts, session.draft),
  }),
  show: ({ text, links }, view) => {
    const { add: w } = view.words;
    return {
      title: w.title,
      body: html`${heading(w.title)}
<p>${w.how}</p>
<form method="post" action="${view.link('/add/read')}" enctype="multipart/form-data" class="paste">${hidden(view)}
<label for="text">${w.text}</label>
<drop-zone><textarea id="text" name="text" rows="8" dir="auto" spellcheck="false" placeholder="${w.placeholder}">${text.length < 20_000 ? text : ''}</textarea></drop-zone>${trouble(view, '/add/read', 'text')}
<p class="buttons"><label>${w.file} <input type="file" name="file" accept=".txt,.html,.htm,.csv,.jsonl,.md,text/*">${trouble(view, '/add/read', 'file')}</label><button class="main">${w.read}</button></p>
</form>
${text === '' ? nothing : foundPart(view, text, links)}
${dataLinks(view)}`,
    };
  },
  record: ({ links }) => ({ links }),
  rows: ({ links }) => ({
    columns: ['link', 'key', 'rejected', 'becomes'],
    rows: links.map((one) => [
      ...[one.link, 'key' in one ? one.key : null, 'rejected' in one ? one.rejected : null],
      one.becomes,
    ]),
  }),
});

/** Keeps the text with the session, so that what is shown is what will be submitted. */
export const readText: Action = {
  path: '/add/read',
  returnsTo: () => '/add',
  blames: { 'unknown-encoding': 'file', 'too-large': 'text' },
  act: async ({ session }, form) => {
    session.draft = await textIn(form);
    return '/add';
  },
};

/** A file before pasted text: whoever chose one meant it. @throws UsageError `too-large`, `unknown-encoding` */
async function textIn(form: FormFields): Promise<string> {
  const file = form.get('file');
  const isFile = file instanceof File && file.size > 0;
  const text = isFile ? decodeText(new Uint8Array(await file.arrayBuffer())) : field(form, 'text');
  if (text === null)
    throw new UsageError(
      'unknown-encoding',
      'this file is neither UTF-8 nor UTF-16 and names no other encoding: save it as UTF-8',
    );
  if (text.length <= mostTextCharacters) return text;
  throw new UsageError('too-large', 'this text is over 8 MiB: hand it over in pieces');
}

export const submitDraft: Action = {
  path: '/add',
  returnsTo: () => '/add',
  blames: { 'bad-plan': 'watch', 'empty-value': 'case', 'too-long': 'tags' },
  act: async ({ parts, queue, session, who }, form) => {
    const links = chosenIn(form, session.draft);
    // Another window has read another text since: what is shown there is what counts.
    if (links === null) return '/add';
    refuseCount(links.length);
    const said = (name: string) => field(form, name).trim() || undefined;
    const submitted = await addRequested(parts, await queue(), links, {
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
    const kept = submitted.filter(({ captureId, opened }) => captureId !== null && !opened);
    const [first] = kept;
    return submitted.length === 1 && first !== undefined
      ? `/captures/${first.captureId}?kept=yes`
      : `/queue${queryOf({ kept: kept.length || null })}`;
  },
};

/** @throws PermanentError `no-links`, `too-many-links` */
function refuseCount(count: number): void {
  if (count === 0) throw new PermanentError('no-links', 'no link is chosen that could be captured');
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
