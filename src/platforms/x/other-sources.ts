/** X sources that are no posts: pages (profiles, events, broadcasts) and single files (pictures, videos). */
import type { MediaRef, PlannedStep } from '../../model/plan.ts';
import type { RecordRequest, SourceRecord } from '../platform.ts';
import { addressOf } from './identity.ts';
import { bestFirst, pictureLadder } from './media.ts';
import { otherPage } from './page.ts';
import { recordOnlyPlan } from './plan.ts';

const files = new Set(['photo', 'video', 'gif', 'avatar', 'banner']);

/** Nothing is asked: what is to be visited or fetched follows from the key and the link. */
export function recordOther(request: RecordRequest): SourceRecord {
  const kind = request.source.split(':')[1] ?? '';
  return files.has(kind) ? recordFile(request, kind) : recordXPage(request);
}

function recordXPage({ source }: RecordRequest): SourceRecord {
  const url = addressOf(source);
  if (url === null) return noAddress(source);
  const steps: PlannedStep[] = [
    { name: 'page', required: true },
    { name: 'media', required: false },
    { name: 'seal', required: true },
  ];
  return planned(source, { steps, pages: [otherPage(url)], media: [] });
}

function recordFile(request: RecordRequest, kind: string): SourceRecord {
  const ref = fileRef(request, kind);
  if (ref === null) return noAddress(request.source);
  const steps: PlannedStep[] = [{ name: 'media', required: true }];
  steps.push({ name: 'seal', required: true });
  return planned(request.source, { steps, pages: [], media: [ref] });
}

function planned(
  source: string,
  made: Pick<SourceRecord['plan'], 'steps' | 'pages' | 'media'>,
): SourceRecord {
  return {
    source,
    hops: [],
    readings: [],
    post: null,
    plan: { schema: 'holdfast.plan/1', source, platform: 'x', shape: 'page', ...made },
    warnings: [],
    verdict: { state: 'done', reason: null },
  };
}

function noAddress(source: string): SourceRecord {
  return {
    ...planned(source, { steps: [], pages: [], media: [] }),
    plan: recordOnlyPlan(source),
    verdict: { state: 'failed', reason: 'no-address' },
  };
}

function fileRef(request: RecordRequest, kind: string): MediaRef | null {
  switch (kind) {
    case 'photo':
      return fromLadder(pictureAddress(request), 'picture');
    case 'gif':
      return fromLadder(addressOf(request.source), 'gif');
    case 'video':
      return videoFile(request);
    default:
      return fromLadder(addressOf(request.source), 'picture');
  }
}

/** The key alone doesn't hold the format; the link usually did. */
function pictureAddress({ source, facts }: RecordRequest): string {
  const format =
    typeof facts.fmt === 'string' && /^(?:jpe?g|png|webp)$/.test(facts.fmt) ? facts.fmt : 'jpg';
  return `https://pbs.twimg.com/media/${source.slice('x:photo:'.length)}.${format}`;
}

/** A video's key is its number; the file's whole address only stands in the link as pasted. */
function videoFile({ link }: RecordRequest): MediaRef | null {
  const pasted = /(?:https?:\/\/)?(?:video|pbs)\.twimg\.com\/[^\s<>"']+/i.exec(link)?.[0];
  const url =
    pasted === undefined
      ? null
      : URL.parse(/^https?:/i.test(pasted) ? pasted : `https://${pasted}`);
  if (url === null) return null;
  if (url.hostname === 'pbs.twimg.com') return fromLadder(url.href, 'picture');
  const candidates = bestFirst([{ url: url.href, mediaType: null, bitrate: null }]);
  return { ...emptyRef('video'), candidates, orderedBy: 'the file that the link names' };
}

function fromLadder(url: string | null, kind: MediaRef['kind']): MediaRef | null {
  if (url === null) return null;
  const candidates = pictureLadder(url, { width: null, height: null });
  const orderedBy =
    candidates.length > 1
      ? 'the largest form that X serves first, then its named sizes downwards'
      : 'the file that the link names';
  return { ...emptyRef(kind), candidates, orderedBy };
}

function emptyRef(kind: MediaRef['kind']): MediaRef {
  return {
    id: '1',
    kind,
    belongsTo: 'post',
    candidates: [],
    orderedBy: '',
    alsoKeep: [],
    altText: null,
    claimed: { durationMs: null, width: null, height: null },
    unavailable: null,
  };
}
