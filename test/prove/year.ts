/**
 * A year of watching, end to end: the small internet plays a script, and the program itself
 * comes back to each source when it is due, with a clock that jumps from due time to due time.
 *
 * Real: every sweep and every capture that it asks for is a job of the real queue, on
 * PostgreSQL and on Redis; every visit and every canary is HTTP through the door, mostly with
 * TLS; bodies, checks, conclusions, events, plans and submissions are written as ever. The
 * embedded PostgreSQL holds the rows of both. Sweeps are some hours apart, not seconds.
 *
 * Not covered: a capture that was asked for is taken from the queue and closed at once
 * without a visit (it notes whose post it is); Chromium and the media would take hours, and
 * `crash`, `load` and `recorded` show them. Nobody is alerted. The queue's own times, the pace of
 * hosts and the life of a guest token follow the clock of the machine, since they are about
 * real work. The script follows from the seed; the jitter of plans is the program's own.
 */
import assert from 'node:assert/strict';
import { closeCapture } from '../../src/catalog/captures.ts';
import { recordStep } from '../../src/catalog/steps.ts';
import { feed } from '../../src/pipeline/intake/feed.ts';
import type { Parts } from '../../src/pipeline/parts.ts';
import { parseCapturePayload } from '../../src/pipeline/payloads.ts';
import { watchSource } from '../../src/pipeline/watching/watch.ts';
import type { StageHandler, StageJob } from '../../src/queue/queue.ts';
import { recheck } from '../../workers/recheck.ts';
import type { Proof, ProofRun } from './proof.ts';
import { type ProvingGround, provingGround } from './proving-ground.ts';
import { minute, startMs, yearMs } from './simulated-world.ts';
import { type ScriptedSource, scriptedYear, timeZone, type YearScript } from './year-script.ts';
import { openStage, type Stage } from './year-stage.ts';
import { judgeYear, sweepsApartMs } from './year-verdict.ts';

type Backend = 'postgres' | 'redis';

/** Size: sources. */
export const proof: Proof = {
  fullSize: 100,
  async prove(run) {
    // At once: each waits for its disk and its servers most of the time.
    const years = (['postgres', 'redis'] as const).map((name) => proveYear(name, run, yearMs));
    for (const ended of await Promise.allSettled(years))
      if (ended.status === 'rejected') throw ended.reason;
  },
};

/** @throws AssertionError naming the source whose story was told wrongly, or what was doubled or lost */
export async function proveYear(
  backend: Backend,
  { size, seed, say }: ProofRun,
  lengthMs: number,
): Promise<void> {
  await using ground = await provingGround(backend);
  const script = scriptedYear(size, seed, lengthMs);
  const year = new Year(ground, script, seed);
  await year.run();
  const found = await judgeYear(ground, script, year.closed);
  const { removals, restorations } = found;
  say(
    `${backend}: ${size} sources, ${Math.round(lengthMs / 86_400_000)} days: ${year.sweeps} sweeps as jobs, ${found.visits} visits, ${found.observations} observations, ${found.requests} HTTP requests; ${removals.found} of ${removals.true} removals found, worst delay ${hours(removals.worst.delayMs)} of ${hours(removals.worst.boundMs)} allowed; ${restorations.found} of ${restorations.true} restorations, ${found.changes.found} of ${found.changes.true} edits; 0 called removed that were not; ${found.cleared} suspicions cleared, ${found.restricted} gates seen, ${found.held} checks held back; ${year.closed.size} captures asked for, each once`,
  );
}

function hours(ms: number): string {
  return `${(ms / 3_600_000).toFixed(0)} h`;
}

const sweepEveryMs = 5;

class Year {
  /** How often each capture was handed out by the queue. */
  readonly closed = new Map<string, number>();
  sweeps = 0;
  readonly #ground: ProvingGround;
  readonly #script: YearScript;
  readonly #parts: Parts;
  readonly #stage: Stage;
  readonly #over = Promise.withResolvers<void>();
  #at = startMs;

  constructor(ground: ProvingGround, script: YearScript, seed: number) {
    this.#ground = ground;
    this.#script = script;
    this.#parts = Object.assign(ground.app.parts, { now: () => new Date(this.#at) });
    this.#stage = openStage(ground.internet.world, script, seed);
  }

  async run(): Promise<void> {
    for (const { link, planText } of this.#script.sources)
      await watchSource(this.#parts, link, planText, { captures: 'changed', timeZone });
    const queue = await this.#ground.app.queue();
    const alone = { concurrency: 1, attempts: 1, timeoutMs: 10 * minute };
    const orEnd = (run: (job: StageJob) => Promise<void>) => (job: StageJob) =>
      run(job).catch((error: unknown) => this.#over.reject(error));
    const handlers: StageHandler[] = [
      { stage: 'recheck', ...alone, run: orEnd((job) => this.#sweep(job)) },
      { stage: 'resolve', ...alone, run: orEnd((job) => this.#closeUnvisited(job)) },
    ];
    await using workers = await queue.work(handlers);
    await queue.every('recheck', sweepEveryMs);
    await this.#over.promise.finally(() => workers.close(10_000));
  }

  /** One job, one sweep; then, when all that it asked for is done, the clock jumps. */
  async #sweep(job: StageJob): Promise<void> {
    if (this.#at > this.#script.endMs) return;
    await recheck.work(this.#ground.app, job);
    this.sweeps += 1;
    const { overdue, nextDueAt, unfinished } = await this.#standing();
    assert.equal(overdue, 0, 'a sweep left watches due');
    if (unfinished > 0) {
      await feed(this.#parts, await this.#ground.app.queue());
      return;
    }
    assert.ok(nextDueAt !== null, 'nothing is watched any more');
    this.#at = Math.max(nextDueAt.getTime(), this.#at + sweepsApartMs);
    if (this.#at > this.#script.endMs) this.#over.resolve();
    else this.#stage.setTo(this.#at);
  }

  async #standing() {
    const { rows } = await this.#parts.database.query<{
      overdue: number;
      nextDueAt: Date | null;
      unfinished: number;
    }>(
      `select count(*) filter (where next_due_at <= $1) as overdue, min(next_due_at) as "nextDueAt",
         (select count(*) from unfinished_captures) as unfinished
       from watches where state = 'active'`,
      [new Date(this.#at)],
    );
    return rows[0] ?? { overdue: 0, nextDueAt: null, unfinished: 0 };
  }

  /** What stands in for the capture: no visit, but it says whose post it is and when it was posted. */
  async #closeUnvisited(job: StageJob): Promise<void> {
    const { captureId } = parseCapturePayload(job.data);
    this.closed.set(captureId, (this.closed.get(captureId) ?? 0) + 1);
    const { database } = this.#parts;
    const now = new Date(this.#at);
    const { rows } = await database.query<{ sourceKey: string }>(
      'select source_key as "sourceKey" from captures where id = $1',
      [captureId],
    );
    const source = this.#script.sources.find(({ key }) => key === rows[0]?.sourceKey);
    assert.ok(source !== undefined, `capture ${captureId} is of no source of the script`);
    const times = { startedAt: now, finishedAt: now };
    const step = { captureId, step: 'record', required: true, final: true, reason: null };
    await recordStep(
      database,
      { ...step, state: 'done', detail: {}, ...times },
      { post: postOf(source) },
    );
    const manifestSha256 = '0'.repeat(64);
    const outcome = { captureId, sourceKey: source.key, manifestSha256, ...times };
    await closeCapture(database, { ...outcome, state: 'complete' });
  }
}

function postOf({ post, bornAt }: ScriptedSource) {
  if (post === null) return null;
  const idTime = bornAt.toISOString();
  return { id: post.id, author: post.account, text: '', claimedAt: idTime, idTime };
}
