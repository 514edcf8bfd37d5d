/**
 * What only the sealing itself knows of a capture: who collected it and for what, the
 * clock, the machine, the checkpoint that was there before, and a secret number without
 * which nobody can guess a manifest back from its digest.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { earlierCapture } from '../../catalog/captures.ts';
import { checkpointBefore } from '../../catalog/checkpoints.ts';
import { canonicalJson } from '../../seal/canonical-json.ts';
import type { Manifest } from '../../seal/manifest.ts';
import { pseudonymFor } from '../../seal/pseudonyms.ts';
import { clockState } from '../clock.ts';
import { logOrigin } from '../custody/checkpoint.ts';
import type { Parts } from '../parts.ts';

export type SealFacts = Pick<
  Manifest,
  | 'nonce'
  | 'collector'
  | 'case'
  | 'clock'
  | 'host'
  | 'settingsSha256'
  | 'priorCheckpoint'
  | 'earlierCapture'
  | 'notCollected'
>;

/** What a capture is about, as far as the facts need it. */
export interface Subject {
  captureId: string;
  source: string;
  openedAt: Date;
  startedAt: Date;
  submission: { by: string; case: string | null; reason: string | null; origin: string };
}

export async function sealFacts(parts: Parts, subject: Subject): Promise<SealFacts> {
  const { operator, seal } = parts.config;
  const { submission } = subject;
  return {
    nonce: randomBytes(32).toString('hex'),
    collector: {
      id: await pseudonymFor(parts, 'actor', submission.by),
      name: submission.by,
      account: submission.origin === 'human' ? 'person' : 'service',
      operator: operator ?? 'not stated',
      organisation: seal.organisation ?? 'not stated',
      legalBasis: seal.legalBasis ?? 'not stated',
      reason: submission.reason ?? 'not stated',
    },
    case: {
      id: await pseudonymFor(parts, 'case', submission.case ?? ''),
      name: submission.case,
    },
    clock: { ...(await clockState()) },
    host: {
      id: await hostId(),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
    settingsSha256: settingsDigest(parts),
    priorCheckpoint: await priorCheckpoint(parts, subject.startedAt),
    earlierCapture: await earlierCapture(parts.database, subject),
    // Berkeley Protocol and SWGDE name these; what is not there must not look forgotten.
    notCollected: ['domain-registration', 'archive-history', 'egress-address', 'location'],
  };
}

/** From before the capture began: it shows that the capture is not older than that checkpoint. */
async function priorCheckpoint(parts: Parts, before: Date): Promise<Manifest['priorCheckpoint']> {
  const row = await checkpointBefore(parts.database, before);
  if (row === null) return null;
  return {
    origin: await logOrigin(parts),
    size: row.size,
    root: row.root.toString('base64'),
    sha256: row.sha256,
  };
}

/** Tells machines apart without naming them. */
async function hostId(): Promise<string> {
  const machine = await readFile('/etc/machine-id', 'utf8').catch(() => hostname());
  return createHash('sha256').update(`holdfast host ${machine.trim()}`).digest('hex').slice(0, 32);
}

/** Of the settings that shape a capture; where the database is, and secrets, are none of them. */
function settingsDigest(parts: Pick<Parts, 'config' | 'egress'>): string {
  const { egress, tools, limits, x } = parts.config;
  const { upstreamProxy, ...net } = egress;
  const shaping = {
    egress: { ...net, upstreamProxyHost: parts.egress.facts.upstreamHost },
    tools,
    limits,
    queryIds: x.queryIds,
    signedIn: x.bearer !== null,
  };
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(shaping))))
    .digest('hex');
}
