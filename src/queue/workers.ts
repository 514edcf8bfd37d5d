/** Takes jobs and runs stages, until told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OutageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Backend, StageWorker } from './backend.ts';
import { endingOf, Interruption, type StageJobHandle } from './endings.ts';
import { fromQueuePriority, keptAfterwards, type StageName, waitedMsOf } from './jobs.ts';

/** One run of one stage, as the queue hands it over. */
export interface StageJob {
  stage: StageName;
  /** Of the job: the same whenever it is run again. */
  id: string;
  /** When it was added, as whoever added it says. */
  addedAt: Date;
  /** For the stage's own parser to read. */
  data: unknown;
  priority: number;
  /** From 1. Interrupted and throttled runs don't count. */
  attempt: number;
  /** Nobody tries again after this one. */
  lastAttempt: boolean;
  /** How long this job has already been put off because hosts asked to wait. */
  waitedMs: number;
  /** Aborted by the time limit (a TimeoutError), by shutdown or when another worker took over. */
  signal: AbortSignal;
}

export interface StageHandler {
  stage: StageName;
  /** Side by side in this process. */
  concurrency: number;
  attempts: number;
  timeoutMs: number;
  /** At closing it has so long to end by itself, if not less; absent: the whole grace. */
  stopWithinMs?: number;
  /** What it gives is kept as the job's result, for whoever added it. */
  run(job: StageJob): Promise<unknown>;
}

export interface WorkOptions {
  /**
   * A job whose worker was silent for this long (killed, frozen, cut off) is given to
   * another. Renewed at half time while the worker lives; default 30 s.
   */
  lockDurationMs?: number;
  /** A stage that ignores its signal for this long is left behind at closing; default 10 s. */
  stopPatienceMs?: number;
}

export interface Workers extends AsyncDisposable {
  running(): number;
  /**
   * Takes no more jobs and lets running ones finish for `graceMs`, or as long as their stage
   * has; then stops them, and they go back into the queue. May be called again with less grace.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * How often a job may lose its worker before it counts as failed. BullMQ's default is 1,
 * because a job that takes its process down with it would do so for ever. Ours survives
 * power cuts and a few out-of-memory kills in a row; a poisonous one still ends.
 */
const maxStalledCount = 10;

/** The server may be away for good when we want to go; then it is left without good-bye. */
const farewellMs = 5_000;

/** @throws OutageError `queue-unreachable` */
export async function startWorkers(
  backend: Backend,
  handlers: StageHandler[],
  options: WorkOptions,
  log: Log,
): Promise<Workers> {
  const runs = new Set<Run>();
  const opened: StageWorker[] = [];
  let closing: Promise<void> | null = null;
  const workers: Workers = {
    running: () => runs.size,
    close: (graceMs) => {
      closing ??= closeAll(backend, opened, runs);
      const done = closing;
      const stopping = stopAfter(graceMs, options.stopPatienceMs ?? 10_000, runs, done, log);
      return Promise.all([done, stopping]).then(() => undefined);
    },
    [Symbol.asyncDispose]: () => workers.close(0),
  };
  try {
    for (const handler of handlers) {
      opened.push(await startWorker(backend, handler, options, runs, log));
    }
    return workers;
  } catch (error) {
    // Why they could not all be opened says more than why one could not be closed.
    await workers.close(0).catch(() => undefined);
    throw backend.meaning(error);
  }
}

async function startWorker(
  backend: Backend,
  handler: StageHandler,
  options: WorkOptions,
  runs: Set<Run>,
  log: Log,
): Promise<StageWorker> {
  const lockDuration = options.lockDurationMs ?? 30_000;
  const worker = await backend.makeWorker(
    handler.stage,
    (job, token = '') => runStage(handler, job, token, runs, log),
    {
      concurrency: handler.concurrency,
      lockDuration,
      stalledInterval: lockDuration,
      maxStalledCount,
      // For jobs that say nothing of it: those of other programs.
      ...keptAfterwards,
      // BullMQ waits 15 s after a lost connection.
      runRetryDelay: 1_000,
    },
  );
  worker.on('error', (error) => {
    // That the server is away is said once, by its connection.
    const level = backend.meaning(error) instanceof OutageError ? 'debug' : 'warn';
    log[level]({ stage: handler.stage, err: error }, 'queue trouble');
  });
  worker.on('lockRenewalFailed', (jobIds) => {
    for (const run of runs) {
      if (run.stage === handler.stage && jobIds.includes(run.jobId)) run.stop('lost-lock');
    }
  });
  return worker;
}

/**
 * A run in hand: can be stopped, and left behind where it doesn't stop. Its signal is a plain
 * one with a timer that ends with the run: Node keeps what `AbortSignal.timeout` and
 * `AbortSignal.any` make, and all that listens to it, until the time is up, which is hours.
 */
class Run {
  readonly stage: StageName;
  readonly jobId: string;
  readonly stopWithinMs: number;
  readonly #stopping = new AbortController();
  readonly #leftBehind = Promise.withResolvers<never>();
  readonly #limit: NodeJS.Timeout;
  #stoppedBy: Interruption | null = null;

  constructor({ stage, timeoutMs, stopWithinMs = Infinity }: StageHandler, jobId: string) {
    this.stage = stage;
    this.jobId = jobId;
    this.stopWithinMs = stopWithinMs;
    this.#leftBehind.promise.catch(() => undefined);
    const late = () =>
      this.#stopping.abort(new DOMException(`${stage} took too long`, 'TimeoutError'));
    this.#limit = setTimeout(late, timeoutMs).unref();
  }

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** By whom it was stopped from outside, also where its time had been up before. */
  get stoppedBy(): Interruption | null {
    return this.#stoppedBy;
  }

  stop(by: Interruption['by']): void {
    // Whose lock is lost has nothing to give back any more.
    if (this.#stoppedBy?.by !== 'lost-lock') this.#stoppedBy = new Interruption(by);
    this.#stopping.abort(this.#stoppedBy);
  }

  leaveBehind(): void {
    this.#leftBehind.reject(this.#stoppedBy);
  }

  end(): void {
    clearTimeout(this.#limit);
  }

  /** As `work`, but ends without it once it is left behind. */
  untilLeft<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#leftBehind.promise]);
  }
}

async function runStage(
  handler: StageHandler,
  job: StageJobHandle,
  token: string,
  runs: Set<Run>,
  log: Log,
): Promise<unknown> {
  const run = new Run(handler, job.id ?? '');
  runs.add(run);
  try {
    return await run.untilLeft(
      handler.run({
        stage: handler.stage,
        id: job.id ?? '',
        addedAt: new Date(job.timestamp),
        data: job.data,
        priority: fromQueuePriority(job.priority),
        attempt: job.attemptsMade + 1,
        lastAttempt: job.attemptsMade + 1 >= handler.attempts,
        waitedMs: waitedMsOf(job.data),
        signal: run.signal,
      }),
    );
  } catch (error) {
    const { attempts } = handler;
    const { stoppedBy } = run;
    const ending = await endingOf(error, { job, token, attempts, stoppedBy });
    log.debug({ stage: run.stage, job: run.jobId, err: error, ending: ending.name }, 'run ended');
    throw ending;
  } finally {
    run.end();
    runs.delete(run);
  }
}

async function closeAll(backend: Backend, workers: StageWorker[], runs: Set<Run>): Promise<void> {
  // Each by itself: where one fails, the runs of the others are still waited for.
  const closed = Promise.allSettled(workers.map((worker) => worker.close()));
  const cut = new AbortController();
  const goWithoutServer = async () => {
    while (runs.size > 0) await sleep(50, undefined, { signal: cut.signal });
    await sleep(farewellMs, undefined, { signal: cut.signal });
    backend.cutWorkersOff();
  };
  goWithoutServer().catch(() => undefined);
  const failed = (await closed).find(({ status }) => status === 'rejected');
  cut.abort();
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Stops what still runs after the grace, and leaves behind what doesn't stop. */
async function stopAfter(
  graceMs: number,
  patienceMs: number,
  runs: Set<Run>,
  closed: Promise<void>,
  log: Log,
): Promise<void> {
  const over = new AbortController();
  const waiting = (ms: number) => sleep(ms, undefined, { signal: over.signal });
  const stop = async (withinMs: number) => {
    await waiting(Math.min(graceMs, withinMs));
    const late = [...runs].filter(({ stopWithinMs }) => stopWithinMs <= withinMs);
    for (const run of late) run.stop('shutdown');
    await waiting(patienceMs);
    for (const run of late.filter((one) => runs.has(one))) {
      log.error({ stage: run.stage, job: run.jobId }, 'a stage ignores that it was stopped');
      run.leaveBehind();
    }
  };
  const spans = new Set([...runs].map(({ stopWithinMs }) => stopWithinMs)).add(Infinity);
  const stopping = Promise.all([...spans].map(stop)).catch(() => undefined); // all ended before
  await closed.finally(() => over.abort());
  await stopping;
}
