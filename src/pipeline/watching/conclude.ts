/**
 * Draws the conclusion from everything that was ever observed about a source, keeps it
 * where it is looked up, and writes down what happened as events. Whatever is written here
 * can be made again from the observations.
 */
import type { Queryable } from '../../catalog/database.ts';
import type { NewEvent } from '../../catalog/events.ts';
import { type HeardRow, heardAbout } from '../../catalog/observations.ts';
import {
  authorsOf,
  type ConcludedRow,
  concludedAbout,
  saveConclusions,
} from '../../catalog/source-now.ts';
import { stableId } from '../../catalog/stable-id.ts';
import type { Signal } from '../../model/signals.ts';
import type { AvailabilityRule } from '../../model/watch-rules.ts';
import {
  type Assessment,
  afterVisit,
  neverVisited,
  type Transition,
  transition,
  type Visit,
} from '../../watch/availability.ts';
import { noteEvents, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';

/** What was found out about a source, and what happened on the way there. */
export interface Concluded {
  sourceKey: string;
  after: Assessment;
  happened: Happened[];
  /** Another content than the last check saw by the same route. */
  changed: boolean;
  /** How many checks in a row had seen the same before this one. */
  steadyBefore: number;
}

interface Happened {
  kind: Transition;
  before: Assessment;
  after: Assessment;
  at: Date;
}

/** After observations were written: brings the projection and the events up to them. */
export async function concludeAbout(parts: Parts, sourceKeys: string[]): Promise<Concluded[]> {
  return withRecords(parts, async (tx) => {
    await lockSources(tx, sourceKeys);
    return concludeIn(parts, tx, sourceKeys);
  });
}

/** The same inside the caller's transaction, which has locked the sources. */
export async function concludeIn(
  parts: Parts,
  tx: Queryable,
  sourceKeys: string[],
  seen: Map<string, Content> = new Map(),
): Promise<Concluded[]> {
  const rule = ruleOf(parts);
  const concluded = await concludeBy(tx, sourceKeys, () => ({ rule, recorded: rule }), seen);
  await noteEvents(parts, tx, eventsOf(concluded));
  return concluded;
}

/** What a conclusion is drawn by. */
export interface DrawnBy {
  rule: AvailabilityRule;
  /** As it stands in the projection; `null` where nobody wrote down by which it was drawn. */
  recorded: AvailabilityRule | null;
}

/** Brings the projection up to the observations, and tells nobody. Also the way in for `rebuild`. */
export async function concludeBy(
  tx: Queryable,
  sourceKeys: string[],
  drawnBy: (sourceKey: string) => DrawnBy,
  seen: Map<string, Content> = new Map(),
): Promise<Concluded[]> {
  const keys = [...new Set(sourceKeys)];
  const visits = visitsIn(await heardAbout(tx, keys));
  const known = await concludedAbout<Assessment>(tx, keys);
  const parties = await partiesOf(tx, keys);
  const concluded = keys.map((sourceKey) => {
    const before = known.get(sourceKey);
    const now = seen.get(sourceKey) ?? {};
    return {
      ...conclude(sourceKey, visits.get(sourceKey) ?? [], drawnBy(sourceKey).rule),
      changed: differs(before?.content ?? {}, now),
      steadyBefore: before?.steady ?? 1,
      content: contentAfter(before?.content ?? {}, now),
      looked: Object.keys(now).length > 0 && before !== undefined,
    };
  });
  await saveConclusions(
    tx,
    concluded
      .filter(({ after }) => after.lastVisit !== null)
      .map(({ sourceKey, after, content, changed, steadyBefore, looked }) => ({
        ...rowOf(sourceKey, after, parties.get(sourceKey) ?? sourceKey),
        content,
        steady: changed ? 0 : steadyBefore + (looked ? 1 : 0),
        rule: drawnBy(sourceKey).recorded,
      })),
  );
  return concluded.map((one) => {
    // What was told before is not told again, even where a changed rule would tell it otherwise.
    const told = known.get(one.sourceKey)?.lastVisit ?? null;
    return { ...one, happened: one.happened.filter(({ at }) => told === null || at > told) };
  });
}

export function eventsOf(concluded: Concluded[]): NewEvent[] {
  return concluded.flatMap(({ sourceKey, happened }) =>
    happened.map((it) => eventOf(sourceKey, it)),
  );
}

/** Held until the transaction ends: whoever concludes about the same source waits. */
export async function lockSources(tx: Queryable, sourceKeys: string[]): Promise<void> {
  // In one order, so that two who want the same sources never wait for each other.
  await tx.query(
    `select pg_advisory_xact_lock(id) from (
       select distinct hashtextextended('source ' || key, 0) as id
       from unnest($1::text[]) as key order by id
     ) as wanted`,
    [sourceKeys],
  );
}

export function ruleOf(parts: Pick<Parts, 'config'>): AvailabilityRule {
  return parts.config.watch.rule;
}

/** SHA-256 of what matters in a source, by route. */
export type Content = Record<string, string>;

/**
 * What the next visit is compared with. After a change, what unheard routes showed before is
 * forgotten: met again later, it would pass for another change.
 */
export function contentAfter(before: Content, now: Content): Content {
  return differs(before, now) ? now : { ...before, ...now };
}

function differs(before: Content, now: Content): boolean {
  return Object.entries(now).some(
    ([route, sha256]) => before[route] !== undefined && before[route] !== sha256,
  );
}

function conclude(
  sourceKey: string,
  visits: Visit[],
  rule: AvailabilityRule,
): Pick<Concluded, 'sourceKey' | 'after' | 'happened'> {
  const happened: Happened[] = [];
  let state = neverVisited;
  for (const visit of visits) {
    const after = afterVisit(state, visit, rule);
    const kind = transition(state, after);
    if (kind !== null) happened.push({ kind, before: state, after, at: visit.at });
    state = after;
  }
  return { sourceKey, after: state, happened };
}

/** Rows, grouped into visits, by source. */
export function visitsIn(rows: HeardRow[]): Map<string, Visit[]> {
  const bySource = new Map<string, Map<string, Visit>>();
  for (const row of rows) {
    const visits = bySource.get(row.sourceKey) ?? new Map<string, Visit>();
    const visit = visits.get(row.visit) ?? { at: row.observedAt, said: [], held: row.held };
    visit.at = row.observedAt;
    visit.said.push({
      route: row.route,
      signal: row.signal as Signal,
      canary: row.canary ?? 'unasked',
    });
    visits.set(row.visit, visit);
    bySource.set(row.sourceKey, visits);
  }
  return new Map(
    [...bySource].map(([key, visits]) => [
      key,
      [...visits.values()].sort((a, b) => a.at.getTime() - b.at.getTime()),
    ]),
  );
}

function eventOf(sourceKey: string, { kind, before, after, at }: Happened): NewEvent {
  return {
    id: stableId('availability', sourceKey, kind, at.toISOString()),
    kind,
    sourceKey,
    at,
    detail: {
      availability: after.availability,
      kind: after.kind,
      before: { availability: before.availability, kind: before.kind },
      since: after.since,
      firstSeen: after.firstSeen,
      lastSeen: kind === 'restored' || kind === 'cleared' ? before.lastSeen : after.lastSeen,
      firstMissed: after.firstMissed ?? before.firstMissed,
      confirmedAt: after.confirmedAt,
      misses: after.misses,
    },
  };
}

function rowOf(
  sourceKey: string,
  after: Assessment,
  party: string,
): Omit<ConcludedRow, 'content' | 'steady' | 'rule'> {
  return {
    sourceKey,
    platform: sourceKey.split(':', 1)[0] ?? '',
    party,
    availability: after.availability,
    kind: after.kind,
    since: after.since,
    firstSeen: after.firstSeen,
    lastSeen: after.lastSeen,
    firstMissed: after.firstMissed,
    confirmedAt: after.confirmedAt,
    missingSince: after.missingSince,
    lastTold: after.lastTold,
    lastVisit: after.lastVisit,
    assessment: after,
  };
}

/** Whose sources they are: the account by its id, the host of a page, else each its own. */
export async function partiesOf(tx: Queryable, keys: string[]): Promise<Map<string, string>> {
  const authors = await authorsOf(tx, keys);
  return new Map(
    keys.map((key) => {
      const platform = key.split(':', 1)[0] ?? '';
      const authorId = authors.get(key)?.authorId ?? null;
      if (authorId !== null) return [key, `${platform}:author:${authorId}`];
      return [key, platform === 'web' ? (hostOf(key) ?? key) : key];
    }),
  );
}

function hostOf(key: string): string | null {
  const url = URL.parse(key.slice('web:'.length));
  return url === null ? null : `web:host:${url.host}`;
}
