/**
 * How every step is run and written down: once done it is never done again, each attempt
 * leaves its own row, and whatever ends it for good is recorded as its outcome.
 */

import {
  errorCode,
  HoldfastError,
  OutageError,
  parksWork,
  ThrottledError,
} from '../base/errors.ts';
import type { Reason } from '../base/reasons.ts';
import {
  attemptsOf,
  type FinalStep,
  finalStep,
  recordStep,
  type StepExtras,
} from '../catalog/steps.ts';
import type { NewArtifact } from '../model/artifact.ts';
import type { StepName } from '../model/plan.ts';
import type { Signal } from '../model/signals.ts';
import { riskyConditions } from './conditions.ts';
import type { Parts, StageRun } from './parts.ts';
import { refuseIfWritten } from './still-open.ts';

export interface StepResult extends StepExtras {
  state: 'done' | 'failed' | 'blocked' | 'skipped';
  reason?: Reason | Signal | null;
  detail?: Record<string, unknown>;
  /** Where the work itself finds out whether the step is required. */
  required?: boolean;
  artifacts?: NewArtifact[];
}

export interface StepToRun {
  name: StepName;
  required: boolean;
}

/**
 * Runs one step of a capture and records its outcome.
 * Returns normally when the step has ended for good, well or badly; throws when the queue
 * should run it again (later, or after a wait) or when it was interrupted.
 * @throws PermanentError `capture-closed`
 */
export async function runStep(
  parts: Parts,
  run: StageRun,
  step: StepToRun,
  work: () => Promise<StepResult>,
): Promise<FinalStep> {
  const before = await finalStep(parts.database, run.captureId, step.name);
  if (before !== null) return before;
  const unless = () => refuseIfWritten(parts, run.captureId);
  await unless();
  const startedAt = new Date();
  const tookMs = () => Date.now() - startedAt.getTime();
  const write = (result: StepResult, final: boolean) => {
    const { state, reason, detail, required, ...extras } = result;
    return recordStep(
      parts.database,
      {
        captureId: run.captureId,
        step: step.name,
        required: required ?? step.required,
        state,
        final,
        reason: reason ?? null,
        detail: { ...detail, conditions: riskyConditions(parts) },
        startedAt,
        finishedAt: new Date(),
      },
      extras,
      unless,
    );
  };
  try {
    const { attempt } = await write(await work(), true);
    parts.log.info(
      {
        ...{ captureId: run.captureId, step: step.name },
        ...{ state: attempt.state, reason: attempt.reason, tookMs: tookMs() },
      },
      'step ended',
    );
    return attempt;
  } catch (error) {
    if (wasInterrupted(run.signal) || error instanceof OutageError) throw error;
    await waitWhereOffline(parts, error);
    if (error instanceof ThrottledError && run.waitedMs < parts.config.queue.maxWaitMs) throw error;
    const parks = parksWork(error);
    if (parks && (await saysSo(parts, run.captureId, step, error.code))) throw error;
    const ended = !parks && endsHere(error, run);
    const { attempt } = await write(
      {
        state: 'failed',
        reason: reasonFor(error, run.signal),
        detail: { message: messageOf(error) },
      },
      ended,
    );
    parts.log.warn(
      {
        ...{ captureId: run.captureId, step: step.name, attempt: run.attempt },
        ...{ final: ended, tookMs: tookMs(), err: error },
      },
      'step failed',
    );
    if (!ended) throw error;
    return attempt;
  }
}

/** What every request meets where there is no network. */
const metOffline = new Set<string>(['dns', 'unreachable', 'upstream-failed', 'timed-out']);

/** That this machine is cut off says nothing of a source, and is no attempt. @throws OutageError `no-network` */
async function waitWhereOffline({ egress }: Parts, error: unknown): Promise<void> {
  if (!metOffline.has(errorCode(error)) || !(await egress.wayOut.isGone())) return;
  throw new OutageError('no-network', 'this machine has no way to any network', { cause: error });
}

/** Whether its last attempt was parked for the same reason: a full disk is not filled with rows that say so. */
async function saysSo(
  { database }: Pick<Parts, 'database'>,
  captureId: string,
  { name }: StepToRun,
  code: string,
): Promise<boolean> {
  const attempts = await attemptsOf(database, captureId);
  return attempts.findLast(({ step }) => step === name)?.reason === code;
}

/** Stopped from outside (shutdown, cancel, lost lock): not an outcome of the step. A time-out is one. */
export function wasInterrupted(signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return !(signal.reason instanceof Error && signal.reason.name === 'TimeoutError');
}

function endsHere(error: unknown, run: StageRun): boolean {
  if (run.lastAttempt) return true;
  // Waiting was allowed for as long as the settings say; then this is how it ended.
  if (error instanceof ThrottledError) return true;
  return error instanceof HoldfastError && error.next === 'give-up';
}

/** A step that was stopped by its time limit may say so in other words. */
function reasonFor(error: unknown, signal: AbortSignal): Reason {
  return signal.aborted ? 'timed-out' : errorCode(error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 2_000) : String(error).slice(0, 2_000);
}
