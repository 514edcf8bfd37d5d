/**
 * Any page. It has no record to ask for: the page itself is the thing, and so the page is
 * what the capture needs. Media that the page shows are fetched too, but are not required:
 * pages are full of clips of others (advertisements, teasers), and one that can't be had
 * must not make a well-kept page look half-kept. Each one missed is named in its step.
 */
import type { Platform, RecordRequest, SourceRecord } from '../platform.ts';
import { identify } from './identity.ts';
import { pageRecipe } from './page.ts';

const prefix = 'web:';

export const web: Platform = {
  name: 'web',
  identify,
  record: async (request) => recordPage(request),
};

export function recordPage({ source }: RecordRequest): SourceRecord {
  return {
    source,
    hops: [],
    readings: [],
    post: null,
    plan: {
      schema: 'holdfast.plan/1',
      source,
      platform: 'web',
      shape: 'page',
      steps: [
        { name: 'page', required: true },
        { name: 'media', required: false },
        { name: 'keyframes', required: false },
        { name: 'seal', required: true },
      ],
      pages: [pageRecipe(source.slice(prefix.length))],
      media: [],
    },
    warnings: [],
    verdict: { state: 'done', reason: null },
  };
}
