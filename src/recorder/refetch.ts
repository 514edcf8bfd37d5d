/**
 * Media and large files, fetched once more by our own client, whole and undecoded, with the
 * headers that the page sent: players ask for pieces only, and give up many of them. Always GET,
 * once an address; the exchange says that it was fetched again.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, StorageError } from '../base/errors.ts';
import { within } from '../base/time-limit.ts';
import type { HttpClient, HttpResponse } from '../egress/egress.ts';
import type { RecordedExchange, RecordedResponse } from '../warc/exchange.ts';
import { type BodyFile, type BodyStore, Budget } from './body-store.ts';
import { headerOf } from './content-length.ts';
import { isAwaited } from './exchange-class.ts';
import type { Entry, ExchangeLedger } from './exchange-ledger.ts';

interface Job {
  /** The first that asked, and all others. */
  entries: Entry[];
  stop: AbortController;
  done: Promise<void>;
  made: RecordedExchange | null;
}

const atOnce = 2;
const calmPatienceMs = 5_000;
const calmLookMs = 50;

export class Refetches {
  readonly #client: HttpClient;
  readonly #bodies: BodyStore;
  readonly #ledger: ExchangeLedger;
  readonly #signal: AbortSignal;
  readonly #jobs = new Map<string, Job>();
  readonly #lanes = new Budget(atOnce);

  constructor(client: HttpClient, bodies: BodyStore, ledger: ExchangeLedger, signal: AbortSignal) {
    this.#client = client;
    this.#bodies = bodies;
    this.#ledger = ledger;
    this.#signal = signal;
  }

  want(entry: Entry): void {
    entry.refetched = true;
    const known = this.#jobs.get(entry.url);
    if (known !== undefined) {
      known.entries.push(entry);
      return;
    }
    const stop = new AbortController();
    const job: Job = { entries: [entry], stop, done: Promise.resolve(), made: null };
    this.#jobs.set(entry.url, job);
    job.done = this.#lanes.spend(1, () => this.#fetch(job, entry));
    job.done.catch(() => {}); // told when the view ends
  }

  /**
   * What was fetched again for a view. Whatever isn't there after the limit is stopped, and each
   * request that waited for it says why its body isn't kept.
   * @throws StorageError; the signal's reason
   */
  async finish(view: string, limitMs: number): Promise<RecordedExchange[]> {
    this.#signal.throwIfAborted(); // nobody would hear how they all end
    const jobs = [...this.#jobs.values()].filter((job) => job.entries[0]?.view === view);
    const all = Promise.all(jobs.map(({ done }) => done)).then(() => {});
    await within(limitMs, this.#signal, all).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
      for (const { stop } of jobs) stop.abort(error);
    });
    await all;
    for (const job of jobs) for (const entry of job.entries) tellTrouble(entry, job);
    return jobs.flatMap(({ made }) => made ?? []);
  }

  /** What the page waits for goes first; waiting for the page to stay quiet is time enough. */
  async #untilCalm(signal: AbortSignal): Promise<void> {
    const now = () => Date.now();
    const patientUntilMs = now() + calmPatienceMs;
    const isBusy = () => this.#ledger.open().some((entry) => isAwaited(entry, now()));
    while (isBusy() && now() < patientUntilMs) await sleep(calmLookMs, undefined, { signal });
    signal.throwIfAborted();
  }

  async #fetch(job: Job, entry: Entry): Promise<void> {
    const signal = AbortSignal.any([this.#signal, job.stop.signal]);
    const body = this.#bodies.newBody();
    const headers = headersAgain(this.#ledger.extrasOf(entry).request ?? entry.requestHeaders);
    try {
      await this.#untilCalm(signal);
      const startedAt = new Date().toISOString();
      const came = await this.#client.request({ url: entry.url, headers, signal });
      const truncated = await readInto(body, came, signal);
      this.#signal.throwIfAborted();
      job.made = await exchangeOf(entry, headers, startedAt, came, body, truncated);
    } catch (error) {
      await body.end().catch(() => {});
      if (error instanceof StorageError || this.#signal.aborted) throw error;
      entry.bodyTrouble = job.stop.signal.aborted ? 'timed-out' : `refetch-${errorCode(error)}`;
    }
  }
}

/** Null: the body came whole. */
async function readInto(
  body: BodyFile,
  came: HttpResponse,
  signal: AbortSignal,
): Promise<RecordedResponse['truncated']> {
  try {
    for await (const chunk of came.body) {
      await body.append(chunk as Buffer);
      if (body.isCapped) return 'length';
    }
    return null;
  } catch (error) {
    if (error instanceof StorageError) throw error;
    return signal.aborted ? 'time' : 'disconnect';
  } finally {
    came.body.destroy();
  }
}

const troubles = { length: 'capped', time: 'timed-out', disconnect: 'refetch-reset' } as const;

/** Other views, and other requests of the same address, share what became of it. */
function tellTrouble(entry: Entry, { entries, made }: Job): void {
  const first = entries[0]?.bodyTrouble ?? null;
  if (made === null) entry.bodyTrouble = first ?? 'refetch-failed';
  else if (made.response?.truncated != null) entry.bodyTrouble = troubles[made.response.truncated];
  else if (differs(entry, made)) entry.bodyTrouble = 'refetch-differs';
}

/** Whether the second answer is certainly not the file that the page was given pieces of. */
function differs(entry: Entry, { response }: RecordedExchange): boolean {
  if (response === null || response.status !== 200) return true;
  const again = { ...entry.response, headers: response.headers } as Entry['response'];
  const [tag, tagAgain] = [headerOf(entry.response, 'etag'), headerOf(again, 'etag')];
  if (tag !== '' && tagAgain !== '' && tag.replace(/^W\//, '') !== tagAgain.replace(/^W\//, ''))
    return true;
  const whole =
    entry.response?.status === 206
      ? /\/(\d+)\s*$/.exec(headerOf(entry.response, 'content-range'))?.[1]
      : headerOf(entry.response, 'content-length');
  const encoded = headerOf(entry.response, 'content-encoding') !== '';
  return !encoded && !!whole && Number(whole) !== response.body?.sizeBytes;
}

const ownToTheConnection =
  /^(:.*|range|if-range|accept-encoding|connection|host|content-length|te|upgrade|keep-alive|transfer-encoding|proxy-.*)$/i;

function headersAgain(sent: Record<string, string>): Record<string, string> {
  const kept = Object.entries(sent).filter(([name]) => !ownToTheConnection.test(name));
  return { ...Object.fromEntries(kept), 'Accept-Encoding': 'identity' };
}

async function exchangeOf(
  entry: Entry,
  headers: Record<string, string>,
  startedAt: string,
  came: HttpResponse,
  body: BodyFile,
  truncated: RecordedResponse['truncated'],
): Promise<RecordedExchange> {
  const { host } = new URL(entry.url);
  return {
    id: randomUUID(),
    method: 'GET',
    url: entry.url,
    startedAt,
    finishedAt: new Date().toISOString(),
    resourceType: entry.type,
    request: { headers: [['Host', host], ...Object.entries(headers)], body: null },
    response: {
      status: came.status,
      statusText: '',
      headers: came.headers,
      body: await body.end(),
      decoded: false,
      truncated,
    },
    protocol: 'http/1.1',
    tls: null,
    remoteAddress: came.remoteAddress,
    class: truncated === null ? 'recorded' : 'not-kept',
    reason:
      truncated === null
        ? null
        : { length: 'capped', time: 'timed-out', disconnect: 'reset' }[truncated],
    refetched: true,
    view: entry.view ?? '',
    pageUrl: entry.pageUrl,
  };
}
