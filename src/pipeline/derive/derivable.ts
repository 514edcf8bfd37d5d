/** A closed capture as derivations are made of it, and what its evidence calls for. */
import { NotFoundError } from '../../base/errors.ts';
import { artifactsOf } from '../../catalog/artifacts.ts';
import { outcomeOf } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import { postOf } from '../../catalog/posts.ts';
import { ordersOver } from '../../catalog/removals.ts';
import type { DerivationKind } from '../../model/derivation.ts';
import type { CapturePlan } from '../../model/plan.ts';
import type { Parts } from '../parts.ts';
import { hasPlan, planOf } from '../plan-file.ts';
import type { Derivable, Deriver, Wanted } from './deriver.ts';
import { pages } from './document-pages.ts';
import { fingerprints } from './fingerprints.ts';
import { keyframes, preview } from './keyframes.ts';
import { metadata } from './metadata.ts';
import { ocr } from './ocr.ts';
import { render } from './render.ts';
import { transcript } from './transcript.ts';

/** In the order in which a job makes them. */
export const derivers: readonly Deriver[] = [
  preview,
  keyframes,
  // Before what may use up the time of a file: a header is read at once.
  metadata,
  fingerprints,
  render,
  pages,
  transcript,
  ocr,
];

/** `null` for a capture that is not closed. */
export async function derivableOf(
  parts: Pick<Parts, 'database' | 'vault'>,
  captureId: string,
  db: Queryable = parts.database,
): Promise<Derivable | null> {
  const outcome = await outcomeOf(db, captureId);
  if (outcome === null) return null;
  return {
    captureId,
    source: outcome.sourceKey,
    manifestSha256: outcome.manifestSha256,
    plan: await planIfThere(parts, captureId, db),
    hasPost: (await postOf(db, captureId)) !== null,
    artifacts: await artifactsOf(db, captureId),
  };
}

async function planIfThere(
  parts: Pick<Parts, 'database' | 'vault'>,
  captureId: string,
  db: Queryable,
): Promise<CapturePlan | null> {
  if (!(await hasPlan(parts, captureId, db))) return null;
  return planOf(parts, captureId, db).catch((error: unknown) => {
    if (error instanceof NotFoundError && error.code === 'object-missing') return null;
    throw error;
  });
}

/**
 * What a job of this capture makes, in order. Nothing is ever made of what was removed by order.
 * @param kinds only these; `null`: all
 */
export async function wantedIn(
  parts: Pick<Parts, 'config'>,
  db: Queryable,
  capture: Derivable,
  kinds: DerivationKind[] | null = null,
): Promise<Wanted[]> {
  const all = derivers
    .filter(({ kind }) => kinds === null || kinds.includes(kind))
    .flatMap((deriver) => deriver.wanted(capture, parts));
  const removed = await ordersOver(
    db,
    all.map(({ subject }) => subject),
  );
  return all.filter(({ subject }) => !removed.has(subject));
}
