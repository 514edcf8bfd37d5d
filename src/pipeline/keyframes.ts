/** Frames of every video that a capture holds, and a sheet to see them at a glance. */
import { artifactsOf } from '../catalog/artifacts.ts';
import { extractKeyframes, type Keyframes } from '../media/keyframes.ts';
import { fingerprintMade } from './fingerprint.ts';
import type { Parts, StageRun } from './parts.ts';
import { plannedStep, planOf } from './plan-file.ts';
import { runStep, type StepResult } from './run-step.ts';

export async function extractAllKeyframes(parts: Parts, run: StageRun): Promise<void> {
  const plan = await planOf(parts, run.captureId);
  await runStep(parts, run, plannedStep(plan, 'keyframes'), async () => {
    const videos = (await artifactsOf(parts.database, run.captureId)).filter((artifact) =>
      isMoving(artifact.role, artifact.mediaType),
    );
    const extracted: { name: string; result: Keyframes }[] = [];
    for (const { sha256, mediaType, name } of videos) {
      const result = await extractKeyframes(
        { vault: parts.vault, tools: parts.config.tools },
        { sha256, mediaType, name, refId: refOf(name) },
        {
          perMinute: parts.config.limits.keyframesPerMinute,
          environment: parts.home.environment,
        },
        run.signal,
      );
      extracted.push({ name, result });
    }
    const result = verdictOf(extracted);
    return { ...result, ...(await fingerprintMade(parts, run, result.artifacts ?? [])) };
  });
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
    videos: extracted.map(({ name, result: { state, reason, notes } }) => ({
      name,
      state,
      reason,
      notes,
    })),
  };
  const failed = extracted.find(({ result }) => result.state === 'failed');
  if (failed) return { state: 'failed', reason: failed.result.reason, detail, artifacts };
  if (extracted.some(({ result }) => result.state === 'done'))
    return { state: 'done', detail, artifacts };
  return { state: 'skipped', reason: extracted[0]?.result.reason ?? 'no-video', detail, artifacts };
}
