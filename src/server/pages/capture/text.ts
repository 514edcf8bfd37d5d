/** All the words of a capture: of the post, of the pages, read in pictures, heard in recordings. */
import { pagesOf } from '../../../catalog/pages.ts';
import { type ReadText, textsOfCapture } from '../../../catalog/texts-of-capture.ts';
import { definePage, type OfCapture } from '../../page.ts';
import { captured, capturedLines, code, withoutSteering } from '../../parts/captured.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import { dataLinks } from '../../parts/layout.ts';
import { number } from '../../parts/words-of.ts';
import type { View } from '../../view.ts';
import { type CaptureHead, captureHead, headOf } from './head.ts';

interface Texts extends CaptureHead {
  pages: Awaited<ReturnType<typeof pagesOf>>;
  read: ReadText[];
}

/** More is shown by the file itself. */
const mostShown = 200_000;

export const captureText = definePage<Texts, OfCapture>({
  path: '/captures/:id/text',
  ask: async (asked) => {
    const head = await headOf(asked);
    const { database } = asked.parts;
    return {
      ...head,
      pages: await pagesOf(database, head.record.id),
      read: await textsOfCapture(database, head.record.id),
    };
  },
  show: (answer, view) => {
    const { text: w } = view.words;
    const { record, pages, read } = answer;
    const isEmpty = record.post === null && pages.length === 0 && read.length === 0;
    return {
      title: `${view.words.capture.tabs['/text']} · ${withoutSteering(answer.title)}`,
      body: html`${captureHead(view, answer, '/text')}
${isEmpty ? html`<p class="empty">${w.none}</p>` : nothing}
${record.post === null ? nothing : part(view, w.post, record.post.text)}
${pages.map((page) => part(view, html`${w.page} ${code(page.view)} ${page.title === null ? nothing : captured(page.title)}`, page.body))}
${read.map((one) => part(view, html`${w[one.kind]} ${captured(one.name)}`, one.body, w[`${one.kind}Meaning`]))}
${dataLinks(view)}`,
    };
  },
  record: ({ record, pages, read }) => ({ capture: record.id, post: record.post, pages, read }),
  rows: ({ record, pages, read }) => ({
    columns: ['what', 'name', 'text'],
    rows: [
      ...(record.post === null ? [] : [['post', record.post.id, record.post.text]]),
      ...pages.map(({ view, body }) => ['page', view, body]),
      ...read.map(({ kind, name, body }) => [kind, name, body]),
    ],
  }),
});

function part(view: View, title: Html | string, text: string, meaning = ''): Html {
  const { text: w } = view.words;
  const shown = text.slice(0, mostShown);
  return html`<section class="words"><h2>${title}</h2>${meaning === '' ? nothing : html`<p class="quiet">${meaning}</p>`}
${text.trim() === '' ? html`<p class="empty">${w.empty}</p>` : capturedLines(shown)}
${shown.length < text.length ? html`<p class="quiet">${w.cut(number(view, text.length))}</p>` : nothing}</section>`;
}
