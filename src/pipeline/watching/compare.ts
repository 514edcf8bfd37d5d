/**
 * After a capture is closed: what differs from the one before becomes events, and versions
 * of an edited post that nobody has captured yet are captured. Driven by rows that closing a
 * capture leaves (`uncompared_captures`), so that a worker which is killed loses nothing;
 * ids of events follow from what they say, so that nothing is said twice.
 */

import type { ArtifactRow } from '../../catalog/artifacts.ts';
import { type CaptureOutcome, captureById, outcomeOf } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import { derivingAmong } from '../../catalog/derive-jobs.ts';
import type { NewEvent } from '../../catalog/events.ts';
import { heldFiles } from '../../catalog/held-files.ts';
import { pagesOf } from '../../catalog/pages.ts';
import { postOf } from '../../catalog/posts.ts';
import { stableId } from '../../catalog/stable-id.ts';
import { stepsOf } from '../../catalog/steps.ts';
import { submissionById } from '../../catalog/submissions.ts';
import {
  captureBefore,
  markCompared,
  markTextCompared,
  putOffComparing,
  takeUncompared,
  waitForFingerprints,
} from '../../catalog/uncompared.ts';
import { hashToHex, pdqOfRgb } from '../../fingerprint/pdq.ts';
import { isOfPicture, openPictures, type Pictures } from '../../media/pictures/pictures.ts';
import type { Post } from '../../platforms/platform.ts';
import {
  type Change,
  type Compared,
  mediaChangesBetween,
  recordChanges,
} from '../../watch/compare.ts';
import type { ComparedFile } from '../../watch/media-change.ts';
import { submitLinks } from '../intake/submit.ts';
import { noteEvents, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';

type Comparing = Parts & { pictures: Pictures };

/** Compares what waits, one capture a transaction. @returns how many captures of other versions were opened */
export async function compareWaiting(parts: Parts, signal: AbortSignal): Promise<number> {
  let opened = 0;
  await using pictures = openPictures(signal);
  for (;;) {
    signal.throwIfAborted();
    const done = await compareNext({ ...parts, pictures: pictures.forAnotherJob() });
    if (done === null) return opened;
    opened += done;
  }
}

async function compareNext(parts: Comparing): Promise<number | null> {
  let captureId: string | null = null;
  try {
    return await withRecords(parts, async (tx) => {
      const next = await takeUncompared(tx);
      if (next === null) return null;
      captureId = next.captureId;
      if (next.textCompared) {
        await compareMedia(parts, tx, captureId);
        return 0;
      }
      const opened = await openVersions(parts, captureId);
      await compareRecord(parts, tx, captureId);
      return opened;
    });
  } catch (error) {
    if (captureId === null) throw error;
    parts.log.warn(
      { captureId, err: error },
      'a capture could not be compared; trying again later',
    );
    await putOffComparing(parts.database, captureId);
    return 0;
  }
}

/** Text and record at once: nobody waits for an analysis to hear that a post was edited. */
async function compareRecord(parts: Comparing, tx: Queryable, captureId: string): Promise<void> {
  const outcome = await outcomeOf(tx, captureId);
  if (outcome === null) return markCompared(tx, captureId);
  const { sourceKey, finishedAt: at, state } = outcome;
  if (state === 'failed' || state === 'blocked') {
    await noteEvents(parts, tx, [await failureEvent(tx, captureId, sourceKey, state, at)]);
    return markCompared(tx, captureId);
  }
  const before = await captureToCompare(tx, captureId, sourceKey);
  if (before === null) return markCompared(tx, captureId);
  await noteEvents(parts, tx, await changesSince(parts, tx, outcome, before, recordChanges));
  await markTextCompared(tx, captureId);
}

/** Media once the fingerprints of both captures have ended, well or badly. */
async function compareMedia(parts: Comparing, tx: Queryable, captureId: string): Promise<void> {
  const outcome = await outcomeOf(tx, captureId);
  const before = outcome && (await captureToCompare(tx, captureId, outcome.sourceKey));
  if (outcome === null || before === null) return markCompared(tx, captureId);
  if ((await derivingAmong(tx, [captureId, before.captureId])).length > 0)
    return waitForFingerprints(tx, captureId);
  await noteEvents(parts, tx, await changesSince(parts, tx, outcome, before, mediaChangesBetween));
  await markCompared(tx, captureId);
}

/** Ids follow from what is said: deriving again says nothing twice. */
async function changesSince(
  parts: Comparing,
  db: Queryable,
  { captureId, sourceKey, finishedAt: at }: CaptureOutcome,
  before: Earlier,
  changesBetween: (before: Compared, after: Compared) => Change[],
): Promise<NewEvent[]> {
  const changes = changesBetween(
    await compared(parts, db, before.captureId),
    await compared(parts, db, captureId),
  );
  return changes.map((change) => ({
    id: stableId('changed', before.captureId, captureId, JSON.stringify(change)),
    kind: 'changed',
    sourceKey,
    at,
    detail: {
      capture: captureId,
      captureBefore: before.captureId,
      ...(before.sourceKey === sourceKey ? {} : { sourceBefore: before.sourceKey }),
      ...(change satisfies Change),
    },
  }));
}

async function failureEvent(
  db: Queryable,
  captureId: string,
  sourceKey: string,
  state: string,
  at: Date,
): Promise<NewEvent> {
  const steps = await stepsOf(db, captureId);
  const reasons = steps.flatMap(({ name, required, state: ended, reason }) =>
    required && ended !== 'done' && name !== 'seal' ? [`${name}: ${reason ?? ended}`] : [],
  );
  return {
    id: stableId('capture.failed', captureId),
    kind: 'capture.failed',
    sourceKey,
    detail: { capture: captureId, state, reasons },
    at,
  };
}

interface Earlier {
  captureId: string;
  sourceKey: string;
}

/** The capture before; of the first capture of an edited post, the one of the version before. */
async function captureToCompare(
  db: Queryable,
  captureId: string,
  sourceKey: string,
): Promise<Earlier | null> {
  const before = await captureBefore(db, sourceKey, captureId);
  if (before !== null) return { captureId: before, sourceKey };
  const post = await postOf<Post>(db, captureId);
  const versions = versionsOf(post, sourceKey);
  const own = versions.indexOf(sourceKey);
  for (const earlier of versions.slice(0, Math.max(own, 0)).reverse()) {
    const found = await captureBefore(db, earlier, captureId);
    if (found !== null) return { captureId: found, sourceKey: earlier };
  }
  return null;
}

/** Keys of every version of a post, the oldest first, as the post's own key is written. */
function versionsOf(post: Post | null, sourceKey: string): string[] {
  if (post === null || !sourceKey.endsWith(`:${post.id}`)) return [];
  const prefix = sourceKey.slice(0, -post.id.length);
  return (post.editIds ?? []).map((id) => `${prefix}${id}`);
}

/** An edited post has a new id, and the old one stays: every version is captured. */
async function openVersions(parts: Parts, captureId: string): Promise<number> {
  const { database } = parts;
  const outcome = await outcomeOf(database, captureId);
  if (outcome === null) return 0;
  const post = await postOf<Post>(database, captureId);
  const others = versionsOf(post, outcome.sourceKey).filter((key) => key !== outcome.sourceKey);
  if (others.length === 0) return 0;
  const capture = await captureById(database, captureId);
  const asked = capture && (await submissionById(database, capture.submissionId));
  const submitted = await submitLinks(
    parts,
    others.map((key) => ({ link: key, key, facts: {} })),
    {
      case: asked?.caseName ?? null,
      tags: asked?.tags ?? [],
      note: asked?.note ?? null,
      by: asked?.submittedBy,
      reason: `another version of ${outcome.sourceKey}, which was edited`,
      origin: 'watch',
    },
  );
  return submitted.filter(({ opened }) => opened).length;
}

async function compared(parts: Comparing, db: Queryable, captureId: string): Promise<Compared> {
  const artifacts = await heldFiles(db, captureId);
  const post = await postOf<Post>(db, captureId);
  const media = artifacts.filter(isOriginal).map((artifact) => fileOf(artifact, artifacts));
  const pages = post === null ? await pagesOf(db, captureId) : [];
  return {
    post: post && {
      id: post.id,
      author: post.author,
      text: post.text,
      textTruncated: post.textTruncated,
      mayBeNotice: post.degraded.includes('reads-like-a-notice'),
      possiblySensitive: post.possiblySensitive,
      unavailable: Object.fromEntries(
        (post.attached ?? []).map(({ id, unavailable }) => [id, unavailable]),
      ),
    },
    media: media.filter(({ id }) => /^\d+$/.test(id)),
    avatar: media.find(({ id }) => id === 'avatar') ?? null,
    pages: await Promise.all(
      pages.map(async ({ view, httpStatus, finalUrl, title, body }) => ({
        view,
        httpStatus,
        finalUrl,
        title,
        text: body,
        picture: await pictureOf(
          parts,
          artifacts.find(({ name }) => name === `${view}/screenshot.viewport.png`),
        ),
      })),
    ),
  };
}

function isOriginal({ role, name }: ArtifactRow): boolean {
  return role === 'media.original' && name.startsWith('media/');
}

/** A picture by its own hash, a video by those of its frames. */
function fileOf(artifact: ArtifactRow, all: ArtifactRow[]): ComparedFile {
  const frames = all.filter(
    ({ role, derivedFrom }) => role === 'keyframe' && derivedFrom === artifact.sha256,
  );
  return {
    id: /^media\/([^.]+)\./.exec(artifact.name)?.[1] ?? artifact.name,
    sha256: artifact.sha256,
    width: artifact.media?.width ?? null,
    height: artifact.media?.height ?? null,
    hashes: [artifact, ...frames].flatMap(({ pdq }) => pdq ?? []),
  };
}

/** Screenshots are not indexed for search; their hash is made here, for this comparison. */
async function pictureOf(
  { vault, pictures }: Pick<Comparing, 'vault' | 'pictures'>,
  artifact: ArtifactRow | undefined,
): Promise<ComparedFile | null> {
  if (artifact === undefined) return null;
  const file = { ...fileOf(artifact, []), id: 'page' };
  try {
    const pixels = await pictures.pixels(await vault.path(artifact.sha256));
    const { hash, quality } = pdqOfRgb(pixels);
    return { ...file, hashes: [{ hash: hashToHex(hash), quality }] };
  } catch (error) {
    if (!isOfPicture(error)) throw error;
    return file;
  }
}
