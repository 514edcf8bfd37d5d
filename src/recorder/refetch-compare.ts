/** Whether a file that was fetched again is the one that the page was given pieces of. */
import type { BodyTrouble } from '../base/reasons.ts';
import type { RecordedResponse } from '../warc/exchange.ts';
import { headerOf } from './content-length.ts';
import type { Entry } from './exchange-ledger.ts';
import { holdsAt, type PassedBytes } from './passing-body.ts';

export interface Comparison {
  trouble: Extract<BodyTrouble, 'refetch-differs' | 'refetch-unseen'> | null;
  /** How many bytes of the page's were found in the file. */
  bytes: number;
}

const differs: Comparison = { trouble: 'refetch-differs', bytes: 0 };
const unseen: Comparison = { trouble: 'refetch-unseen', bytes: 0 };

export async function compareGiven(entry: Entry, again: RecordedResponse): Promise<Comparison> {
  if (again.body === null || saysOther(entry, again)) return differs;
  const given = await givenOf(entry);
  const fromByte = firstByte(entry);
  if (given === null || fromByte === null) return unseen;
  if (!(await holdsAt(fromByte, given, again.body))) return differs;
  return { trouble: null, bytes: given.sizeBytes };
}

/** Null: the page may have been given more than was seen of it. */
async function givenOf(entry: Entry): Promise<PassedBytes | null> {
  const { body, passing, isWhole, givenBytes } = entry;
  const seen = body === null ? (passing?.soFar() ?? null) : await body.end();
  return isWhole || seen?.sizeBytes === givenBytes ? seen : null;
}

/** The place in the file of what the page was given; null where nobody can tell. */
function firstByte({ response }: Entry): number | null {
  if (response?.status !== 206) return 0;
  const first = /^\s*bytes\s+(\d{1,15})-/i.exec(headerOf(response, 'content-range'))?.[1];
  return first === undefined ? null : Number(first);
}

/** Whether status, validator or length say that it is another file. */
function saysOther(entry: Entry, again: RecordedResponse): boolean {
  if (again.status !== 200) return true;
  const [tag, tagAgain] = [entry.response, again].map((one) =>
    one === null ? '' : headerOf(one, 'etag').replace(/^W\//, ''),
  );
  if (tag !== '' && tagAgain !== '' && tag !== tagAgain) return true;
  if (headerOf(entry.response, 'content-encoding') !== '') return false;
  const whole =
    entry.response?.status === 206
      ? /\/(\d+)\s*$/.exec(headerOf(entry.response, 'content-range'))?.[1]
      : headerOf(entry.response, 'content-length');
  return !!whole && Number(whole) !== again.body?.sizeBytes;
}
