/**
 * Already gone when the link arrived: what a third party kept of it. Its own step, never
 * required, and everything it brings is named as that archive's.
 */

import { z } from 'zod';
import type { NewEvent } from '../../catalog/events.ts';
import { observationsOf } from '../../catalog/observations.ts';
import { type CapturedPage, pagesOf } from '../../catalog/pages.ts';
import { finalStep } from '../../catalog/steps.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import { mostTelling, standingOf } from '../../model/signals.ts';
import type { LinkFacts } from '../../platforms/identity.ts';
import type { Platform, ThirdPartyReading } from '../../platforms/platform.ts';
import {
  askWayback,
  type FetchedCopy,
  fetchFromWayback,
  waybackHost,
} from '../../platforms/wayback.ts';
import { askAndKeep, type KeptAnswers } from '../ask.ts';
import { factsOf } from '../link-facts.ts';
import type { Parts, StageRun } from '../parts.ts';
import { runStep, type StepResult } from '../run-step.ts';
import { storeClientWarc } from './client-warc.ts';

const mostPictures = 8;
/** Not Found, Gone. */
const gone = new Set([404, 410]);

/** Asks where the source seems gone, or where the link itself pointed at a third party's copy. */
export async function askThirdParty(parts: Parts, run: StageRun, source: string): Promise<void> {
  if (!parts.config.wayback) return;
  const facts = await factsOf(parts, run.captureId);
  if (facts.wayback === undefined && !(await seemsGone(parts, run.captureId))) return;
  const platform = await parts.platformOf(source);
  const addresses = platform.atArchives?.addresses(source, facts) ?? [];
  if (addresses.length === 0) return;
  await runStep(parts, run, { name: 'wayback', required: false }, () =>
    visit(parts, run, platform, source, facts, addresses),
  );
}

/** By what the capture itself was told; trouble on the way is no sign of absence. */
async function seemsGone(parts: Pick<Parts, 'database'>, captureId: string): Promise<boolean> {
  const pages = await pagesOf(parts.database, captureId);
  if (pages.length > 0 && pages.every(({ httpStatus }) => gone.has(httpStatus ?? 0))) return true;
  const page = await finalStep(parts.database, captureId, 'page');
  if (page?.reason === 'dns') return true;
  const made = await observationsOf(parts.database, captureId);
  const telling = mostTelling(made.map(({ signal }) => signal));
  return telling !== null && ['stated', 'silent'].includes(standingOf(telling));
}

async function visit(
  parts: Parts,
  { captureId, signal }: StageRun,
  platform: Platform,
  source: string,
  facts: LinkFacts,
  addresses: string[],
): Promise<StepResult> {
  const kept = askAndKeep(parts, signal);
  const isSame = (original: string) => platform.atArchives?.isSame(source, original) ?? false;
  const question = { addresses, isSame, near: facts.wayback ?? null };
  const { listed, fetched, reached } = await askWayback(question, kept.ask, signal);
  const copies = fetched.map((copy) => ({
    copy,
    reading: platform.atArchives?.read(copy.answer.body, source) ?? null,
  }));
  const pictures = await fetchPictures(copies, kept, signal);
  const held = fetched.filter(({ sha1Agrees }) => sha1Agrees !== null);
  return {
    state: reached ? (held.length > 0 ? 'done' : 'skipped') : 'failed',
    reason: reached ? (held.length > 0 ? null : 'no-copy') : 'wayback-unreachable',
    detail: {
      thirdParty: waybackHost,
      listed: listed.length,
      first: listed[0]?.timestamp ?? null,
      last: listed.at(-1)?.timestamp ?? null,
      copies: copies.map(({ copy, reading }) => describe(copy, reading)),
      pictures,
    },
    artifacts: [
      ...kept.artifacts.map(asThirdPartys),
      ...(await storeClientWarc(parts, { step: 'wayback', captureId }, kept.journal, signal)),
    ],
    pages: readPages(copies),
    events: held.length === 0 ? [] : [foundEvent(source, held)],
  };
}

interface ReadCopy {
  copy: FetchedCopy;
  reading: ThirdPartyReading | null;
}

/** Pictures of a post whose kept answer names them, from the same archive at the same time. */
async function fetchPictures(
  copies: ReadCopy[],
  kept: KeptAnswers,
  signal: AbortSignal,
): Promise<{ original: string; sha256: string | null }[]> {
  const wanted = new Map(
    copies.flatMap(({ copy, reading }) =>
      (reading?.media ?? []).map((original) => [original, copy.timestamp] as const),
    ),
  );
  const found: { original: string; sha256: string | null }[] = [];
  for (const [original, timestamp] of [...wanted].slice(0, mostPictures)) {
    signal.throwIfAborted();
    const answer = await fetchFromWayback(timestamp, original, kept.ask);
    found.push({ original, sha256: answer?.bodySha256 ?? null });
  }
  return found;
}

function describe(
  { timestamp, original, mediaType, sha1, sha1Agrees, answer }: FetchedCopy,
  reading: ThirdPartyReading | null,
) {
  const sha256 = answer.bodySha256;
  return { timestamp, original, mediaType, sha1, sha1Agrees, sha256, post: reading };
}

/** No artifact of a third party may pass for one of the origin. */
function asThirdPartys(artifact: NewArtifact): NewArtifact {
  return {
    ...artifact,
    role: 'third-party',
    name: artifact.name.replace(/^record\//, 'wayback/'),
    facts: { ...artifact.facts, thirdParty: waybackHost },
  };
}

const waybackView = 'wayback';
const readCopies = z.object({
  copies: z.array(z.object({ post: z.object({ text: z.string() }).nullable() })),
});

/** What `readPages` found, as the step's own detail has it; nothing for any other view. */
export function waybackWords(
  view: string,
  steps: { name: string; final: boolean; detail: Record<string, unknown> }[],
): string {
  const step = view === waybackView && steps.find(({ name, final }) => name === 'wayback' && final);
  const read = step ? readCopies.safeParse(step.detail).data?.copies : undefined;
  return read?.find(({ post }) => post !== null)?.post?.text ?? '';
}

/** Found by text, under a view that says whose copy it is. */
function readPages(copies: ReadCopy[]): CapturedPage[] {
  const read = copies.find(({ reading }) => reading !== null);
  if (read?.reading == null) return [];
  const { handle, name } = read.reading.author;
  return [
    {
      view: waybackView,
      finalUrl: read.copy.url,
      httpStatus: read.copy.answer.status,
      title: [name, handle && `@${handle}`].filter(Boolean).join(' ') || null,
      body: read.reading.text,
    },
  ];
}

function foundEvent(source: string, held: FetchedCopy[]): NewEvent {
  const timestamps = held.map(({ timestamp }) => timestamp);
  const message = `${waybackHost} holds copies of ${timestamps.join(', ')} (UTC, by its own clock)`;
  return { kind: 'third-party-copy', sourceKey: source, detail: { message }, at: new Date() };
}
