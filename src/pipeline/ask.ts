/** Asks the outside through the door, at a polite pace, and keeps every answer before anybody reads it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError, ThrottledError } from '../base/errors.ts';
import type { HttpClient } from '../egress/egress.ts';
import { type JournalEntry, journalled } from '../egress/journal.ts';
import { askSmall, type SmallAnswer } from '../egress/small-answer.ts';
import type { NewArtifact } from '../model/artifact.ts';
import type { Answer, Ask, Question } from '../platforms/platform.ts';
import { type Parts, timeNow } from './parts.ts';

const defaultMaxBytes = 16 * 1024 * 1024;
const timeoutMs = 20_000;
const longestPaceWaitMs = 10_000;

export interface KeptAnswers {
  ask: Ask;
  /** One `record.raw` for each answer that had a body, in the order asked. */
  artifacts: NewArtifact[];
  answers: Answer[];
  /** Every exchange on the way to the answers. */
  journal: JournalEntry[];
}

export function askAndKeep(parts: Parts, signal: AbortSignal): KeptAnswers {
  const artifacts: NewArtifact[] = [];
  const answers: Answer[] = [];
  const { client, entries } = journalled(parts.egress.client);
  const ask: Ask = async (question) => {
    const answer = await answerTo(parts, client, question, signal);
    answers.push(answer);
    if (answer.bodySha256 !== null) artifacts.push(artifactOf(answer, question, answers.length));
    return answer;
  };
  return { ask, artifacts, answers, journal: entries };
}

async function answerTo(
  parts: Parts,
  client: HttpClient,
  question: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const base = { route: question.route, url: question.url };
  await untilPaceAllows(parts, question.url, signal);
  let served: SmallAnswer;
  try {
    const { url, method = 'GET', headers, maxBytes = defaultMaxBytes } = question;
    served = await askSmall(client, { url, method, headers, signal, timeoutMs }, maxBytes);
  } catch (error) {
    // What the outside did is an answer; what happened to us (storage, database) is not.
    signal.throwIfAborted();
    if (!(error instanceof HoldfastError)) throw error;
    return {
      ...base,
      status: null,
      headers: [],
      body: Buffer.alloc(0),
      bodySha256: null,
      failure: failureOf(error),
      observedAt: timeNow(parts),
    };
  }
  const observedAt = timeNow(parts);
  const stored = served.body.length > 0 ? await parts.vault.put(served.body) : null;
  return { ...base, ...served, bodySha256: stored?.sha256 ?? null, failure: null, observedAt };
}

/** That a name does not exist is something else than that nobody could tell. */
function failureOf(error: HoldfastError): string {
  const cause = error.cause;
  const said = cause instanceof Error && 'code' in cause ? cause.code : null;
  return error.code === 'dns' && said === 'ENOTFOUND' ? 'no-such-name' : error.code;
}

/**
 * In the middle of a record the wait is made here: handing the job back would throw away
 * the answers that are already there. Only a host that wants to be left alone for longer
 * sends the whole record back to the queue.
 */
async function untilPaceAllows(
  parts: Pick<Parts, 'pace'>,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  const patienceEndsAt = Date.now() + longestPaceWaitMs;
  for (;;) {
    try {
      return await parts.pace.ask(url, signal);
    } catch (error) {
      const waitMs =
        error instanceof ThrottledError ? error.retryAfterMs : Number.POSITIVE_INFINITY;
      if (Date.now() + waitMs > patienceEndsAt) throw error;
      await sleep(waitMs, undefined, { signal });
    }
  }
}

function artifactOf(answer: Answer, question: Question, position: number): NewArtifact {
  const served = answer.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const mediaType = served?.split(';')[0]?.trim().toLowerCase() || 'application/octet-stream';
  const ending = mediaType.includes('json') ? 'json' : mediaType.includes('html') ? 'html' : 'bin';
  return {
    role: 'record.raw',
    name: `record/${String(position).padStart(2, '0')}-${question.route}.${ending}`,
    mediaType,
    sizeBytes: answer.body.length,
    sha256: answer.bodySha256 ?? '',
    derivedFrom: null,
    facts: {
      route: question.route,
      url: question.url,
      status: answer.status,
      headers: answer.headers,
      observedAt: answer.observedAt.toISOString(),
    },
  };
}
