/** Pages that want the machine: each ends in time and says why, and the capture beside it goes on. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { processesOf } from '../../src/browser/process-tree.ts';
import { type BrowserLimits, browserLimits } from '../../src/browser/watch-limits.ts';
import { openPageServer, type Route } from '../support/page-server.ts';
import { openRecordingRig, type RecordingRig } from '../support/recording-rig.ts';
import type { Proof } from './proof.ts';

const MiB = 1024 ** 2;
/** Beyond a page's own time. */
const graceMs = 20_000;

interface HostilePage {
  script: string;
  /** Reasons that it may end with; `null`: it is kept. */
  ends: (string | null)[];
}

const spinner = 'while (true) {}';
const worker = `new Worker(URL.createObjectURL(new Blob([${JSON.stringify(spinner)}])))`;

export const hostilePages: Record<string, HostilePage> = {
  'memory without end': {
    script: 'const held = []; setInterval(() => held.push(new Uint8Array(64 << 20).fill(1)), 20)',
    ends: ['page-memory'],
  },
  'memory in 40 workers': {
    script: `for (let n = 0; n < 40; n++) new Worker(URL.createObjectURL(new Blob([
      'const held = []; setInterval(() => held.push(new Uint8Array(16 << 20).fill(1)), 20)'])))`,
    ends: ['page-memory'],
  },
  'alerts without end': {
    script: 'setTimeout(() => { while (true) alert("again") }, 300)',
    ends: [null, 'timed-out', 'no-picture'],
  },
  '64 spinning workers': {
    script: `for (let n = 0; n < 64; n++) ${worker}`,
    ends: [null, 'timed-out', 'no-picture'],
  },
  'a spinning page': {
    script: `setTimeout(() => { ${spinner} }, 300)`,
    ends: [null, 'timed-out', 'no-picture'],
  },
  '10,000 frames': {
    script: `for (let n = 0; n < 10000; n++) {
      const frame = document.createElement('iframe');
      frame.srcdoc = 'frame ' + n;
      document.body.append(frame);
    }`,
    ends: [null, 'timed-out', 'no-picture', 'page-memory', 'page-processes'],
  },
  'windows without end': {
    script: 'setInterval(() => { for (let n = 0; n < 20; n++) open("/calm") }, 10)',
    ends: ['page-processes'],
  },
  'windows that open windows': {
    script: 'setInterval(() => open("/", "_blank", "noopener"), 10)',
    ends: ['page-processes'],
  },
  'reloads without end': {
    script: 'onload = () => location.reload(); setTimeout(() => location.reload(), 0)',
    ends: [null, 'timed-out', 'no-picture'],
  },
  'a million elements': {
    script: 'setTimeout(() => { document.body.innerHTML += "<p>more</p>".repeat(1e6) }, 100)',
    ends: [null, 'timed-out', 'no-picture', 'page-memory'],
  },
};

export interface Ending {
  name: string;
  reason: string | null;
  tookMs: number;
  peakMiB: number;
  processes: number;
  besideMs: number;
}

/** One hostile page, and an ordinary one beside it. */
export async function endingOf(
  rig: RecordingRig,
  name: string,
  { timeoutMs, limits }: { timeoutMs: number; limits: BrowserLimits },
): Promise<Ending> {
  const { script, ends } = hostilePages[name] as HostilePage;
  const html = (text: string): Route => ({
    headers: { 'content-type': 'text/html' },
    body: `<!doctype html><title>page</title><p>words</p><script>${text}</script>`,
  });
  await using server = await openPageServer({
    '/': html(`new Image().src = '/never'; ${script}`),
    // A page that never stops loading is looked at until its time is over.
    '/never': () => {},
    '/calm': html(''),
  });
  const taken = watchTaken();
  const timed = async (path: string, own: BrowserLimits) => {
    const startedAt = performance.now();
    const made = await rig.visit(server.url(path), { timeoutMs, limits: own }).catch((error) => {
      if (typeof error.code !== 'string') throw error;
      return { state: 'failed', reason: error.code as string };
    });
    return { made, tookMs: Math.round(performance.now() - startedAt) };
  };
  const [hostile, calm] = await Promise.all([timed('/', limits), timed('/calm', browserLimits)]);
  const { peakMiB, processes } = taken.end();
  const { reason } = hostile.made;
  assert.ok(ends.includes(reason), `${name} ended with ${reason}`);
  assert.ok(hostile.tookMs < timeoutMs + graceMs, `${name} took ${hostile.tookMs} ms`);
  assert.equal(calm.made.state, 'done', `beside ${name}: ${calm.made.reason}`);
  return { name, reason, tookMs: hostile.tookMs, peakMiB, processes, besideMs: calm.tookMs };
}

/** The most that one browser of this process took. */
function watchTaken() {
  const most = { peakMiB: 0, processes: 0 };
  const looks = new Map<number, ReturnType<typeof processesOf>>();
  const look = async () => {
    for (const leader of browsers()) {
      const processesNow = looks.get(leader) ?? processesOf(leader);
      looks.set(leader, processesNow);
      const found = await processesNow();
      const bytes = found.reduce((sum, { ownBytes }) => sum + ownBytes, 0);
      most.peakMiB = Math.max(most.peakMiB, Math.round(bytes / MiB));
      most.processes = Math.max(most.processes, found.length);
    }
  };
  const watching = setInterval(() => void look().catch(() => {}), 200);
  return {
    end() {
      clearInterval(watching);
      return most;
    },
  };
}

/** Children of this process that lead a process group. */
function browsers(): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(parent) === process.pid && group === pid ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
}

/** Size: seconds that a page has. */
export const proof: Proof = {
  fullSize: 20,
  async prove({ size, say }) {
    await using rig = await openRecordingRig();
    say('| page | ended with | after | its browser took | processes | beside it |');
    say('| --- | --- | --- | --- | --- | --- |');
    for (const name of Object.keys(hostilePages)) {
      const ended = await endingOf(rig, name, { timeoutMs: size * 1000, limits: browserLimits });
      const { reason, tookMs, peakMiB, processes, besideMs } = ended;
      const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
      say(
        `| ${name} | ${reason ?? 'kept'} | ${seconds(tookMs)} | ${peakMiB} MiB | ${processes} | done, ${seconds(besideMs)} |`,
      );
    }
    say(
      `a page had ${size} s, its browser ${Math.round(browserLimits.memoryBytes / MiB)} MiB and ${browserLimits.processes} processes`,
    );
  },
};
