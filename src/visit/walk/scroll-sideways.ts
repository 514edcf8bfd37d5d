/** Walks what goes on to the side: carousels, pages that are read sideways, boxes that scroll both ways. */
import { within } from '../../base/time-limit.ts';
import type { FrameWorlds } from '../frame-worlds.ts';
import { inFrame } from '../in-frame.ts';

const sidewaysLimitMs = 8_000;
const mostSideways = 12;
const mostSteps = 12;

/** Walks the page, carousels and other boxes that scroll sideways, all at once; says how many there are. */
export function scrollSideways(worlds: FrameWorlds, signal: AbortSignal): Promise<number> {
  return within(sidewaysLimitMs, signal, worlds.main.run<number>(walkSideways)).catch(() => {
    signal.throwIfAborted();
    return 0;
  });
}

/** What is read from right to left begins at 0 and goes on below it. */
const walkSideways = inFrame(`
  const goesOn = (one) => fullWidth(one) > innerW(one) * 1.2;
  const isHeld = (one) => one && /hidden|clip/.test(getComputedStyle(one).overflowX);
  const isBox = (one) => one !== pageScroller && one !== bodyOf(document) && innerW(one) >= 200 &&
    innerH(one) >= 80 && goesOn(one) && scrolls(one, 'overflowX');
  const page = root && goesOn(pageScroller) && !isHeld(root) && !isHeld(bodyOf(document)) ? [pageScroller] : [];
  const found = [...page, ...everyRoot().flatMap((one) => [...within(one)]).filter(isBox)].slice(0, ${mostSideways});
  const starts = found.map(leftOf);
  const wayOf = (one) => {
    const { writingMode, direction } = getComputedStyle(one === pageScroller ? bodyOf(document) ?? root : one);
    const isLeftward = /^horizontal/.test(writingMode) ? direction === 'rtl' : /rl$/.test(writingMode);
    return isLeftward ? -1 : 1;
  };
  const ways = found.map(wayOf);
  for (let step = 0; step < ${mostSteps}; step += 1) {
    const left = found.filter((one) => Math.ceil(Math.abs(leftOf(one)) + innerW(one)) < fullWidth(one));
    if (left.length === 0) break;
    for (const one of left) scrollTo(one, { left: leftOf(one) + ways[found.indexOf(one)] * innerW(one) });
    await new Promise((done) => setTimeout(done, 250));
  }
  found.forEach((one, index) => scrollTo(one, { left: starts[index] }));
  return found.length;
`);
