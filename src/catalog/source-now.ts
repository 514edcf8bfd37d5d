/** What observations say about a source today. A conclusion, never part of a capture. */
import type { Queryable } from './database.ts';

export type Availability =
  | 'available'
  | 'suspect'
  | 'removed'
  | 'restricted'
  | 'restored'
  | 'unknown';

export interface SourceNow {
  availability: Availability;
  /** The signal behind `suspect`, `removed` and `restricted`. */
  kind: string | null;
  /** First visit of the unbroken run that says so. */
  since: Date | null;
  /** Last visit that said anything about the source; if none ever did, the last visit. */
  lastCheck: Date | null;
}

/**
 * Signals about the source itself, the more telling first: where the routes of one visit
 * disagree, the first wins. All others are about transport and say nothing. One visit
 * never proves a removal, so a missing source is `suspect` here.
 */
const conclusions: [signal: string, Availability][] = [
  ['available', 'available'],
  ['available-limited', 'available'],
  ['superseded', 'available'],
  ['deleted-by-author', 'suspect'],
  ['removed-by-platform', 'suspect'],
  ['account-suspended', 'suspect'],
  ['account-gone', 'suspect'],
  ['protected', 'restricted'],
  ['legal-withheld', 'restricted'],
  ['geo-withheld', 'restricted'],
  ['subscribers-only', 'restricted'],
  ['login-required', 'restricted'],
  ['not-found', 'suspect'],
];

const meanings = JSON.stringify(
  conclusions.map(([signal, availability], rank) => ({
    signal,
    availability,
    kind: availability === 'available' ? null : signal,
    rank,
  })),
);

const unknown: SourceNow = {
  availability: 'unknown',
  kind: null,
  since: null,
  lastCheck: null,
};

/** @returns an answer for every key that was asked about */
export async function sourcesNow(
  db: Queryable,
  sourceKeys: string[],
): Promise<Map<string, SourceNow>> {
  const { rows } = await db.query<SourceNow & { source: string }>(
    `with asked (key) as (select distinct key from unnest($1::text[]) as key),
     observed as (
       select asked.key, coalesce(made.capture_id, made.id) as visit, made.observed_at,
         meaning.availability, meaning.kind, meaning.rank
       from asked
       join observations made on md5(made.source_key) = md5(key) and made.source_key = key
       left join jsonb_to_recordset($2) as meaning
         (signal text, availability text, kind text, rank int) using (signal)
     ), visited as (
       select distinct on (key, visit) key, availability, kind,
         max(observed_at) over (partition by key, visit) as at
       from observed where rank is not null
       order by key, visit, rank, observed_at desc
     ), latest as (
       select distinct on (key) * from visited order by key, at desc
     )
     select asked.key as source, coalesce(latest.availability, 'unknown') as availability,
       latest.kind,
       (select min(same.at) from visited same
         where same.key = latest.key and same.at > coalesce((
           select max(other.at) from visited other where other.key = latest.key
             and (other.availability, other.kind)
               is distinct from (latest.availability, latest.kind)
         ), '-infinity')) as since,
       coalesce(latest.at, (select max(observed_at) from observed where observed.key = asked.key))
         as "lastCheck"
     from asked left join latest on latest.key = asked.key`,
    [sourceKeys, meanings],
  );
  const found = new Map(rows.map(({ source, ...now }) => [source, now]));
  return new Map(sourceKeys.map((key) => [key, found.get(key) ?? unknown]));
}
