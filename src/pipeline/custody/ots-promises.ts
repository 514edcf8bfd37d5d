/** Which checkpoints calendars have promised to keep, as the log tells it. */
import { z } from 'zod';
import { entriesOfTypeFrom } from '../../catalog/log-entries.ts';
import type { Parts } from '../parts.ts';

/** What an entry of the type `ots-proof` says. */
export const otsDetail = z.object({
  size: z.number(),
  calendar: z.string(),
  state: z.enum(['pending', 'complete']),
});

/** A checkpoint, and the addresses of the calendars that promised it. */
export interface Promised {
  size: number;
  calendars: string[];
}

/** Most that ask need one entry. */
const entriesAPage = 20;

/**
 * The promised checkpoints that cover an entry, nearest first; the log is read only as far as
 * the caller goes. A calendar is asked about nothing but the newest checkpoint: what was
 * promised of one stands in the log before what was promised of the next, and after all that
 * the checkpoint covers.
 */
export async function* promisesAfter(parts: Parts, idx: number): AsyncGenerator<Promised> {
  let promised: Promised | null = null;
  for await (const { size, calendar, state } of detailsAfter(parts, idx)) {
    if (state !== 'pending' || size <= idx) continue;
    if (promised !== null && promised.size !== size) {
      yield promised;
      promised = null;
    }
    promised ??= { size, calendars: [] };
    promised.calendars.push(calendar);
  }
  if (promised !== null) yield promised;
}

/** What is missing or can't be read is left out: `verify` has words for it. */
async function* detailsAfter(
  { database, vault }: Pick<Parts, 'database' | 'vault'>,
  idx: number,
): AsyncGenerator<z.infer<typeof otsDetail>> {
  for (let from = idx + 1; ; ) {
    const entries = await entriesOfTypeFrom(database, 'ots-proof', from, entriesAPage);
    for (const { idx, detailSha256 } of entries) {
      const bytes = detailSha256 && (await vault.readRecord('log-details', detailSha256));
      const detail = bytes ? detailIn(bytes) : null;
      if (detail !== null) yield detail;
      from = idx + 1;
    }
    if (entries.length < entriesAPage) return;
  }
}

function detailIn(bytes: Buffer): z.infer<typeof otsDetail> | null {
  try {
    return otsDetail.parse(JSON.parse(bytes.toString()));
  } catch {
    return null;
  }
}
