/**
 * One check: several sources of one platform are looked at, canaries beside them where one
 * seems gone, and everything is kept: bodies and one record in the vault first, then rows,
 * conclusions and events in one transaction.
 */
import { uuidv7 } from 'uuidv7';
import { ThrottledError } from '../../base/errors.ts';
import { insertCheck } from '../../catalog/checks.ts';
import type { Queryable } from '../../catalog/database.ts';
import { insertEvents, type NewEvent } from '../../catalog/events.ts';
import { insertObservations, type NewObservation } from '../../catalog/observations.ts';
import { concludedAbout, platformNow } from '../../catalog/source-now.ts';
import { stableId } from '../../catalog/stable-id.ts';
import { heatParty } from '../../catalog/watches.ts';
import { mostTelling, standingOf } from '../../model/signals.ts';
import type { AvailabilityRule } from '../../model/watch-rules.ts';
import type { LinkFacts } from '../../platforms/identity.ts';
import type { Reading } from '../../platforms/platform.ts';
import { canonicalJson } from '../../seal/canonical-json.ts';
import type { Assessment } from '../../watch/availability.ts';
import { isHeld } from '../../watch/breaker.ts';
import { hotMs } from '../../watch/plan.ts';
import { askAndKeep } from '../ask.ts';
import { keepRecord, withRecords } from '../keep-record.ts';
import { observationsFrom } from '../observations.ts';
import { type Parts, timeNow } from '../parts.ts';
import { askCanaries, type CanaryWords, noCanaries } from './canaries.ts';
import {
  type Concluded,
  type Content,
  concludeIn,
  lockSources,
  partiesOf,
  ruleOf,
} from './conclude.ts';

export interface ToObserve {
  sourceKey: string;
  link: string;
  facts?: LinkFacts;
}

export interface CheckOptions {
  origin: 'watch' | 'check';
  /** Every route, whatever the first one says. */
  thorough?: boolean;
  signal: AbortSignal;
}

/** One source as the check found it. */
export interface Checked extends Concluded {
  observations: NewObservation[];
  /** A host wants to be left alone for so long. */
  retryAfterMs: number | null;
}

/** A record of one check, as it lies in the vault. */
export interface CheckRecord {
  schema: 'holdfast.observations/1';
  id: string;
  platform: string;
  origin: 'watch' | 'check';
  held: boolean;
  checkedAt: Date;
  /** Sources that were asked about; the others are canaries. */
  sources: string[];
  observations: (NewObservation & { id: string })[];
  warnings: (NewEvent & { id: string })[];
  /** By which conclusions were drawn from it; absent in older records. */
  rule?: AvailabilityRule | undefined;
}

interface Visited extends ToObserve {
  readings: Reading[];
  observations: NewObservation[];
  retryAfterMs: number | null;
}

/**
 * @param sources all of one platform
 * @param also what the caller writes in the same transaction
 */
export async function runCheck(
  parts: Parts,
  sources: ToObserve[],
  options: CheckOptions,
  also: (tx: Queryable, checked: Checked[]) => Promise<void> = async () => {},
): Promise<Checked[]> {
  const keys = sources.map(({ sourceKey }) => sourceKey);
  const before = await concludedAbout<Assessment>(parts.database, keys);
  const isDoubtful = (key: string) =>
    !['available', undefined].includes(before.get(key)?.availability);
  const visited = await atOnce(sources, visitsAtOnce, (source) =>
    visit(parts, source, options.thorough === true || isDoubtful(source.sourceKey), options.signal),
  );
  const canaries = new Map<string, CanaryWords>();
  for (const { sourceKey, readings } of visited) {
    const needed = seemsGone(readings) || before.get(sourceKey)?.assessment.gone === true;
    canaries.set(
      sourceKey,
      needed ? await askCanaries(parts, sourceKey, options.signal) : noCanaries,
    );
  }
  return withRecords(parts, async (tx) => {
    await lockSources(tx, keys);
    const checked = await write(parts, tx, visited, canaries, options);
    await also(tx, checked);
    return checked;
  });
}

const visitsAtOnce = 8;

async function visit(
  parts: Parts,
  source: ToObserve,
  thorough: boolean,
  signal: AbortSignal,
): Promise<Visited> {
  const { sourceKey, link, facts = {} } = source;
  const kept = askAndKeep(parts, signal);
  let readings: Reading[] = [];
  let retryAfterMs: number | null = null;
  try {
    const platform = await parts.platformOf(sourceKey);
    readings = await platform.observe(
      { source: sourceKey, link, facts, thorough },
      kept.ask,
      signal,
    );
  } catch (error) {
    // Our own pace for the host is used up: what was heard so far is kept, the rest comes later.
    if (!(error instanceof ThrottledError)) throw error;
    retryAfterMs = error.retryAfterMs;
  }
  const observations = observationsFrom(parts, sourceKey, readings, kept.answers);
  return { ...source, readings, observations, retryAfterMs };
}

function seemsGone(readings: Reading[]): boolean {
  const signal = mostTelling(readings.map((reading) => reading.signal));
  if (signal === null) return false;
  const standing = standingOf(signal);
  return standing === 'stated' || standing === 'silent';
}

async function write(
  parts: Parts,
  tx: Queryable,
  visited: Visited[],
  canaries: Map<string, CanaryWords>,
  { origin }: CheckOptions,
): Promise<Checked[]> {
  const id = uuidv7();
  const checkedAt = timeNow(parts);
  const keys = visited.map(({ sourceKey }) => sourceKey);
  const platform = keys[0]?.split(':', 1)[0] ?? '';
  const held = await isPlatformTrouble(parts, tx, platform, visited, checkedAt);
  const own = visited.flatMap((one) => withCanaries(one, canaries.get(one.sourceKey)));
  const beside = [...new Set(canaries.values())].flatMap(({ observations }) => observations());
  const record: CheckRecord = {
    schema: 'holdfast.observations/1',
    id,
    platform,
    origin,
    held,
    checkedAt,
    sources: keys,
    observations: [...own, ...beside].map((made) => ({ ...made, id: made.id ?? uuidv7() })),
    warnings: visited.flatMap(warningsOf),
    rule: ruleOf(parts),
  };
  await keepRecord(
    parts,
    tx,
    'observations',
    `${id}.json`,
    canonicalJson(JSON.parse(JSON.stringify(record))),
  );
  await writeCheck(tx, record);
  const contents = new Map(visited.map((one) => [one.sourceKey, contentOf(one)]));
  const concluded = await concludeIn(parts, tx, keys, contents);
  if (held) parts.log.warn({ platform }, 'much of the platform seems gone at once: held');
  await heat(tx, concluded, checkedAt);
  return concluded.map((one, index) => ({
    ...one,
    observations: record.observations.filter(({ sourceKey }) => sourceKey === one.sourceKey),
    retryAfterMs: visited[index]?.retryAfterMs ?? null,
  }));
}

/** The rows of one check. Also the way in for `rebuild`. */
export async function writeCheck(tx: Queryable, record: CheckRecord): Promise<void> {
  if (!(await insertCheck(tx, record))) return;
  await insertObservations(tx, null, record.observations, record.id);
  await insertEvents(tx, null, record.warnings);
}

/** By author or host, with this check's own visits: what went missing lately, of what was looked at. */
async function isPlatformTrouble(
  parts: Pick<Parts, 'config'>,
  tx: Queryable,
  platform: string,
  visited: Visited[],
  now: Date,
): Promise<boolean> {
  const { breaker } = parts.config.watch;
  const known = await concludedAbout<Assessment>(
    tx,
    visited.map(({ sourceKey }) => sourceKey),
  );
  const newlyMissing = visited.filter(
    ({ sourceKey, readings }) =>
      seemsGone(readings) &&
      known.get(sourceKey)?.firstSeen != null &&
      known.get(sourceKey)?.missingSince == null,
  );
  if (newlyMissing.length === 0) {
    const someMiss = visited.some(({ readings }) => seemsGone(readings));
    if (!someMiss) return false;
  }
  const since = new Date(now.getTime() - breaker.windowMs);
  const counted = await platformNow(tx, platform, since, new Date(now.getTime() - breaker.holdMs));
  const parties = await partiesOf(
    tx,
    visited.map(({ sourceKey }) => sourceKey),
  );
  const partyCount = (list: Visited[]) =>
    new Set(list.map(({ sourceKey }) => parties.get(sourceKey))).size;
  // Parties that were visited before in the window count twice here, which only raises the bar.
  return isHeld(
    {
      visited: counted.visited + partyCount(visited),
      missing: counted.missing + partyCount(newlyMissing),
    },
    breaker,
  );
}

function withCanaries(one: Visited, canaries: CanaryWords = noCanaries): NewObservation[] {
  const soft = new Set(one.readings.flatMap(({ soft: is, answer }) => (is ? [answer.url] : [])));
  return one.observations.map((made) => ({
    ...made,
    // A soft sign is never counted, whatever the canaries say.
    canary: soft.has(made.url) ? null : (canaries.words.get(made.route) ?? null),
  }));
}

function contentOf({ readings }: Visited): Content {
  return Object.fromEntries(
    readings.flatMap(({ route, contentSha256 }) => (contentSha256 ? [[route, contentSha256]] : [])),
  );
}

function warningsOf({ sourceKey, readings }: Visited): (NewEvent & { id: string })[] {
  return readings.flatMap(({ warning, answer, route }) =>
    warning === undefined
      ? []
      : [
          {
            id: stableId(warning.code, sourceKey, route, answer.observedAt.toISOString()),
            kind: warning.code,
            sourceKey,
            detail: { message: warning.message, route, bodySha256: answer.bodySha256 },
            at: answer.observedAt,
          },
        ],
  );
}

/** Where an account loses a post, its others are looked at soon. */
async function heat(tx: Queryable, concluded: Concluded[], now: Date): Promise<void> {
  const lost = concluded.filter(({ happened }) =>
    happened.some(({ kind }) => kind === 'suspect' || kind === 'removed'),
  );
  const parties = await partiesOf(
    tx,
    lost.map(({ sourceKey }) => sourceKey),
  );
  for (const party of new Set(parties.values())) {
    await heatParty(tx, party, new Date(now.getTime() + hotMs), now);
  }
}

/** Works on so many at a time, in order of the list; after the first failure none is begun, and all have ended. */
async function atOnce<Item, Result>(
  items: Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const failures: unknown[] = [];
  const lane = async () => {
    for (let index = next++; index < items.length && failures.length === 0; index = next++) {
      try {
        results[index] = await work(items[index] as Item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
