/** First page of a copy: the captures in it. */
import type { Shown } from '../page.ts';
import type { CaptureHead } from '../pages/capture/head.ts';
import { captured, code, handle, withoutSteering } from '../parts/captured.ts';
import { html, nothing } from '../parts/html.ts';
import { heading } from '../parts/layout.ts';
import { table } from '../parts/table.ts';
import { availabilityBadge, exactTime, number, stateBadge, time } from '../parts/words-of.ts';
import { type Previews, previewOf } from '../previews.ts';
import type { View } from '../view.ts';
import type { SiteOptions } from './write-site.ts';

export function indexPage(
  view: View,
  { title, by }: Pick<SiteOptions, 'title' | 'by'>,
  heads: CaptureHead[],
  previews: Previews,
): Shown {
  const { items, site } = view.words;
  return {
    title: withoutSteering(title),
    body: html`${heading(captured(title))}
<p>${site.about(number(view, heads.length))} ${exactTime(view, new Date())} · ${captured(by)}</p>
${table({
  caption: items.title,
  empty: nothing,
  rows: heads,
  columns: [
    { title: items.picture, cell: ({ record }) => previewOf(view, previews, record.id, '') },
    {
      title: items.what,
      kind: 'main',
      cell: ({ record, title: name }) =>
        html`<a class="title" dir="auto" href="${view.link(`/captures/${record.id}`)}">${captured(name)}</a><span class="by">${record.post?.author.handle == null ? nothing : html`${handle(record.post.author.handle)} `}${code(record.source)}</span>`,
    },
    { title: items.state, cell: ({ record }) => stateBadge(view, record.state) },
    {
      title: site.sourceNow,
      cell: ({ record: { sourceNow } }) =>
        availabilityBadge(view, sourceNow.availability, sourceNow.kind),
    },
    { title: items.opened, cell: ({ record }) => time(view, record.startedAt) },
  ],
})}
<p class="quiet">${site.packed}</p>`,
  };
}
