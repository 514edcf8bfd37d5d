/** Brings back from the vault what checks observed, and concludes anew from everything. */

import { z } from 'zod';
import type { Queryable } from '../../catalog/database.ts';
import { observedSources } from '../../catalog/observations.ts';
import type { EventKind } from '../../model/event-kinds.ts';
import type { Parts } from '../parts.ts';
import { naming, readRecord } from '../vault-records.ts';
import { concludeIn, contentAfter } from '../watching/conclude.ts';
import { type CheckRecord, writeCheck } from '../watching/observe.ts';

const maybe = z.string().nullable();

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
    await concludeIn(parts, tx, keys, seen);
    after = keys.at(-1) ?? null;
  }
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
