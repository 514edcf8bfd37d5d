/** The state of a capture: about our keeping, never better than the truth, never about the source. */
import type { CaptureState } from '../model/capture-record.ts';
import type { PlannedStep } from '../model/plan.ts';

export interface EndedStep {
  name: string;
  state: 'done' | 'failed' | 'blocked' | 'skipped';
  /** Done, but something that it asked for isn't kept: see `lacksSomething`. */
  lacking?: boolean;
}

/**
 * Whether a step says in its detail that something it asked for isn't kept (`notKept`: a cap, a
 * time-out, a refusal by our policy; never what the origin, or the page itself, didn't do).
 */
export function lacksSomething(detail: Record<string, unknown>): boolean {
  return Array.isArray(detail.notKept) && detail.notKept.length > 0;
}

/**
 * `complete`: every required step is done and lacks nothing, or had nothing to do. `blocked`: a required
 * step met a wall. `failed`: no required step kept anything. `partial`: the rest.
 * A required step that left no outcome counts as failed.
 */
export function captureState(planned: PlannedStep[], ended: EndedStep[]): CaptureState {
  const required = planned.filter((step) => step.required && step.name !== 'seal');
  const ends = required.map((step) => ended.find((candidate) => candidate.name === step.name));
  const states = ends.map((end) => end?.state ?? 'failed');
  if (states.includes('blocked')) return 'blocked';
  const whole = !ends.some((end) => end?.state === 'done' && end.lacking === true);
  if (whole && states.every((state) => state === 'done' || state === 'skipped')) return 'complete';
  return states.includes('done') ? 'partial' : 'failed';
}
