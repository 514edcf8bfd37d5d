/** What a bundle is made from. Where it comes from (vault, catalog, a test) is not this room's business. */
import type { Readable } from 'node:stream';
import type { FilingPart, SubmissionPart } from '../../model/capture-record.ts';
import type { Derivation } from '../../model/derivation.ts';

export interface BundleCapture {
  captureId: string;
  /** The manifest, byte for byte. */
  manifest: Uint8Array;
  /** The artifacts that are handed over. What the manifest names beyond them is said to be left out. */
  files: BundleFile[];
  webArchive: (() => Promise<Readable>) | null;
  /** `null` where nothing is known of it. */
  order: HandedOrder | null;
}

/** What people said about a capture and its source, as far as it is of the cases handed over. */
export interface HandedOrder {
  cases: string[];
  submissions: SubmissionPart[];
  filings: FilingPart[];
  /** It was first kept outside of the case that is handed over: only its own entry is here. */
  isShared: boolean;
}

export interface BundleFile {
  name: string;
  sha256: string;
  open(): Promise<Readable>;
}

/** Something made of the captures: its record byte for byte, and those of its files that are handed over. */
export interface BundleDerivation {
  /** Of the record. */
  sha256: string;
  bytes: Uint8Array;
  derivation: Derivation;
  files: BundleFile[];
}

export interface BundleEntry {
  index: number;
  /** The entry, byte for byte: canonical JSON, so one line. */
  bytes: Uint8Array;
  /** Inclusion in the tree of the checkpoint below, from the leaf's sibling up. */
  proof: Uint8Array[];
  checkpointSize: number;
}

export interface BundleToken {
  /** Short name in file names: hexadecimal digits. */
  authority: string;
  address: string;
  bytes: Uint8Array;
  genTime: Date;
}

/** An OpenTimestamps proof over a checkpoint. */
export interface BundleOtsProof {
  /** Short name in file names: hexadecimal digits. */
  calendar: string;
  bytes: Uint8Array;
  /** What it says of itself, in words. */
  claim: string;
}

export interface BundleCheckpoint {
  size: number;
  /** The signed note, byte for byte. */
  note: Uint8Array;
  tokens: BundleToken[];
  otsProofs: BundleOtsProof[];
  /** Lines of witnesses, each with its line break. */
  cosignatures: string[];
}

/** Puts the report on paper, with the files of the bundle that it shows. */
export type PrintReport = (
  html: string,
  open: (path: string) => Promise<Readable> | undefined,
) => Promise<Buffer>;

export interface BundleContent {
  /** When the export was entered in the log. */
  exportedAt: Date;
  /** Name of the log. */
  origin: string;
  version: string;
  captures: AsyncIterable<BundleCapture> | Iterable<BundleCapture>;
  derivations: AsyncIterable<BundleDerivation> | Iterable<BundleDerivation>;
  /** In the order of the log. */
  entries: AsyncIterable<BundleEntry> | Iterable<BundleEntry>;
  /** Records that entries name by their digest. */
  details:
    | AsyncIterable<{ sha256: string; bytes: Uint8Array }>
    | Iterable<{ sha256: string; bytes: Uint8Array }>;
  /** Ascending by size. */
  checkpoints: BundleCheckpoint[];
  consistency: { oldSize: number; size: number; proof: Uint8Array[] }[];
  vkeys: string[];
  /** PEM; `null` where none is known. */
  tsaRoots: string | null;
  witnesses: string[];
  /** By capture: what people noted of material that they marked as graphic. The report names its pictures and shows none. */
  graphic: ReadonlyMap<string, string | null>;
  /** The case that is handed over with all captures of its sources; `null`: captures as such. */
  ofCase: string | null;
  /** `null`: the report is not printed. */
  print: PrintReport | null;
}
