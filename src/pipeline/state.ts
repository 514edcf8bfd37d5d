/** The state of a capture: about our keeping, never better than the truth, never about the source. */
import type { PlannedStep } from '../plan.ts';

export type CaptureState = 'complete' | 'partial' | 'blocked' | 'failed';

export interface EndedStep {
  name: string;
  state: 'done' | 'failed' | 'blocked' | 'skipped';
}

/**
 * `complete`: every required step is done, or had nothing to do. `blocked`: a required
 * step met a wall. `failed`: no required step kept anything. `partial`: the rest.
 * A required step that left no outcome counts as failed.
 */
export function captureState(planned: PlannedStep[], ended: EndedStep[]): CaptureState {
  const required = planned.filter((step) => step.required && step.name !== 'seal');
  const states = required.map(
    (step) => ended.find((candidate) => candidate.name === step.name)?.state ?? 'failed',
  );
  if (states.includes('blocked')) return 'blocked';
  if (states.every((state) => state === 'done' || state === 'skipped')) return 'complete';
  return states.includes('done') ? 'partial' : 'failed';
}
