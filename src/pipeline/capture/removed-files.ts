/**
 * Files of a capture that is about to be closed, and orders of removal: what was removed
 * meanwhile is missing by right, and what had been removed before and is there again came
 * back with this capture. Either way the capture says so itself, before it is sealed.
 */

import type { ArtifactRow } from '../../catalog/artifacts.ts';
import { lockCapture, outcomeOf } from '../../catalog/captures.ts';
import { eventsOf, insertEvents, type NewEvent } from '../../catalog/events.ts';
import { forgetWords, ordersOver, type RemovalRow } from '../../catalog/removals.ts';
import type { EventKind } from '../../model/event-kinds.ts';
import type { Parts } from '../parts.ts';
import { hasManifest } from '../still-open.ts';

/** Kinds of the events that tell it; `detail.sha256` names the file. */
export const removedByOrder = 'removed-by-order';
export const backAfterRemoval = 'back-after-removal';

/** @returns SHA-256 of what is gone */
export async function noteRemovals(
  parts: Parts,
  captureId: string,
  artifacts: ArtifactRow[],
): Promise<Set<string>> {
  const digests = [...new Set(artifacts.map(({ sha256 }) => sha256))];
  const orders = await ordersOver(parts.database, digests);
  const gone = new Set<string>();
  const events: NewEvent[] = [];
  for (const [sha256, order] of orders) {
    const holding = artifacts.filter((artifact) => artifact.sha256 === sha256);
    const names = holding.map(({ name }) => name).join(', ');
    if (!(await parts.vault.has(sha256))) {
      gone.add(sha256);
      events.push(
        aboutFile(removedByOrder, sha256, order, `${names} was removed before it closed`),
      );
    } else if (holding.some(({ storedAt }) => storedAt > order.at)) {
      events.push(aboutFile(backAfterRemoval, sha256, order, `${names} had been removed before`));
    }
  }
  if (events.length > 0) await writeOnce(parts, captureId, events);
  // Words that came in after the order had taken those that were there.
  if (gone.size > 0) await forgetWords(parts.database, [...gone]);
  return gone;
}

function aboutFile(
  kind: EventKind,
  sha256: string,
  { id, reference }: RemovalRow,
  words: string,
): NewEvent {
  const message = `${words}, under the order ${reference} (removal ${id})`;
  return { kind, sourceKey: null, detail: { sha256, order: id, message }, at: new Date() };
}

/** A seal may run twice; and where a killed one left the manifest, that one counts. */
async function writeOnce(parts: Parts, captureId: string, events: NewEvent[]): Promise<void> {
  await parts.database.transaction(async (tx) => {
    await lockCapture(tx, captureId);
    if ((await outcomeOf(tx, captureId)) !== null || (await hasManifest(parts, captureId))) return;
    const told = new Set((await eventsOf(tx, captureId)).map(nameOf));
    await insertEvents(
      tx,
      captureId,
      events.filter((event) => !told.has(nameOf(event))),
    );
  });
}

function nameOf({ kind, detail }: NewEvent): string {
  return `${kind} ${detail.sha256} ${detail.order}`;
}
