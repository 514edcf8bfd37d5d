/**
 * What one browser may take of the machine. A page that wants more loses the process that took it,
 * and whoever keeps the page hears why; the captures beside it go on.
 */
import { totalmem } from 'node:os';
import type { pageLimitCodes } from '../base/codes/page.ts';
import { type BrowserProcess, isRenderer, processesOf } from './process-tree.ts';

export interface BrowserLimits {
  memoryBytes: number;
  processes: number;
  /** Opened in one context, also where they were closed again. */
  windows: number;
}

/** Also the reason of a visit that it ended. */
export type LimitReached = keyof typeof pageLimitCodes;

export interface LimitWatch {
  /** `null` as long as the browser kept to them. */
  reached(): LimitReached | null;
  /** A window was opened; so many were by now. */
  windowOpened(count: number): void;
  end(): void;
}

const GiB = 1024 ** 3;

/**
 * Pages that people make need a tenth of it. Of a small machine no more than half. Windows take
 * the browser's own process, by which every other look at the page has to go.
 */
export const browserLimits: BrowserLimits = {
  memoryBytes: Math.min(3 * GiB, Math.floor(totalmem() / 2)),
  processes: 150,
  windows: 25,
};

/** A hostile page takes some 350 MB a second. */
const everyMs = 400;

/**
 * @param leader of the browser's process group; `null` where it isn't known: then nobody watches
 * @param endBrowser for what doesn't stop when its largest renderer is gone
 */
export function watchLimits(
  leader: number | null,
  limits: BrowserLimits,
  endBrowser: () => Promise<void>,
): LimitWatch {
  let reached: LimitReached | null = null;
  let isLooking = false;
  const look = async (list: () => Promise<BrowserProcess[]>) => {
    const processes = await list();
    const excess = excessOf(processes, limits);
    if (excess === null) return;
    const isAgain = reached !== null;
    reached ??= excess;
    const largest = await largestRenderer(processes);
    if (isAgain || excess === 'page-processes' || largest === null) await endBrowser();
    else kill(largest.pid);
  };
  const lookOnce = async (list: () => Promise<BrowserProcess[]>) => {
    if (isLooking) return;
    isLooking = true;
    // What can't be looked at has ended.
    await look(list).catch(() => {});
    isLooking = false;
  };
  const lookOften = (list: () => Promise<BrowserProcess[]>) =>
    setInterval(() => void lookOnce(list), everyMs).unref();
  const timer = leader === null ? undefined : lookOften(processesOf(leader));
  const windowOpened = (count: number) => {
    if (count !== limits.windows) return;
    reached ??= 'page-processes';
    endBrowser().catch(() => {}); // whoever closes it does the same, and hears why it can't be done
  };
  return { reached: () => reached, windowOpened, end: () => clearInterval(timer) };
}

function excessOf(processes: BrowserProcess[], limits: BrowserLimits): LimitReached | null {
  const sum = processes.reduce((bytes, { ownBytes }) => bytes + ownBytes, 0);
  if (sum > limits.memoryBytes) return 'page-memory';
  return processes.length > limits.processes ? 'page-processes' : null;
}

async function largestRenderer(processes: BrowserProcess[]): Promise<BrowserProcess | null> {
  for (const each of processes.toSorted((one, other) => other.ownBytes - one.ownBytes))
    if (await isRenderer(each.pid)) return each;
  return null;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
