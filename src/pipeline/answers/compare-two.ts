/** Two captures side by side: their words, who posted them, and their pictures. */
import { NotFoundError } from '../../base/errors.ts';
import { pagesOf } from '../../catalog/pages.ts';
import type { CaptureRecord } from '../../model/capture-record.ts';
import type { Parts } from '../parts.ts';
import { showCapture } from './show.ts';

export interface Side {
  record: CaptureRecord;
  title: string | null;
  text: string;
}

export interface Fact {
  name: 'author-name' | 'author-handle' | 'title' | 'state' | 'claimed-at' | 'text-length';
  before: string | null;
  after: string | null;
}

export interface PicturePair {
  role: string;
  before: CaptureRecord['artifacts'][number];
  after: CaptureRecord['artifacts'][number];
}

export interface ComparedCaptures {
  before: Side;
  after: Side;
  /** Only those that differ. */
  facts: Fact[];
  pictures: PicturePair[];
  /** Originals by digest: in both, in the first only, in the second only. */
  media: { kept: string[]; lost: string[]; added: string[] };
}

/** The older one first, whichever was named first. @throws NotFoundError `no-capture` */
export async function compareTwo(
  parts: Parts,
  ids: readonly [string, string],
): Promise<ComparedCaptures> {
  const [one, other] = await Promise.all([sideOf(parts, ids[0]), sideOf(parts, ids[1])]);
  const inOrder = one.record.startedAt <= other.record.startedAt;
  const [before, after] = inOrder ? [one, other] : [other, one];
  return {
    before,
    after,
    facts: factsOf(before, after),
    pictures: picturesOf(before.record, after.record),
    media: mediaOf(before.record, after.record),
  };
}

async function sideOf(parts: Parts, captureId: string): Promise<Side> {
  const record = await showCapture(parts, captureId);
  if (record === null) throw new NotFoundError('no-capture', `there is no capture ${captureId}`);
  const [page] = await pagesOf(parts.database, captureId);
  return {
    record,
    title: page?.title ?? null,
    text: record.post?.text ?? page?.body ?? '',
  };
}

function factsOf(before: Side, after: Side): Fact[] {
  const rows: [Fact['name'], (side: Side) => string | null][] = [
    ['state', ({ record }) => record.state],
    ['author-name', ({ record }) => record.post?.author.name ?? null],
    ['author-handle', ({ record }) => record.post?.author.handle ?? null],
    ['title', ({ title }) => title],
    ['claimed-at', ({ record }) => record.post?.claimedAt ?? null],
    ['text-length', ({ text }) => String(text.length)],
  ];
  return rows
    .map(([name, of]) => ({ name, before: of(before), after: of(after) }))
    .filter((fact) => fact.before !== fact.after);
}

const compared = ['screenshot.focal', 'screenshot.viewport', 'screenshot.full', 'render'];

function picturesOf(before: CaptureRecord, after: CaptureRecord): PicturePair[] {
  return compared.flatMap((role) => {
    const then = before.artifacts.find((file) => file.role === role);
    const now = after.artifacts.find((file) => file.role === role);
    return then === undefined || now === undefined ? [] : [{ role, before: then, after: now }];
  });
}

function mediaOf(before: CaptureRecord, after: CaptureRecord): ComparedCaptures['media'] {
  const originals = ({ artifacts }: CaptureRecord) =>
    new Set(artifacts.filter(({ role }) => role === 'media.original').map(({ sha256 }) => sha256));
  const [then, now] = [originals(before), originals(after)];
  return {
    kept: [...then].filter((sha256) => now.has(sha256)),
    lost: [...then].filter((sha256) => !now.has(sha256)),
    added: [...now].filter((sha256) => !then.has(sha256)),
  };
}
