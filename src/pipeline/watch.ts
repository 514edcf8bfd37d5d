/** Watches: kept as records in the vault first, so that a rebuilt catalog still knows when to come back. */
import { uuidv7 } from 'uuidv7';
import { listWatches, removeWatch, upsertWatch, type WatchRow } from '../catalog/watches.ts';
import { UsageError } from '../errors.ts';
import { identifyLink } from '../links/identify-link.ts';
import { canonicalJson } from '../seal/canonical-json.ts';
import { nextDue, parsePlan } from '../watch/plan.ts';
import type { Parts } from './parts.ts';

export interface WatchOptions {
  timeZone?: string;
  case?: string | null;
  tags?: string[];
  note?: string | null;
  by?: string;
  /** Where the link was identified before. */
  sourceKey?: string;
}

/** @throws UsageError `not-a-source`, `bad-plan` */
export async function watchSource(
  parts: Parts,
  link: string,
  planText: string,
  options: WatchOptions = {},
): Promise<WatchRow> {
  const plan = parsePlan(planText, options.timeZone);
  const now = new Date();
  const row: WatchRow = {
    sourceKey: options.sourceKey ?? keyOf(link),
    link,
    ...plan,
    caseName: options.case ?? null,
    tags: options.tags ?? [],
    note: options.note ?? null,
    nextDueAt: nextDue(plan, now, now),
    lastSweptAt: null,
    createdBy: options.by ?? parts.config.operator ?? 'unnamed',
    createdAt: now,
  };
  await keep(parts, { change: 'watch', ...row });
  await upsertWatch(parts.database, row);
  return row;
}

/** Whether it was watched. */
export async function unwatchSource(parts: Parts, link: string): Promise<boolean> {
  const sourceKey = keyOf(link);
  const watched = (await listWatches(parts.database)).some((row) => row.sourceKey === sourceKey);
  if (!watched) return false;
  await keep(parts, { change: 'unwatch', sourceKey, at: new Date() });
  return removeWatch(parts.database, sourceKey);
}

async function keep(parts: Parts, change: Record<string, unknown>): Promise<void> {
  const plain = JSON.parse(JSON.stringify(change)) as unknown;
  await parts.vault.keepRecord('watch-plans', `${uuidv7()}.json`, canonicalJson(plain));
}

function keyOf(link: string): string {
  if (/^(web|x:[a-z]+):/.test(link)) return link;
  const found = identifyLink(link);
  if ('key' in found) return found.key;
  throw new UsageError('not-a-source', `${link} can't be watched: ${found.rejected}`);
}
