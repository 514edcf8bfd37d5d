/** Steps of captures: every attempt is a row, and one final attempt ends a step for good. */

import type { NewArtifact } from '../model/artifact.ts';
import type { StepState } from '../model/capture-record.ts';
import { stepNames } from '../model/plan.ts';
import { insertAliases, type NewAlias } from './aliases.ts';
import { insertArtifacts } from './artifacts.ts';
import { lockCapture, refuseIfClosed } from './captures.ts';
import type { Database, Queryable } from './database.ts';
import { insertEvents, type NewEvent } from './events.ts';
import { insertObservations, type NewObservation } from './observations.ts';
import { type CapturedPage, insertPages } from './pages.ts';
import { type CatalogPost, insertPost } from './posts.ts';
import { storableJson } from './storable.ts';
import { type CapturedText, insertTexts } from './texts.ts';

export interface NewAttempt {
  captureId: string;
  step: string;
  required: boolean;
  state: StepState;
  /** No other attempt will follow. */
  final: boolean;
  reason: string | null;
  detail: Record<string, unknown>;
  startedAt: Date;
  finishedAt: Date;
}

export interface StepAttempt extends NewAttempt {
  /** From 1. */
  attempt: number;
}

export type FinalStep = StepAttempt;

/** What an attempt found, written together with it or not at all. */
export interface StepExtras {
  artifacts?: NewArtifact[];
  observations?: NewObservation[];
  post?: CatalogPost | null;
  pages?: CapturedPage[];
  texts?: CapturedText[];
  aliases?: NewAlias[];
  events?: NewEvent[];
}

const columns = `
  capture_id as "captureId", step, attempt, required, state, final, reason, detail,
  started_at as "startedAt", finished_at as "finishedAt"`;

/**
 * Writes down one attempt and what it found, in one transaction. A step that has its
 * final attempt keeps it: then nothing is written, and that one is returned.
 * @param unless asked when nobody else can write to the capture: throws where nothing may be
 * @throws PermanentError `capture-closed`
 */
export function recordStep(
  db: Database,
  attempt: NewAttempt,
  extras: StepExtras = {},
  unless: () => Promise<void> = async () => {},
): Promise<{ won: boolean; attempt: StepAttempt }> {
  return db.transaction(async (tx) => {
    // Two workers that both believe to hold the step take turns here.
    await lockCapture(tx, attempt.captureId);
    const before = await finalStep(tx, attempt.captureId, attempt.step);
    if (before !== null) return { won: false, attempt: before };
    await refuseIfClosed(tx, attempt.captureId);
    await unless();
    const written = await insertAttempt(tx, attempt);
    await insertExtras(tx, attempt, extras);
    return { won: true, attempt: written };
  });
}

async function insertAttempt(tx: Queryable, attempt: NewAttempt): Promise<StepAttempt> {
  const { rows } = await tx.query<StepAttempt>(
    `insert into step_attempts (capture_id, step, attempt, required, state, final, reason, detail,
       started_at, finished_at)
     select $1, $2, coalesce(max(attempt), 0) + 1, $3, $4, $5, $6, $7, $8, $9
     from step_attempts where capture_id = $1 and step = $2
     returning ${columns}`,
    [
      attempt.captureId,
      attempt.step,
      attempt.required,
      attempt.state,
      attempt.final,
      attempt.reason,
      storableJson(attempt.detail),
      attempt.startedAt,
      attempt.finishedAt,
    ],
  );
  return rows[0] as StepAttempt;
}

async function insertExtras(tx: Queryable, { captureId, step }: NewAttempt, extras: StepExtras) {
  await insertArtifacts(tx, captureId, step, extras.artifacts ?? []);
  await insertObservations(tx, captureId, extras.observations ?? []);
  if (extras.post) await insertPost(tx, captureId, extras.post);
  await insertPages(tx, captureId, extras.pages ?? []);
  await insertTexts(tx, captureId, extras.texts ?? []);
  await insertAliases(tx, captureId, extras.aliases ?? []);
  await insertEvents(tx, captureId, extras.events ?? []);
}

/** The attempt that ended this step for good, if one did. */
export async function finalStep(
  db: Queryable,
  captureId: string,
  step: string,
): Promise<FinalStep | null> {
  const { rows } = await db.query<StepAttempt>(
    `select ${columns} from step_attempts where capture_id = $1 and step = $2 and final`,
    [captureId, step],
  );
  return rows[0] ?? null;
}

/** Every attempt at every step, as they happened. */
export async function attemptsOf(db: Queryable, captureId: string): Promise<StepAttempt[]> {
  const { rows } = await db.query<StepAttempt>(
    `select ${columns} from step_attempts where capture_id = $1
     order by started_at, step, attempt`,
    [captureId],
  );
  return rows;
}

export interface StepSummary {
  name: string;
  required: boolean;
  state: StepState;
  final: boolean;
  reason: string | null;
  attempts: number;
  detail: Record<string, unknown>;
  /** When its first attempt began. */
  startedAt: Date;
  finishedAt: Date;
}

/** Each step that was tried, in the order of stages, as its final attempt left it, else its last. */
export async function stepsOf(db: Queryable, captureId: string): Promise<StepSummary[]> {
  const { rows } = await db.query<StepSummary>(
    `select * from (
       select distinct on (step) step as name, required, state, final, reason, detail,
         count(*) over by_step as attempts, min(started_at) over by_step as "startedAt",
         finished_at as "finishedAt"
       from step_attempts where capture_id = $1
       window by_step as (partition by step)
       order by step, final desc, attempt desc
     ) as steps
     order by array_position($2::text[], name), name`,
    [captureId, stepNames],
  );
  return rows;
}
