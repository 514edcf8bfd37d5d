/** Which requests of a capture are recorded. */
import { pageAnswersOf } from '../../../catalog/pages.ts';
import { exchangesOf, type IndexedExchange } from '../../../pipeline/answers/exchanges.ts';
import { definePage, type OfCapture } from '../../page.ts';
import { code, withoutSteering } from '../../parts/captured.ts';
import { html, nothing } from '../../parts/html.ts';
import { dataLinks } from '../../parts/layout.ts';
import { table } from '../../parts/table.ts';
import { exactTime, facts, number } from '../../parts/words-of.ts';
import { type CaptureHead, captureHead, headOf } from './head.ts';

interface Network extends CaptureHead {
  exchanges: IndexedExchange[];
  pages: { view: string; finalUrl: string; httpStatus: number | null }[];
}

const mostShown = 500;

export const captureNetwork = definePage<Network, OfCapture>({
  path: '/captures/:id/network',
  ask: async (asked) => {
    const head = await headOf(asked);
    const exchanges = await exchangesOf(asked.parts, head.record);
    const pages = await pageAnswersOf(asked.parts.database, head.record.id);
    return { ...head, exchanges, pages };
  },
  show: (answer, view) => {
    const { network: w } = view.words;
    const { exchanges, pages } = answer;
    return {
      title: `${view.words.capture.tabs['/network']} · ${withoutSteering(answer.title)}`,
      body: html`${captureHead(view, answer, '/network')}
${facts(pages.map((page) => [`${w.page} ${page.view}`, html`${code(page.finalUrl)} ${page.httpStatus === null ? nothing : html`HTTP ${String(page.httpStatus)}`}`]))}
<p class="quiet">${w.meaning(number(view, exchanges.length))}</p>
${table({
  caption: w.caption,
  empty: w.none,
  rows: exchanges.slice(0, mostShown),
  columns: [
    { title: w.at, cell: ({ at }) => exactTime(view, at) },
    { title: w.status, kind: 'number', cell: ({ status }) => status ?? '' },
    { title: w.address, kind: 'main', cell: ({ url }) => code(url) },
    { title: w.type, cell: ({ mediaType }) => code(mediaType) },
    { title: w.step, cell: ({ step }) => view.words.steps[step] ?? step },
  ],
})}
${exchanges.length > mostShown ? html`<p class="quiet">${w.more}</p>` : nothing}
${dataLinks(view)}`,
    };
  },
  record: ({ record, exchanges, pages }) => ({
    capture: record.id,
    pages,
    exchanges,
  }),
  rows: ({ exchanges }) => ({
    columns: ['at', 'status', 'address', 'media type', 'sha256', 'step'],
    rows: exchanges.map(({ at, status, url, mediaType, sha256, step }) => [
      ...[at, status, url, mediaType, sha256, step],
    ]),
  }),
});
