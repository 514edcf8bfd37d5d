/** Holds what the program told in a year against what was true, and counts what it did. */
import assert from 'node:assert/strict';
import type { Parts } from '../../src/pipeline/parts.ts';
import type { ProvingGround } from './proving-ground.ts';
import { extendedMs, lookBackMs, regularMs, undisturbedMs } from './removal-bound.ts';
import { hour } from './simulated-world.ts';
import {
  disturbancesOf,
  isGone,
  type ScriptedSource,
  truthOf,
  type YearScript,
} from './year-script.ts';

export interface YearFindings {
  visits: number;
  observations: number;
  requests: number;
  held: number;
  cleared: number;
  restricted: number;
  /** `worst`: the one that used most of the time it was given. */
  removals: { true: number; found: number; worst: { delayMs: number; boundMs: number } };
  restorations: { true: number; found: number };
  changes: { true: number; found: number };
}

interface Told {
  kind: string;
  at: number;
}

/** Sweeps are at least so far apart: what is due in between waits for the next. */
export const sweepsApartMs = 3 * hour;

/** @param closed how often the queue handed out each capture */
export async function judgeYear(
  { app: { parts }, internet }: Pick<ProvingGround, 'app' | 'internet'>,
  script: YearScript,
  closed: ReadonlyMap<string, number>,
): Promise<YearFindings> {
  const told = await toldAbout(parts);
  const asked = await askedFor(parts);
  const { watches, ...counted } = await counts(parts);
  assert.equal(watches, script.sources.length, 'watches that are still there');
  const findings: YearFindings = {
    ...counted,
    requests: internet.log().length,
    cleared: 0,
    restricted: 0,
    removals: { true: 0, found: 0, worst: { delayMs: 0, boundMs: 1 } },
    restorations: { true: 0, found: 0 },
    changes: { true: 0, found: 0 },
  };
  for (const source of script.sources) {
    const heard = told.get(source.key) ?? [];
    judgeWords(source, heard, findings);
    judgeHistory(script, source, heard, findings);
    judgeCaptures(script, source, heard, asked.get(source.key) ?? [], findings);
  }
  // Every request that the other side saw is an observation here, and the other way round.
  assert.equal(findings.observations, findings.requests, 'observations and requests differ');
  const captures = [...asked.values()].flat();
  assert.equal(closed.size, captures.length, 'captures asked for, and handed out by the queue');
  for (const [id, times] of closed)
    assert.equal(times, 1, `capture ${id} was handed out ${times} times`);
  return findings;
}

async function counts(parts: Parts) {
  const { rows } = await parts.database.query<{
    visits: number;
    observations: number;
    held: number;
    doubled: number;
    watches: number;
  }>(
    `select (select count(*) from observations) as observations,
       (select count(distinct (check_id, source_key)) from observations
         join watches using (source_key)) as visits,
       (select count(*) from checks where held) as held,
       (select count(*) from (
         select from events where source_key is not null
         group by source_key, kind, at having count(*) > 1) as twice) as doubled,
       (select count(*) from watches where state = 'active') as watches`,
  );
  const { visits = 0, observations = 0, held = 0, doubled = 0, watches = 0 } = rows[0] ?? {};
  assert.equal(doubled, 0, 'events that were told twice');
  return { visits, observations, held, watches };
}

async function toldAbout(parts: Parts): Promise<Map<string, Told[]>> {
  const { rows } = await parts.database.query<{ key: string; kind: string; at: Date }>(
    `select source_key as key, kind, at from events
     where source_key is not null order by at, id`,
  );
  return grouped(
    rows,
    ({ key }) => key,
    ({ kind, at }) => ({ kind, at: at.getTime() }),
  );
}

/** Captures by source, each with the reason that its submission gives: what is after the plan. */
async function askedFor(parts: Parts): Promise<Map<string, Told[]>> {
  const { rows } = await parts.database.query<{ key: string; reason: string; at: Date }>(
    `select source_key as key, reason, submitted_at as at from submissions
     where capture_id is not null order by submitted_at, id`,
  );
  return grouped(
    rows,
    ({ key }) => key,
    ({ reason, at }) => ({ kind: reason.split(': ').at(-1) ?? '', at: at.getTime() }),
  );
}

function grouped<Row, Value>(rows: Row[], key: (row: Row) => string, value: (row: Row) => Value) {
  const groups = new Map<string, Value[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), value(row)]);
  return groups;
}

/** Nothing is said of a source that isn't so at that moment. */
function judgeWords(source: ScriptedSource, heard: Told[], findings: YearFindings): void {
  for (const { kind, at } of heard) {
    const truth = truthOf(source, at);
    const why = `${storyOf(source, heard)}: told ${kind} at ${iso(at)}, when it was ${truth}`;
    if (kind === 'removed') assert.ok(isGone(truth), why);
    if (kind === 'restored') assert.equal(truth, 'live', why);
    if (kind === 'restricted') assert.ok(truth !== 'live' && !isGone(truth), why);
    if (kind === 'cleared') findings.cleared += 1;
    if (kind === 'restricted') findings.restricted += 1;
  }
}

function judgeHistory(
  script: YearScript,
  source: ScriptedSource,
  heard: Told[],
  findings: YearFindings,
): void {
  const disturbances = disturbancesOf(script, source);
  for (const [nth, { from, truth }] of source.history.entries()) {
    const until = source.history[nth + 1]?.from ?? script.endMs;
    const inTime = (kind: string, boundMs: number) =>
      heard.find((one) => one.kind === kind && one.at >= from && one.at <= from + boundMs);
    if (isGone(truth)) {
      const boundMs = extendedMs(
        disturbances,
        from,
        undisturbedMs(source, from) + 2 * sweepsApartMs,
      );
      // What came back before it had to be found, or is gone only at the end, may be missed.
      if (from + boundMs > until) continue;
      findings.removals.true += 1;
      const found = inTime('removed', boundMs);
      assert.ok(found, `${storyOf(source, heard)}: not told within ${boundMs / hour} h`);
      findings.removals.found += 1;
      const { worst } = findings.removals;
      const delayMs = found.at - from;
      if (delayMs * worst.boundMs >= worst.delayMs * boundMs)
        Object.assign(worst, { delayMs, boundMs });
    } else if (truth === 'live' && heard.some(({ kind, at }) => kind === 'removed' && at < from)) {
      const goneMs = from - (source.history[nth - 1]?.from ?? from);
      const givenMs = lookBackMs(source, from, goneMs) + sweepsApartMs;
      const boundMs = extendedMs(disturbances, from, givenMs);
      if (from + boundMs > until) continue;
      findings.restorations.true += 1;
      assert.ok(inTime('restored', boundMs), `${storyOf(source, heard)}: not told that it is back`);
      findings.restorations.found += 1;
    }
  }
}

/** One capture in the beginning, one for each edit, removal and restoration, and no other. */
function judgeCaptures(
  script: YearScript,
  source: ScriptedSource,
  heard: Told[],
  asked: Told[],
  findings: YearFindings,
): void {
  const why = `${storyOf(source, heard)}: captures asked for ${JSON.stringify(asked.map(readable))}`;
  const of = (list: Told[], kind: string) =>
    list.filter((one) => one.kind === kind).map(({ at }) => at);
  assert.deepEqual(of(asked, 'never captured').length, 1, why);
  for (const kind of ['removed', 'restored'])
    assert.deepEqual(of(asked, kind), of(heard, kind), why);
  const changed = of(asked, 'changed');
  for (const [nth, edit] of source.edits.entries()) {
    const until = source.edits[nth + 1] ?? script.endMs;
    const found = changed.filter((at) => at >= edit && at < until).length;
    assert.ok(found <= 1, `${why}: one edit, ${found} captures`);
    const boundMs = regularMs(source, edit) * 1.05 + sweepsApartMs;
    if (edit + extendedMs(disturbancesOf(script, source), edit, boundMs) > until) continue;
    findings.changes.true += 1;
    findings.changes.found += found;
    assert.equal(found, 1, `${why}: the edit of ${iso(edit)} was not found`);
  }
  assert.ok(!changed.some((at) => at < (source.edits[0] ?? script.endMs)), `${why}: not edited`);
}

function storyOf({ key, history, edits, planText }: ScriptedSource, heard: Told[]): string {
  const chapters = history.map(({ from, truth }) => `${truth} since ${iso(from)}`).join(', ');
  return `${key} (${planText}; ${chapters}; edits ${edits.map(iso)}; told ${JSON.stringify(heard.map(readable))})`;
}

function readable({ kind, at }: Told): string {
  return `${kind} ${iso(at)}`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
