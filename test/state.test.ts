import { describe, expect, test } from 'vitest';
import type { PlannedStep, StepName } from '../src/model/plan.ts';
import { captureTree } from '../src/pipeline/stages.ts';
import { captureState, type EndedStep } from '../src/pipeline/state.ts';
import { fc } from './support/property.ts';

const planned: PlannedStep[] = [
  { name: 'record', required: true },
  { name: 'page', required: true },
  { name: 'media', required: true },
  { name: 'wayback', required: false },
  { name: 'seal', required: true },
];
const ended = (states: Record<string, EndedStep['state']>): EndedStep[] =>
  Object.entries(states).map(([name, state]) => ({ name, state }));

describe('the state of a capture', () => {
  test('is complete when every required step is done or had nothing to do', () => {
    const states = ended({ record: 'done', page: 'done', media: 'skipped', wayback: 'failed' });
    expect(captureState(planned, states)).toBe('complete');
  });

  test('is partial when a required step failed and another kept something', () => {
    expect(captureState(planned, ended({ record: 'done', page: 'done', media: 'failed' }))).toBe(
      'partial',
    );
  });

  test('is partial when a required step left no outcome at all', () => {
    expect(captureState(planned, ended({ record: 'done', page: 'done' }))).toBe('partial');
  });

  test('is blocked when a required step met a wall, and only then', () => {
    expect(
      captureState(planned, ended({ record: 'blocked', page: 'done', media: 'skipped' })),
    ).toBe('blocked');
    expect(
      captureState(
        planned,
        ended({ record: 'done', page: 'done', media: 'done', wayback: 'blocked' }),
      ),
    ).toBe('complete');
  });

  test('is failed when no required step kept anything', () => {
    expect(
      captureState(planned, ended({ record: 'failed', page: 'failed', media: 'skipped' })),
    ).toBe('failed');
    expect(captureState(planned, [])).toBe('failed');
  });

  test('never gets better when a step gets worse', () => {
    const rank = { complete: 3, partial: 2, blocked: 1, failed: 1 };
    const state = fc.constantFrom('done', 'failed', 'blocked', 'skipped') as fc.Arbitrary<
      EndedStep['state']
    >;
    fc.assert(
      fc.property(fc.tuple(state, state, state), fc.nat(2), ([record, page, media], which) => {
        const before = { record, page, media };
        const worse = { ...before, [Object.keys(before)[which] ?? 'record']: 'failed' as const };
        expect(rank[captureState(planned, ended(worse))]).toBeLessThanOrEqual(
          Math.max(rank[captureState(planned, ended(before))], 2),
        );
        expect(captureState(planned, ended(worse))).not.toBe('complete');
      }),
    );
  });
});

describe('the tree of a capture', () => {
  const steps = (...names: StepName[]) => names.map((name) => ({ name, required: true }));

  test('a post is sealed after its pages and its media, which are fetched side by side', () => {
    const tree = captureTree({ shape: 'post', steps: steps('page', 'media') });
    expect(tree).toEqual({
      stage: 'seal',
      children: [
        { stage: 'page', children: [] },
        { stage: 'media', children: [] },
      ],
    });
  });

  test('the media of a page are fetched after the page was seen', () => {
    const tree = captureTree({ shape: 'page', steps: steps('page', 'media') });
    expect(JSON.stringify(tree)).toBe(
      '{"stage":"seal","children":[{"stage":"media","children":[{"stage":"page","children":[]}]}]}',
    );
  });

  test('a capture without a plan is sealed all the same', () => {
    expect(captureTree({ shape: 'post', steps: [] })).toEqual({ stage: 'seal', children: [] });
  });
});
