/** Events that belong to no capture, from their records in the vault. */
import { z } from 'zod';
import type { Queryable } from '../../catalog/database.ts';
import { insertEvents } from '../../catalog/events.ts';
import type { EventKind } from '../../model/event-kinds.ts';
import type { Parts } from '../parts.ts';
import { naming, readRecord } from '../vault-records.ts';

const event = z.object({
  id: z.guid(),
  // A later version may know more of them.
  kind: z.custom<EventKind>((value) => typeof value === 'string'),
  sourceKey: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  at: z.coerce.date(),
});

export async function restoreEvents(
  parts: Pick<Parts, 'vault'>,
  tx: Queryable,
  signal?: AbortSignal,
): Promise<void> {
  for await (const { name, bytes } of parts.vault.records('events')) {
    signal?.throwIfAborted();
    const place = `events/${name}`;
    const lines = bytes.toString('utf8').split('\n').filter(Boolean);
    const events = lines.map((line) => readRecord(place, event, line));
    await naming(place, () => insertEvents(tx, null, events));
  }
}
