/** Derivations: what is made of evidence. Each belongs to the digests of its inputs. */
import type { Reason } from '../base/reasons.ts';
import type { NewArtifact } from './artifact.ts';
import type { Environment } from './capture-record.ts';

/** In the order in which a derive job makes them; a later kind may use what an earlier one made. */
export const derivationKinds = [
  'preview',
  'keyframes',
  'fingerprints',
  'render',
  'metadata',
  'pages',
  'transcript',
  'ocr',
] as const;
/** What is made: frames, hashes, a rendering, pages of documents, text. */
export type DerivationKind = (typeof derivationKinds)[number];

/** How making it ended. */
export type DerivationState = 'done' | 'failed' | 'skipped';

/** What one run of one tool over one subject gave, before it is written down. */
export interface MadeDerivation {
  state: DerivationState;
  /** `null` where it is done. */
  reason: Reason | null;
  /** SHA-256 of whatever else was read beside the subject. */
  inputs?: string[];
  /** Names are relative to the subject: `00001.jpg`, `contact-sheet.png`. Bytes are in the vault. */
  files: NewArtifact[];
  /** Rules and settings that shaped it. */
  arguments?: Record<string, unknown>;
  /** Notes, counts, what was left out. */
  detail: Record<string, unknown>;
}

/** The canonical record of a derivation, as it lies in the vault. */
export interface Derivation extends Required<MadeDerivation> {
  schema: 'holdfast.derivation/1';
  id: string;
  environment: Environment;
  kind: DerivationKind;
  /** SHA-256 of the evidence that it is of; of a rendering, the manifest's. First of `inputs`. */
  subject: string;
  /** Tool, version and rules in one word: where it agrees, making it again makes the same. */
  key: string;
  /** Versions and digests of the tools that were run. */
  tools: Record<string, unknown>;
  startedAt: string;
  finishedAt: string;
}

/** Steps of captures made by 0.1.0, whose manifests hold what is a derivation today. */
export const formerSteps = ['keyframes', 'metadata', 'ocr', 'transcript', 'render'] as const;
