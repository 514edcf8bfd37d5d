/** What is shown of one capture (`holdfast.capture/1`), and the words that it is made of. */
import type { KeptArtifact } from './artifact.ts';
import type { DerivationKind, DerivationState } from './derivation.ts';
import type { FilingKind } from './filing.ts';
import type { Availability } from './signals.ts';

/** A demonstration is marked as one everywhere, and is never evidence. */
export type Environment = 'live' | 'demo';

/**
 * About our keeping, not about the health of the source. `partial`: something required was not
 * kept whole; `blocked`: a wall stood there; `failed`: nothing worth keeping.
 */
export type CaptureState = 'complete' | 'partial' | 'blocked' | 'failed';

/** How a step ended; `skipped`: there was nothing for it to do. */
export type StepState = 'done' | 'failed' | 'blocked' | 'skipped';

/** One page as it was looked at. */
export interface ViewPart {
  name: string;
  /** Where the link led, and what the server answered there; null where no page came. */
  finalUrl: string | null;
  httpStatus: number | null;
  /** How far it was scrolled, and why no farther; null where nothing says so. */
  scrolled: { of: string; toPx: number; ofPx: number; screens: number; ended: string } | null;
  /** What a reader should know of it. */
  notes: { code: string; message: string }[];
  /** What the page requested and is not kept, the first hundred: with any, the capture is not complete. */
  notKept: { url: string; reason: string }[];
  /** What a visitor did there before the second set of pictures; null where nobody was asked to. */
  actions: { from: string; outcomes: ActionPart[] } | null;
}

/** One action and what became of it. */
export interface ActionPart {
  do: string;
  target: string | null;
  state: string;
  reason: string | null;
  startedAt: string | null;
  tookMs: number;
  /** How often it clicked, where it is one that counts. */
  times?: number | undefined;
}

/** One act of asking for the source. */
export interface SubmissionPart {
  case: string | null;
  tags: string[];
  note: string | null;
  by: string;
  reason: string | null;
  at: string;
  /** As it was pasted. */
  link: string;
  /** Id of the capture that it led to. */
  capture: string;
}

/** One act of putting the source or the capture in order. */
export interface FilingPart {
  kind: FilingKind;
  change: 'added' | 'removed';
  /** Name of the case, the tag, or the words of the note. */
  value: string;
  /** Of one capture alone, or of the source. */
  on: 'source' | 'capture';
  /** With which it is handed over; `null`: with none. */
  case: string | null;
  by: string;
  at: string;
  logIndex: number;
}

/** Times are ISO 8601 in UTC, as everywhere in records. */
export interface CaptureRecord {
  schema: 'holdfast.capture/1';
  id: string;
  source: string;
  /** As it was pasted. */
  link: string;
  environment: Environment;
  /** `null` while unfinished. */
  state: CaptureState | null;
  startedAt: string;
  finishedAt: string | null;
  submission: Omit<SubmissionPart, 'link' | 'capture'>;
  /** Every case that the source is in now, whoever captured it first. */
  cases: string[];
  /** In force on this capture. */
  tags: string[];
  /** Every act of asking that led to the source, in order; the first 500. */
  submissions: SubmissionPart[];
  /** What was filed about the source or this capture: cases, tags and notes, in order. */
  filings: FilingPart[];
  /** About the source today; never part of the manifest. */
  sourceNow: {
    availability: Availability;
    kind: string | null;
    since: string | null;
    lastCheck: string | null;
  };
  /** What a reader must be told about this capture, in words. */
  warnings: string[];
  steps: {
    name: string;
    required: boolean;
    state: StepState;
    reason: string | null;
    attempts: number;
    /** Whether this is how the step ended, or another attempt will follow. */
    final: boolean;
  }[];
  /** How each page was looked at. */
  views: ViewPart[];
  post: {
    id: string;
    author: { id: string | null; handle: string | null; name: string | null };
    text: string;
    claimedAt: string | null;
    idTime: string | null;
  } | null;
  /** Evidence and the files of the newest derivations together, the latter with `derivation`. */
  artifacts: (KeptArtifact & { derivation?: string; removed?: RemovedPart })[];
  /** What was made of the evidence, and what still waits for it. */
  derivations: DerivationPart[];
  manifestSha256: string | null;
  /** Where it stands in the log; `null` while the log doesn't have it. */
  seal: SealPart | null;
}

/** The order under which the bytes of a file were removed. */
export interface RemovedPart {
  authority: string;
  reference: string;
  at: string;
}

/** Something made of the evidence, as its newest attempt left it; `waiting`: the job has not come to it. */
export interface DerivationPart {
  /** `null` while waiting. */
  id: string | null;
  kind: DerivationKind;
  state: DerivationState | 'waiting';
  reason: string | null;
  /** SHA-256 of what it was made of, the evidence first. */
  inputs: string[];
  /** The programs that made it, with their versions. */
  tool: string;
  /** Of its record. */
  sha256: string | null;
  /** Entry of the log that names the record. */
  logIndex: number | null;
  finishedAt: string | null;
}

/** How far up the ladder a capture is, and what others have signed or stamped over it. */
export interface SealPart {
  logIndex: number;
  /** How far up the ladder: in the log · under a signed checkpoint · stamped · witnessed. */
  stage: 'closed' | 'sealed' | 'stamped' | 'witnessed';
  /** Size of the first checkpoint that covers the entry. */
  checkpoint: number | null;
  /** Of each authority the first token over a checkpoint that covers it: it existed no later. */
  timestamps: { authority: string; at: string; checkpoint: number }[];
  witnesses: { name: string; at: string; checkpoint: number }[];
  /** By themselves they prove nothing. Left out where the vault, which holds them, was not asked. */
  openTimestamps?: OtsPart[];
}

/** An OpenTimestamps proof over a checkpoint that covers the entry. */
export interface OtsPart {
  /** `pending`: promised. `complete`: it names the Bitcoin block whose header it is to be held against. */
  state: 'pending' | 'complete';
  checkpoint: number;
  /** Heights. */
  blocks: number[];
  /** Addresses of those who promised, as far as the proof still says so. */
  calendars: string[];
}
