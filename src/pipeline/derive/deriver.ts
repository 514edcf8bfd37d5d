/** What every kind of derivation is made from, and how. */
import type { ArtifactRow } from '../../catalog/artifacts.ts';
import type { HeldFile } from '../../catalog/held-files.ts';
import type { Pictures } from '../../media/pictures/pictures.ts';
import type { DerivationKind, MadeDerivation } from '../../model/derivation.ts';
import type { CapturePlan } from '../../model/plan.ts';
import type { Parts } from '../parts.ts';

/** A closed capture, as far as something is made of it. */
export interface Derivable {
  captureId: string;
  source: string;
  manifestSha256: string;
  /** `null` where it was removed, or never made. */
  plan: CapturePlan | null;
  hasPost: boolean;
  /** Evidence only. */
  artifacts: ArtifactRow[];
}

/** One thing to make: of this kind, of this subject. */
export interface Wanted {
  kind: DerivationKind;
  /** SHA-256. */
  subject: string;
  /** Of the evidence file that it is; of a rendering, the capture's manifest. */
  original: ArtifactRow | null;
}

export interface Deriving {
  parts: Parts;
  /** Decodes the pictures of this job. */
  pictures: Pictures;
  capture: Derivable;
  wanted: Wanted;
  /** Evidence and the newest derived files, those of this job included. */
  held(): Promise<HeldFile[]>;
  /** Processor time that reading pictures has taken in this job so far. */
  reading: { spentMs: number };
  /** Tells people how far it is. */
  tell(note: string): void;
  /** Also raised when the time for this file, or for the job, is up. */
  signal: AbortSignal;
}

export interface Deriver {
  kind: DerivationKind;
  /** What of this capture calls for it. */
  wanted(capture: Derivable, parts: Pick<Parts, 'config'>): Wanted[];
  /** Tool, version and rules in one word. Where it agrees, what was made before is taken. */
  key(deriving: Deriving): Promise<string>;
  /** Names of the tools that run, as `parts.tools()` has them. */
  tools: string[];
  /** @throws whatever keeps it from being made; the job writes that down as its outcome */
  make(deriving: Deriving): Promise<MadeDerivation>;
}

/** Beside the thing itself, and the same at every other post of its author. */
const portraits = new Set(['avatar', 'quoted-avatar']);

export function isPortrait({ facts }: Pick<ArtifactRow, 'facts'>): boolean {
  return portraits.has(String(facts.belongsTo));
}

export function isPicture({ mediaType }: Pick<ArtifactRow, 'mediaType'>): boolean {
  return mediaType.startsWith('image/');
}

export function isRecording({ mediaType }: Pick<ArtifactRow, 'mediaType'>): boolean {
  return /^(?:video|audio)\//.test(mediaType);
}

/** One of each digest: the same file twice in a capture is looked at once. */
export function wantedOf(kind: DerivationKind, artifacts: ArtifactRow[]): Wanted[] {
  const bySha256 = new Map(artifacts.map((original) => [original.sha256, original]));
  return [...bySha256.values()].map((original) => ({ kind, subject: original.sha256, original }));
}
