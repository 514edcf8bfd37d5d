/**
 * Custody events in the log: who looked at, exported, held or removed what. The entry holds
 * ids and digests; what they mean (names, authorities, references) is a record beside it
 * that the entry names by its digest.
 */

import type { Queryable } from '../../catalog/database.ts';
import { headOfCase } from '../../catalog/log-entries.ts';
import { type Appended, appendEntry, type NewEntry, takeLog } from '../../seal/log.ts';
import type { EntryType } from '../../seal/log-entry.ts';
import { pseudonymFor } from '../../seal/pseudonyms.ts';
import type { Parts } from '../parts.ts';
import { logStore } from './checkpoint.ts';

export interface CustodyEvent {
  type: EntryType;
  /** Name of the person, or of the part of Holdfast that did it. */
  by: string;
  /** `undefined`: about no case at all; `null`: about what belongs to no named case. */
  caseName?: string | null;
  /** SHA-256 of manifests or objects. */
  targets?: string[];
  detail: Record<string, unknown>;
  /** Asked with the log taken, before anything is written: throws where this must not happen. */
  unless?: (tx: Queryable) => Promise<void>;
}

/**
 * Writes one event down. `also` runs in the same transaction, with the entry.
 * @throws IntegrityError `log-behind`
 */
export async function noteCustody(
  parts: Parts,
  event: CustodyEvent,
  also: (tx: Queryable, appended: Appended) => Promise<void> = async () => {},
): Promise<Appended> {
  const draft = await draftOf(parts, event);
  const store = logStore(parts);
  return parts.database.transaction(async (tx) => {
    if (event.unless !== undefined) {
      await takeLog(tx, store);
      await event.unless(tx);
    }
    const appended = await appendEntry(tx, store, draft);
    await also(tx, appended);
    return appended;
  });
}

/**
 * Writes several events down with nothing between them. `also` runs in the same transaction.
 * @throws IntegrityError `log-behind`
 */
export async function noteTogether(
  parts: Parts,
  events: Omit<CustodyEvent, 'unless'>[],
  also: (tx: Queryable, appended: Appended[]) => Promise<void>,
): Promise<Appended[]> {
  const drafts: NewEntry[] = [];
  for (const event of events) drafts.push(await draftOf(parts, event));
  const store = logStore(parts);
  return parts.database.transaction(async (tx) => {
    const appended: Appended[] = [];
    for (const draft of drafts) appended.push(await appendEntry(tx, store, draft));
    await also(tx, appended);
    return appended;
  });
}

async function draftOf(
  parts: Parts,
  { type, by, caseName, targets, detail }: CustodyEvent,
): Promise<NewEntry> {
  const actor = await pseudonymFor(parts, 'actor', by);
  const caseId = caseName === undefined ? null : await pseudonymFor(parts, 'case', caseName ?? '');
  return {
    type,
    actor,
    case: caseId,
    ...(targets === undefined ? {} : { targets }),
    detail: { schema: `holdfast.${type}/1`, by, ...detail },
  };
}

/** Version 0.1.0 called it a tombstone. */
export function isRemoval({ type }: { type: string }): boolean {
  return type === 'removal' || type === 'tombstone';
}

/** The newest entry of a case: what an export names, so that a later, shorter one contradicts it. */
export async function caseHead(
  parts: Parts,
  caseName: string | null,
): Promise<{ caseId: string; caseSeq: number; leafHash: string } | null> {
  const caseId = await pseudonymFor(parts, 'case', caseName ?? '');
  const head = await headOfCase(parts.database, caseId);
  return head && { caseId, caseSeq: head.caseSeq, leafHash: head.leafHash.toString('hex') };
}
