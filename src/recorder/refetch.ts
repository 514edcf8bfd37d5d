/**
 * Media and large files, fetched once more by our own client, whole and undecoded, with the
 * headers that the page sent: players ask for pieces only, and give up many of them. Always GET,
 * once an address; the exchange says that it was fetched again. What each request of the page was
 * given must be found in it: a server can tell the two apart, and give each something else.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, StorageError } from '../base/errors.ts';
import type { BodyTrouble } from '../base/reasons.ts';
import { within } from '../base/time-limit.ts';
import type { HttpClient, HttpResponse } from '../egress/egress.ts';
import type { RecordedExchange, RecordedResponse } from '../warc/exchange.ts';
import { type BodyFile, type BodyStore, Budget } from './body-store.ts';
import { isAwaited, isOnlyRefetched } from './exchange-class.ts';
import type { Entry, ExchangeLedger } from './exchange-ledger.ts';
import { isBadlyEncoded } from './failures.ts';
import { compareGiven } from './refetch-compare.ts';

interface Job {
  /** The first that asked, and all others. */
  entries: Entry[];
  stop: AbortController;
  done: Promise<void>;
  made: RecordedExchange | null;
  /** Why nothing came. */
  trouble: BodyTrouble | null;
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
    const job: Job = { entries: [entry], stop, done: Promise.resolve(), made: null, trouble: null };
    this.#jobs.set(entry.url, job);
    job.done = this.#lanes.spend(1, () => this.#fetch(job, entry));
    job.done.catch(() => {}); // told when the view ends
  }

  /**
   * What was fetched again for a view, each file with whoever asked for it first. Whatever isn't
   * there after the limit is stopped, and each request that waited for it says why its body isn't kept.
   * @throws StorageError; the signal's reason
   */
  async finish(isOwn: (entry: Entry) => boolean, limitMs: number): Promise<RecordedExchange[]> {
    this.#signal.throwIfAborted(); // nobody would hear how they all end
    const jobs = [...this.#jobs.values()].filter(({ entries }) => entries.some(isOwn));
    const all = Promise.all(jobs.map(({ done }) => done)).then(() => {});
    await within(limitMs, this.#signal, all).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
      for (const { stop } of jobs) stop.abort(error);
    });
    await all;
    for (const job of jobs)
      for (const entry of job.entries.filter(isOwn)) await compare(entry, job);
    return jobs.flatMap(({ made, entries: [first] }) =>
      made !== null && first !== undefined && isOwn(first) ? [made] : [],
    );
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
    const sent = this.#ledger.extrasOf(entry).request ?? entry.requestHeaders;
    const headers = { ...headersAgain(sent), ...codingsAgain(entry, sent) };
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
      job.trouble = job.stop.signal.aborted ? 'timed-out' : `refetch-${errorCode(error)}`;
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

/** Says what became of the body of a request, and of the second answer whether it is that file. */
async function compare(entry: Entry, { made, trouble }: Job): Promise<void> {
  const found = made === null ? (trouble ?? 'refetch-failed') : await troubleOf(entry, made);
  // What stopped its pieces says more than that they can't be compared.
  if (found !== null && isOnlyRefetched(entry)) entry.bodyTrouble ??= found;
}

async function troubleOf(entry: Entry, made: RecordedExchange): Promise<BodyTrouble | null> {
  if (made.response === null) return 'refetch-failed';
  if (made.response.truncated !== null) return troubles[made.response.truncated];
  const { trouble, bytes } = await compareGiven(entry, made.response);
  if (trouble === 'refetch-differs') Object.assign(made, { class: 'not-kept', reason: trouble });
  made.comparedBytes = (made.comparedBytes ?? 0) + bytes;
  return trouble;
}

const ownToTheConnection =
  /^(:.*|range|if-range|accept-encoding|connection|host|content-length|te|upgrade|keep-alive|transfer-encoding|proxy-.*)$/i;

/** What a page sent, but for what belongs to the one connection. */
export function headersAgain(sent: Record<string, string>): Record<string, string> {
  const kept = Object.entries(sent).filter(([name]) => !ownToTheConnection.test(name));
  return { ...Object.fromEntries(kept), 'Accept-Encoding': 'identity' };
}

/** What lies about its coding may tell the truth to whoever takes none: it is asked as it was. */
function codingsAgain({ failure }: Entry, sent: Record<string, string>): Record<string, string> {
  if (!isBadlyEncoded(failure?.words ?? '')) return {};
  const taken = Object.entries(sent).find(([name]) => /^accept-encoding$/i.test(name))?.[1];
  return { 'Accept-Encoding': taken ?? 'gzip, deflate, br, zstd' };
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
    comparedBytes: 0,
    cache: null,
    view: entry.view ?? '',
    pageUrl: entry.pageUrl,
  };
}
