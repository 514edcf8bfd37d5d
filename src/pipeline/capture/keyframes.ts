/** Frames of every video that a capture holds, and a sheet to see them at a glance. */

import { type ArtifactRow, artifactsOf, insertArtifacts } from '../../catalog/artifacts.ts';
import { timeCode } from '../../media/keyframes/contact-sheet.ts';
import { decodeKey } from '../../media/keyframes/decode-key.ts';
import {
  extractKeyframes,
  type KeyframeOptions,
  type Keyframes,
} from '../../media/keyframes/keyframes.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import { fingerprintMade } from '../copies/compare-with-earlier.ts';
import type { Parts, StageRun } from '../parts.ts';
import { plannedStep, planOf } from '../plan-file.ts';
import { type ReportProgress, reportProgress } from '../report-progress.ts';
import { runStep, type StepResult } from '../run-step.ts';
import { whileOpen } from '../still-open.ts';
import { framesBefore, type VideoRecord, withDecodeKey } from './frames-before.ts';

export async function extractAllKeyframes(parts: Parts, run: StageRun): Promise<void> {
  const plan = await planOf(parts, run.captureId);
  await runStep(parts, run, plannedStep(plan, 'keyframes'), async () => {
    const videos = (await artifactsOf(parts.database, run.captureId)).filter((artifact) =>
      isMoving(artifact.role, artifact.mediaType),
    );
    const extracted = await reportProgress(parts, run, 'keyframes', async (report) => {
      const results: { name: string; result: Keyframes }[] = [];
      for (const video of videos) {
        const result = await framesOf(parts, run, video, plan.source, report);
        results.push({ name: video.name, result });
      }
      return results;
    });
    const result = verdictOf(extracted);
    return { ...result, ...(await fingerprintMade(parts, run, result.artifacts ?? [])) };
  });
}

async function framesOf(
  parts: Parts,
  run: StageRun,
  { sha256, mediaType, name }: ArtifactRow,
  source: string,
  report: ReportProgress,
): Promise<Keyframes> {
  const deps = { vault: parts.vault, tools: parts.config.tools };
  const original = { sha256, mediaType, name, refId: refOf(name) };
  const rules: KeyframeOptions = {
    perMinute: parts.config.limits.keyframesPerMinute,
    hashRule: parts.config.inside.hashRule,
    environment: parts.home.environment,
    source,
  };
  const pass = await decodeKey(deps, original, rules);
  const before = await framesBefore(parts, original, pass);
  if (before !== null) return before;
  const options: KeyframeOptions = {
    ...rules,
    onPreview: (preview) => showAtOnce(parts, run.captureId, withDecodeKey(preview, pass)),
    onProgress: (progress) => report({ note: howFar(name, progress) }),
  };
  const made = await extractKeyframes(deps, original, options, run.signal);
  return { ...made, artifacts: made.artifacts.map((artifact) => withDecodeKey(artifact, pass)) };
}

/** A preview is of use before the step has ended: it gets its row by itself. */
async function showAtOnce(parts: Parts, captureId: string, preview: NewArtifact): Promise<void> {
  await whileOpen(parts, captureId, (tx) => insertArtifacts(tx, captureId, 'keyframes', [preview]));
}

function howFar(
  name: string,
  { doneMs, totalMs }: { doneMs: number; totalMs: number | null },
): string {
  const of = totalMs === null ? '' : ` of ${timeCode(totalMs)}`;
  return `${name} ${timeCode(doneMs)}${of}`;
}

function isMoving(role: string, mediaType: string): boolean {
  if (role !== 'media.original' && role !== 'media.joined') return false;
  return mediaType.startsWith('video/') || mediaType.startsWith('audio/');
}

/** `media/3.mp4` → `3` */
function refOf(name: string): string {
  return name.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
}

function verdictOf(extracted: { name: string; result: Keyframes }[]): StepResult {
  const artifacts = extracted.flatMap(({ result }) => result.artifacts);
  const detail = {
    videos: extracted.map(({ name, result: { state, reason, notes, leftOut } }): VideoRecord => {
      return { name, state, reason, notes, leftOut };
    }),
  };
  const failed = extracted.find(({ result }) => result.state === 'failed');
  if (failed) return { state: 'failed', reason: failed.result.reason, detail, artifacts };
  if (extracted.some(({ result }) => result.state === 'done'))
    return { state: 'done', detail, artifacts };
  return { state: 'skipped', reason: extracted[0]?.result.reason ?? 'no-video', detail, artifacts };
}
