/** Gives a capture up: what was kept stays, what was not done is written down as cancelled. */

import { NotFoundError } from '../../base/errors.ts';
import { captureById, outcomeOf } from '../../catalog/captures.ts';
import { slotOf } from '../../catalog/feeder.ts';
import { finalStep, type NewAttempt, recordStep } from '../../catalog/steps.ts';
import type { PlannedStep } from '../../model/plan.ts';
import type { Queue } from '../../queue/queue.ts';
import type { Parts } from '../parts.ts';
import { hasPlan, planOf } from '../plan-file.ts';
import { hasManifest, refuseIfWritten } from '../still-open.ts';
import { sealCapture } from './seal.ts';

/** Whether there was anything to give up: a closed capture stays as it is. @throws NotFoundError `no-capture` */
export async function cancelCapture(
  parts: Parts,
  queue: Queue,
  captureId: string,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await captureById(parts.database, captureId)) === null) {
    throw new NotFoundError('no-capture', `there is no capture ${captureId}`);
  }
  if ((await outcomeOf(parts.database, captureId)) !== null) return false;
  const slot = await slotOf(parts.database, captureId);
  if (slot !== null) await queue.cancel(captureId, slot.round);
  // Where a killed process had written the manifest, nothing is left that could be given up.
  if (!(await hasManifest(parts, captureId))) {
    await giveUp(parts, captureId, [{ name: 'record', required: true }]);
    // Only now is it certain whether there is a plan: a record that was under way has ended.
    const plan = (await hasPlan(parts, captureId)) ? await planOf(parts, captureId) : null;
    await giveUp(parts, captureId, plan?.steps ?? []);
  }
  await sealCapture(parts, {
    captureId,
    round: 0,
    attempt: 1,
    lastAttempt: true,
    waitedMs: 0,
    signal,
  });
  return true;
}

async function giveUp(parts: Parts, captureId: string, steps: PlannedStep[]): Promise<void> {
  for (const step of steps) {
    if (step.name === 'seal' || (await finalStep(parts.database, captureId, step.name))) continue;
    const now = new Date();
    const attempt: NewAttempt = {
      captureId,
      step: step.name,
      required: step.required,
      state: 'failed',
      final: true,
      reason: 'cancelled',
      detail: {},
      startedAt: now,
      finishedAt: now,
    };
    await recordStep(parts.database, attempt, {}, () => refuseIfWritten(parts, captureId));
  }
}
