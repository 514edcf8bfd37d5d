/** Keeps the rows that captures are searched by: makes those again whose captures have changed. */

import { searchableRow } from '../search/capture-row.ts';
import type { Database } from './database.ts';
import {
  contentOf,
  lockSearchable,
  markSiblings,
  saveSearchable,
  takeStale,
} from './searchable.ts';

/** In one transaction: short, so that nobody waits long for the lock. */
const batch = 50;

export interface KeepSearchable {
  /** No more marks than this are looked at; all where left out. */
  most?: number;
  /** Waits for whoever is making rows, and makes its own then; otherwise leaves it to them. */
  wait?: boolean;
  signal?: AbortSignal | undefined;
}

/** Rows are marked by what changes a capture, in the same transaction; a mark goes when its row is made. */
export async function keepSearchable(
  database: Database,
  { most = Number.POSITIVE_INFINITY, wait = false, signal }: KeepSearchable = {},
): Promise<void> {
  for (let left = most; left > 0; left -= batch) {
    signal?.throwIfAborted();
    const made = await database.transaction(async (tx) => {
      if (!(await lockSearchable(tx, wait))) return 0;
      const captureIds = await takeStale(tx, Math.min(left, batch));
      if (captureIds.length === 0) return 0;
      await saveSearchable(tx, (await contentOf(tx, captureIds)).map(searchableRow));
      await markSiblings(tx, captureIds);
      return captureIds.length;
    });
    if (made === 0) return;
  }
}
