/** Brings back from the vault what checks observed, and concludes anew from everything. */

import { z } from 'zod';
import type { Queryable } from '../../catalog/database.ts';
import { insertEvents } from '../../catalog/events.ts';
import { hasEntryOfType } from '../../catalog/log-entries.ts';
import { observedSources, rulesOfLastVisits } from '../../catalog/observations.ts';
import type { EventKind } from '../../model/event-kinds.ts';
import type { AvailabilityRule } from '../../model/watch-rules.ts';
import type { Parts } from '../parts.ts';
import { naming, readRecord } from '../vault-records.ts';
import { type Content, concludeBy, contentAfter, eventsOf, ruleOf } from '../watching/conclude.ts';
import { type CheckRecord, writeCheck } from '../watching/observe.ts';

const maybe = z.string().nullable();

const needed = z.object({ misses: z.number(), overMs: z.number() });
const availabilityRule = z.object({
  ...{ stated: needed, silent: needed, domain: needed },
  ...{ routes: z.number(), spacingMs: z.number() },
}) satisfies z.ZodType<AvailabilityRule>;

const checkRecord = z.object({
  schema: z.literal('holdfast.observations/1'),
  id: z.uuid(),
  platform: z.string(),
  origin: z.enum(['watch', 'check']),
  held: z.boolean(),
  checkedAt: z.coerce.date(),
  sources: z.array(z.string()),
  observations: z.array(
    z.object({
      id: z.uuid(),
      sourceKey: z.string(),
      route: z.string(),
      url: z.string(),
      httpStatus: z.number().nullable(),
      failure: maybe,
      signal: z.string(),
      statement: maybe,
      headers: z.array(z.tuple([z.string(), z.string()])),
      bodySha256: maybe,
      exitLabel: maybe,
      observedAt: z.coerce.date(),
      canary: z.enum(['passed', 'failed']).nullish(),
      contentSha256: maybe.optional(),
      counters: z.record(z.string(), z.number()).nullish(),
    }),
  ),
  rule: availabilityRule.optional(),
  warnings: z.array(
    z.object({
      id: z.uuid(),
      kind: z.custom<EventKind>((value) => typeof value === 'string'),
      sourceKey: maybe,
      detail: z.record(z.string(), z.unknown()),
      at: z.coerce.date(),
    }),
  ),
}) satisfies z.ZodType<CheckRecord>;

const keysAtOnce = 200;

/** After the captures: their observations count too. */
export async function restoreChecks(
  parts: Parts,
  tx: Queryable,
  signal?: AbortSignal,
): Promise<void> {
  const contents = new Map<string, { at: Date; content: Record<string, string> }>();
  const asked = new Set<string>();
  for await (const { name, bytes } of parts.vault.records('observations')) {
    signal?.throwIfAborted();
    const place = `observations/${name}`;
    const record = readRecord(place, checkRecord, bytes);
    await naming(place, () => writeCheck(tx, record));
    for (const key of record.sources) asked.add(key);
    for (const [key, content] of contentsOf(record)) {
      const known = contents.get(key);
      if (known === undefined || known.at < record.checkedAt) {
        contents.set(key, {
          at: record.checkedAt,
          content: contentAfter(known?.content ?? {}, content),
        });
      }
    }
  }
  const seen = new Map([...contents].map(([key, { content }]) => [key, content]));
  for (let after: string | null = null; ; ) {
    signal?.throwIfAborted();
    const keys = await observedSources(tx, [...asked], after, keysAtOnce);
    if (keys.length === 0) return;
    await concludeAgain(parts, tx, keys, seen);
    after = keys.at(-1) ?? null;
  }
}

/**
 * By the rules that were in force then. What was concluded is told by the records of events;
 * an archive from before there were such is told anew, by the rule of today.
 */
async function concludeAgain(
  parts: Parts,
  tx: Queryable,
  keys: string[],
  seen: Map<string, Content>,
): Promise<void> {
  const rules = await rulesOfLastVisits(tx, keys);
  const today = ruleOf(parts);
  const drawnBy = (key: string) => {
    const recorded = availabilityRule.nullable().parse(rules.get(key) ?? null);
    return { rule: recorded ?? today, recorded };
  };
  const concluded = await concludeBy(tx, keys, drawnBy, seen);
  if (!(await hasEntryOfType(tx, 'records'))) await insertEvents(tx, null, eventsOf(concluded));
}

function contentsOf({ sources, observations }: CheckRecord): Map<string, Record<string, string>> {
  const asked = new Set(sources);
  const contents = new Map<string, Record<string, string>>();
  for (const { sourceKey, route, contentSha256 } of observations) {
    if (!asked.has(sourceKey) || !contentSha256) continue;
    contents.set(sourceKey, { ...contents.get(sourceKey), [route]: contentSha256 });
  }
  return contents;
}
