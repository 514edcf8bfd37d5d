/** Whether a record holds what a lying site gave to the browser, or says that it doesn't. */
import { readFile } from 'node:fs/promises';
import type { PageVisit } from '../../../src/visit/visit-page.ts';
import type { RecordedExchange } from '../../../src/warc/exchange.ts';
import type { Given } from './lying-site.ts';

export interface Judged {
  /** Nothing is missing, by its own word. */
  isComplete: boolean;
  /** The page shows a word of its lie, or says that what has none is drawn. */
  hasShown: boolean;
  text: string;
  /** What the record says it lacks. */
  missing: string[];
  /** What was given to the browser and is neither held nor named as missing. */
  lost: string[];
}

export async function judgeLies(made: PageVisit, given: Given[]): Promise<Judged> {
  const held = await heldBodies(made.exchanges);
  const heads = made.exchanges.map(({ response }) => JSON.stringify(response?.headers ?? []));
  const isHeld = (bytes: Buffer | string) => held.some((body) => body.includes(bytes));
  const notKept = made.exchanges.filter((one) => one.class === 'not-kept');
  const named = new Set(notKept.map(({ url }) => url));
  const isComplete = made.state === 'done' && lacksNothing(made);
  const text = made.text ?? '';
  const words = [...new Set(text.match(/shown-[0-9a-f]{16}/g) ?? [])];
  const lostWords = words.filter(
    (word) => !isHeld(word) && !heads.some((head) => head.includes(word)),
  );
  // On a busy machine a page is cut, and its site goes on giving: nobody could have kept that.
  const endedAtMs = Date.parse(String(made.facts.endedAt));
  const lostBodies = given.filter(
    ({ url, whole, bytes, atMs }) =>
      whole && !(atMs > endedAtMs) && !named.has(url) && !isHeld(bytes),
  );
  return {
    isComplete,
    hasShown: words.length > 0 || /\b(drawn|playing|styled)\b/.test(text),
    text: text.slice(0, 300),
    missing: [
      ...(made.state === 'done' ? [] : [`${made.state}: ${made.reason}`]),
      ...notKept.map(({ url, reason }) => `${reason}: ${url}`),
    ],
    lost: [
      ...(isComplete ? lostWords : []),
      ...lostBodies.map(({ url, bytes }) => `${bytes.length} bytes of ${url}`),
    ],
  };
}

/** What the WARC holds for the page: bodies of exchanges that aren't left out. */
async function heldBodies(exchanges: RecordedExchange[]): Promise<Buffer[]> {
  const paths = exchanges
    .filter((one) => one.class !== 'excluded' && one.reason !== 'refetch-differs')
    .flatMap(({ response }) => response?.body?.path ?? []);
  return Promise.all([...new Set(paths)].map((path) => readFile(path)));
}

function lacksNothing({ facts }: PageVisit): boolean {
  return Array.isArray(facts.notKept) && facts.notKept.length === 0;
}
