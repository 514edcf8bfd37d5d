/** Rows for tests of the catalog, each with only what the test is about. */
import { uuidv7 } from 'uuidv7';
import { closeCapture, openCaptures } from '../../src/catalog/captures.ts';
import type { Database, Queryable } from '../../src/catalog/database.ts';
import { type NewAttempt, recordStep, type StepExtras } from '../../src/catalog/steps.ts';
import { insertSubmissions, type SubmissionRow } from '../../src/catalog/submissions.ts';

export function submission(given: Partial<SubmissionRow> = {}): SubmissionRow {
  const sourceKey = given.sourceKey ?? 'web:https://example.org/';
  return {
    id: uuidv7(),
    batchId: uuidv7(),
    position: 0,
    link: 'https://example.org/',
    sourceKey,
    rejected: null,
    captureId: uuidv7(),
    caseName: null,
    tags: [],
    note: null,
    submittedBy: 'tester',
    reason: null,
    origin: 'human',
    priority: 0,
    facts: {},
    submittedAt: new Date(),
    ...given,
  };
}

/** Submits, and opens a capture for, each of the given; returns the ids of the captures. */
export async function open(
  database: Database,
  ...given: Partial<SubmissionRow>[]
): Promise<string[]> {
  const rows = given.map(submission);
  await database.transaction(async (tx) => {
    await insertSubmissions(tx, rows);
    await openCaptures(
      tx,
      rows.map((row) => ({
        id: row.captureId as string,
        submissionId: row.id,
        sourceKey: row.sourceKey as string,
        environment: 'demo' as const,
        openedAt: row.submittedAt,
      })),
    );
  });
  return rows.map((row) => row.captureId as string);
}

export function attempt(captureId: string, given: Partial<NewAttempt> = {}): NewAttempt {
  const now = new Date();
  return {
    captureId,
    step: 'record',
    required: true,
    state: 'done',
    final: true,
    reason: null,
    detail: {},
    startedAt: now,
    finishedAt: now,
    ...given,
  };
}

export function record(database: Database, captureId: string, extras: StepExtras) {
  return recordStep(database, attempt(captureId), extras);
}

export function post(given: { text?: string; handle?: string } = {}) {
  return {
    id: '1227',
    author: { id: '7', handle: given.handle ?? 'someone', name: 'Some One' },
    text: given.text ?? 'hello',
    claimedAt: '2020-02-12T11:22:33.000Z',
    idTime: '2020-02-12T11:22:33.123Z',
  };
}

export function observation(sourceKey: string, signal: string, at: string) {
  return {
    sourceKey,
    route: 'syndication',
    url: 'https://example.org/',
    httpStatus: 200,
    failure: null,
    signal,
    statement: null,
    headers: [],
    bodySha256: null,
    exitLabel: null,
    observedAt: new Date(at),
  };
}

export function file(
  name: string,
  given: { sha256?: string; facts?: Record<string, unknown> } = {},
) {
  return {
    role: 'media.original' as const,
    name,
    mediaType: 'video/mp4',
    sizeBytes: 5_000_000_000,
    sha256: given.sha256 ?? 'a'.repeat(64),
    derivedFrom: null,
    facts: given.facts ?? {},
  };
}

let keys = 0;
/** A source of which nothing is known yet. */
export function newKey(): string {
  keys += 1;
  return `x:status:${1_000 + keys}`;
}

/** Opens one capture; its id. */
export async function openOne(
  database: Database,
  given: Partial<SubmissionRow> = {},
): Promise<string> {
  const [captureId] = await open(database, { sourceKey: newKey(), ...given });
  return captureId as string;
}

export function close(
  db: Queryable,
  captureId: string,
  sourceKey: string,
  state: 'complete' | 'failed' = 'complete',
) {
  const now = new Date();
  const manifestSha256 = 'f'.repeat(64);
  return closeCapture(db, {
    captureId,
    sourceKey,
    state,
    manifestSha256,
    startedAt: now,
    finishedAt: now,
  });
}
