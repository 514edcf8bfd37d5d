/** One derivation: taken over from before, or made, written down, and given its rows. */
import { errorCode, parksWork } from '../../base/errors.ts';
import type { TimeBudget } from '../../base/time-budget.ts';
import {
  type DerivationRow,
  derivationById,
  derivationsByRecord,
  newestDone,
} from '../../catalog/derivations.ts';
import type { WaitingJob } from '../../catalog/derive-jobs.ts';
import { heldFiles } from '../../catalog/held-files.ts';
import { stableId } from '../../catalog/stable-id.ts';
import type { Pictures } from '../../media/pictures/pictures.ts';
import type { MadeDerivation } from '../../model/derivation.ts';
import { readDerivation, type WrittenDerivation, writeDerivation } from '../../seal/derivation.ts';
import type { DeriveTime } from '../derive-time.ts';
import type { Parts } from '../parts.ts';
import { messageOf, wasInterrupted } from '../run-step.ts';
import { derivers } from './derivable.ts';
import {
  type Derivable,
  type Deriver,
  type Deriving,
  isRecording,
  type Wanted,
} from './deriver.ts';
import { keepDerivation } from './keep-derivation.ts';

export interface OneDerivation {
  capture: Derivable;
  wanted: Wanted;
  job: Pick<WaitingJob, 'jobId' | 'again'>;
  reading: Deriving['reading'];
  time: DeriveTime;
  pictures: Deriving['pictures'];
  tell(note: string): void;
}

/** @returns `null` where an order of removal came first */
export async function deriveOne(
  parts: Parts,
  signal: AbortSignal,
  { capture, wanted, job, reading, time, pictures, tell }: OneDerivation,
): Promise<DerivationRow | null> {
  const id = derivationId(job.jobId, wanted);
  const ended = await derivationById(parts.database, id);
  if (ended !== null) return ended;
  const kept = await parts.vault.readRecord('derivations', id);
  if (kept !== null) return finish(parts, readDerivation(kept));
  const deriver = deriverOf(wanted);
  const held = () => heldFiles(parts.database, capture.captureId);
  const inTime = <Result>(work: (deriving: Deriving) => Promise<Result>) =>
    timeOf(wanted, time)
      .spend(wanted.subject, [signal], (limited) =>
        work({
          ...{ parts, capture, wanted, reading, tell, held, signal: limited },
          pictures: pictures.until(limited),
        }),
      )
      .catch((error: unknown) => rethrown(error, signal));
  const key = await inTime((deriving) => deriver.key(deriving));
  if (typeof key === 'string' && !job.again) {
    const before = await takenOver(parts, wanted, key);
    if (before !== null) return before;
  }
  const startedAt = new Date().toISOString();
  const outcome =
    typeof key === 'string' ? await inTime((deriving) => deriver.make(deriving)) : key;
  return finish(
    parts,
    await written(parts, deriver, { id, wanted, key, startedAt, outcome, pictures }),
  );
}

/** The same job makes the same derivation under the same id, however often it is killed. */
export function derivationId(jobId: string, { kind, subject }: Pick<Wanted, 'kind' | 'subject'>) {
  return stableId('derivation', jobId, kind, subject);
}

function deriverOf({ kind }: Wanted): Deriver {
  const found = derivers.find((deriver) => deriver.kind === kind);
  if (found === undefined) throw new TypeError(`nothing makes ${kind}`);
  return found;
}

/** What the same tools made of the same bytes, as long as all of it is still there. */
async function takenOver(
  parts: Pick<Parts, 'database' | 'vault'>,
  { subject, kind }: Wanted,
  key: string,
): Promise<DerivationRow | null> {
  const before = await newestDone(parts.database, subject, kind, key);
  if (before === null) return null;
  const bytes = await parts.vault.readRecord('derivations', before.id);
  if (bytes === null) return null;
  const { derivation } = readDerivation(bytes);
  for (const { sha256 } of derivation.files) if (!(await parts.vault.has(sha256))) return null;
  return before;
}

function timeOf({ original }: Wanted, { recordings, stills }: DeriveTime): TimeBudget {
  return original !== null && isRecording(original) ? recordings : stills;
}

interface Ended {
  id: string;
  wanted: Wanted;
  key: string | Failed;
  startedAt: string;
  outcome: MadeDerivation;
  pictures: Pictures;
}

async function written(
  parts: Parts,
  deriver: Deriver,
  { id, wanted, key, startedAt, outcome, pictures }: Ended,
): Promise<WrittenDerivation> {
  const { inputs = [], arguments: rules = {}, ...rest } = outcome;
  return writeDerivation({
    schema: 'holdfast.derivation/1',
    id,
    environment: parts.home.environment,
    kind: wanted.kind,
    subject: wanted.subject,
    inputs: [...new Set([wanted.subject, ...inputs])],
    key: typeof key === 'string' ? key : '',
    arguments: rules,
    // What decoded the pictures says so itself: the tools of this process were asked long ago.
    tools: toolsOf(deriver, { ...(await parts.tools()), ...pictures.used }),
    startedAt,
    finishedAt: new Date().toISOString(),
    ...rest,
  });
}

type Failed = MadeDerivation;

/** Tools that are not installed are no failure of ours: it can be made once they are. */
const missing = new Set(['tool-missing', 'no-languages']);

/** Whatever ends it for good is its outcome; only who stops it from outside is heard by the queue. */
function rethrown(error: unknown, signal: AbortSignal): Failed {
  if (wasInterrupted(signal) || parksWork(error)) throw error;
  const code = signal.aborted ? 'timed-out' : errorCode(error);
  return {
    state: missing.has(code) ? 'skipped' : 'failed',
    reason: code,
    files: [],
    detail: { message: messageOf(error) },
  };
}

function toolsOf(deriver: Deriver, all: Record<string, unknown>): Record<string, unknown> {
  const digests = (all.digests ?? {}) as Record<string, unknown>;
  const names = ['holdfast', 'confinement', ...deriver.tools];
  return {
    ...Object.fromEntries(names.map((name) => [name, all[name] ?? null])),
    digests: Object.fromEntries(deriver.tools.map((name) => [name, digests[name] ?? null])),
  };
}

async function finish(parts: Parts, written: WrittenDerivation): Promise<DerivationRow | null> {
  if (!(await keepDerivation(parts, written))) return null;
  const [row] = await derivationsByRecord(parts.database, [written.sha256]);
  return row ?? null;
}
