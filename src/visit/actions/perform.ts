/** One action after another, each with what became of it; none of them ends the visit. */
import { within } from '../../base/time-limit.ts';
import type { Action, ActionOutcome, ActionReason, ActionTarget } from '../../model/actions.ts';
import { ActionFailure, type Found, Hand, type HandParts } from './hand.ts';

const usualLimitMs: Record<Action['do'], number> = {
  click: 10_000,
  wait: 10_000,
  scroll: 30_000,
  expand: 60_000,
  play: 15_000,
};
/** An action looks at its own time; this is for what holds it up all the same. */
const overtimeMs = 3_000;
const oftenEnough = 20;
const watchedMs = 3_000;
/** Between a click and its playing. */
const patienceMs = 1_500;
const wheelPx = 700;
const pollMs = 150;

/**
 * @param untilMs time of `performance.now()` at which no action begins any more
 * @param tell hears of each as it ends @throws when aborted
 */
export async function performActions(
  parts: HandParts,
  actions: Action[],
  untilMs: number,
  tell: (index: number, outcome: ActionOutcome) => void,
): Promise<void> {
  const hand = new Hand(parts);
  for (const [index, action] of actions.entries()) {
    parts.signal.throwIfAborted();
    const leftMs = untilMs - performance.now();
    if (parts.page.isClosed()) tell(index, untouched(action, 'no-page'));
    else if (leftMs <= 0) tell(index, untouched(action, 'out-of-time'));
    else tell(index, await performed(hand, action, limitOf(action, leftMs), parts));
  }
}

async function performed(
  hand: Hand,
  action: Action,
  limitMs: number,
  { page, signal }: HandParts,
): Promise<ActionOutcome> {
  const startedAt = new Date().toISOString();
  const startMs = performance.now();
  const told = { do: action.do, target: targetIn(action), startedAt };
  const took = () => Math.round(performance.now() - startMs);
  try {
    const done = perform(hand, action, startMs + limitMs);
    const times = await within(limitMs + overtimeMs, signal, done);
    const counted = times === null ? {} : { times };
    return { ...told, state: 'done', reason: null, tookMs: took(), ...counted };
  } catch (error) {
    signal.throwIfAborted();
    const reason = page.isClosed() ? 'no-page' : reasonOf(error);
    return { ...told, state: 'failed', reason, tookMs: took() };
  }
}

function reasonOf(error: unknown): ActionReason {
  if (error instanceof ActionFailure) return error.reason;
  return error instanceof Error && error.name === 'TimeoutError' ? 'timed-out' : 'unresponsive';
}

/** Number of clicks, where it is one that counts them. */
async function perform(hand: Hand, action: Action, untilMs: number): Promise<number | null> {
  switch (action.do) {
    case 'click':
      await hand.click(action, untilMs);
      return null;
    case 'wait':
      await wait(hand, action, untilMs);
      return null;
    case 'scroll':
      await scroll(hand, action, untilMs);
      return null;
    case 'expand':
      return expand(hand, action, action.most ?? oftenEnough, untilMs);
    case 'play':
      await play(hand, action, action.ms ?? watchedMs, untilMs);
      return null;
  }
}

async function wait(
  hand: Hand,
  { ms, ...target }: ActionTarget & { ms?: number | undefined },
  untilMs: number,
): Promise<void> {
  if (ms !== undefined) await hand.pause(ms);
  else await hand.find(target, untilMs);
}

async function scroll(
  hand: Hand,
  { to, ...target }: ActionTarget & { to?: 'end' | 'start' | number | undefined },
  untilMs: number,
): Promise<void> {
  const isThere = await scrollTowards(hand, { to, ...target }, untilMs);
  await hand.rest(untilMs);
  if (!(await isThere())) throw new ActionFailure('not-scrolled');
}

/** @returns whether the page stands there: asked once it rests, as it may move itself */
async function scrollTowards(
  hand: Hand,
  { to, ...target }: ActionTarget & { to?: 'end' | 'start' | number | undefined },
  untilMs: number,
): Promise<() => Promise<boolean>> {
  if (to === undefined) {
    const found = await hand.find(target, untilMs);
    await hand.bringIntoView(found, untilMs);
    return () => hand.isInView(found);
  }
  if (to === 'end') await scrollToEnd(hand, untilMs);
  else await scrollTo(hand, to === 'start' ? 0 : to, untilMs);
  return async () => {
    const { topPx, fullPx, windowPx } = await hand.measure();
    const lastPx = Math.max(0, fullPx - windowPx);
    const wantedPx = to === 'end' ? lastPx : Math.min(to === 'start' ? 0 : to, lastPx);
    return to === 'end' ? topPx >= wantedPx - 2 : Math.abs(topPx - wantedPx) < 2;
  };
}

/** Until no more comes, or the time is up: a page may have no end. */
async function scrollToEnd(hand: Hand, untilMs: number): Promise<void> {
  let isStill = false;
  while (performance.now() < untilMs) {
    const before = await hand.measure();
    await hand.wheel(wheelPx);
    const after = await hand.measure();
    const hasMoved = after.topPx > before.topPx || after.fullPx > before.fullPx;
    if (!hasMoved && isStill) return;
    if (!hasMoved) await hand.rest(untilMs);
    isStill = !hasMoved;
  }
}

async function scrollTo(hand: Hand, topPx: number, untilMs: number): Promise<void> {
  for (let lastPx = -1; performance.now() < untilMs; ) {
    const now = await hand.measure();
    const wanted = Math.min(topPx, Math.max(0, now.fullPx - now.windowPx));
    if (Math.abs(wanted - now.topPx) < 2 || now.topPx === lastPx) return;
    lastPx = now.topPx;
    await hand.wheel(wanted - now.topPx);
  }
}

/** It is a failure only where there was nothing to click on at all. */
async function expand(
  hand: Hand,
  target: ActionTarget,
  most: number,
  untilMs: number,
): Promise<number> {
  let times = 0;
  let idle = 0;
  let last: Found | null = null;
  while (times < most && idle < 2 && performance.now() < untilMs) {
    const before = await hand.measure();
    const untilFoundMs: number = last === null ? untilMs : performance.now() + 2 * pollMs;
    const found: Found | null = await hand
      .find(target, untilFoundMs, last)
      .catch((error: unknown) => {
        if (last !== null && error instanceof ActionFailure) return null;
        throw error;
      });
    if (found === null) break;
    await hand.press(found, untilMs);
    last = found;
    times += 1;
    const after = await hand.measure();
    const hasGrown = after.elements !== before.elements || after.fullPx !== before.fullPx;
    idle = hasGrown ? 0 : idle + 1;
  }
  return times;
}

async function play(hand: Hand, target: ActionTarget, ms: number, untilMs: number): Promise<void> {
  if (!(await hand.isPlaying())) {
    const isNamed = target.selector !== undefined || target.text !== undefined;
    await hand.click(isNamed ? target : { selector: 'video, audio' }, untilMs);
    if (!(await beginsToPlay(hand, Math.min(untilMs, performance.now() + patienceMs)))) {
      // The browser's own controls do nothing where a video is clicked on, but take the key.
      if (!isNamed) await hand.pressSpace();
      if (!(await beginsToPlay(hand, untilMs))) throw new ActionFailure('not-playing');
    }
  }
  await hand.pause(Math.max(0, Math.min(ms, untilMs - performance.now())));
}

async function beginsToPlay(hand: Hand, untilMs: number): Promise<boolean> {
  while (!(await hand.isPlaying())) {
    if (performance.now() >= untilMs) return false;
    await hand.pause(pollMs);
  }
  return true;
}

/** Watching and waiting are asked for by the clock, so their time comes on top. */
function limitOf(action: Action, leftMs: number): number {
  const asked = 'ms' in action ? (action.ms ?? 0) : 0;
  return Math.min(leftMs, (action.timeoutMs ?? usualLimitMs[action.do]) + asked);
}

function targetIn(action: Action): string | null {
  if (action.selector !== undefined) return action.selector;
  if (action.text !== undefined) return `“${action.text}”`;
  if ('to' in action && action.to !== undefined) return String(action.to);
  return 'ms' in action && action.ms !== undefined ? `${action.ms} ms` : null;
}

/** Nothing came of it, because it never began. */
export function untouched(action: Action, reason: ActionReason): ActionOutcome {
  return {
    do: action.do,
    target: targetIn(action),
    state: 'skipped',
    reason,
    startedAt: null,
    tookMs: 0,
  };
}
