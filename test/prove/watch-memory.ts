/** How much memory a piece of work takes beyond what was there before it. */
import { collectGarbage } from '../../src/base/collect-garbage.ts';

const MiB = 1024 * 1024;

/** How far the resident size of this process rises above where it is now, garbage taken out. */
export function watchMemory(everyMs: number) {
  collectGarbage('major');
  const idle = process.memoryUsage.rss();
  let peak = idle;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, everyMs);
  return {
    growthMiB() {
      clearInterval(timer);
      return (peak - idle) / MiB;
    },
  };
}
