/** What later steps need of the entries in a bundle: a few facts of each, not the entries. */
import type { BundleFinding } from '../findings.ts';
import type { SealedEntry } from '../sealed-records.ts';

export interface PlacedEntry extends SealedEntry {
  index: number;
}

/** An entry about what was made of one capture. */
export interface DerivationJob {
  index: number;
  /** Of the capture; `null` where the entry's detail, which names it, is not here. */
  manifestSha256: string | null;
  /** SHA-256 of the records. */
  records: string[];
}

export interface Export {
  index: number;
  /** SHA-256 of the manifests that were handed over. */
  manifests: string[];
  /** Whether what may hold passwords was handed over too; only the detail says so. */
  restricted: boolean;
  /** Only files of these roles were; all where none is named. */
  roles: string[];
  /** A case was handed over, with every capture of its sources; older exports are of captures. */
  isOfCase: boolean;
  /** Of these manifests those that stand in another chain than that of the case. */
  shared: string[];
  /** SHA-256 of records of derivations for which the export speaks, and not an entry of their own. */
  derivations: string[];
  /** SHA-256 of what is not here because it was removed by order, as the export says. */
  removed: string[];
}

/** The entries of one case, as far as they are here. */
export interface CaseChain {
  /** Number of the entry that follows, and the leaf hash that it must name. */
  next: number;
  leaf: string | null;
  /** Where it is broken. */
  faults: BundleFinding[];
  /** Which they are; of captures with the digest of the manifest. */
  entries: { index: number; manifestSha256: string | null }[];
}

/** What the newest entry over a removed file says. */
export interface RemovalEntry {
  index: number;
  at: Date;
  /** It was ordered and not yet said to be done: whatever lay there under that digest had to go. */
  isOpen: boolean;
  /** Only the export says so: the entry of the order is of another case, and not here. */
  byExport: boolean;
}

export interface LogFacts {
  /** Of every entry here, ascending. */
  places: { index: number; at: Date }[];
  /** SHA-256 of the details that entries name. */
  details: Set<string>;
  /** Entries of captures, by the digest of the manifest. */
  captures: Map<string, { index: number; at: Date; caseId: string | null }>;
  /** By the digests that were removed by order. */
  removed: Map<string, RemovalEntry>;
  /** The newest export of each case. */
  exports: Map<string, Export>;
  derivations: DerivationJob[];
  /** Entries that record timestamps, with the digests of the tokens. */
  timestamped: PlacedEntry[];
  /** Entries that record OpenTimestamps proofs, with the digests of the proofs. */
  otsProofs: PlacedEntry[];
  /** What is known of the chain of each case. */
  cases: Map<string, CaseChain>;
  /** Entries that name a detail which is not here. */
  undetailed: PlacedEntry[];
}

export function noFacts(): LogFacts {
  return {
    places: [],
    details: new Set(),
    captures: new Map(),
    removed: new Map(),
    exports: new Map(),
    derivations: [],
    timestamped: [],
    otsProofs: [],
    cases: new Map(),
    undetailed: [],
  };
}

/** Removals by order; version 0.1.0 called them tombstones. */
const removalTypes = new Set(['removal', 'tombstone']);

export function isRemoval({ type }: SealedEntry): boolean {
  return removalTypes.has(type);
}

/** @param detail what the entry names by its digest; `null` where it is not here */
export function remember(
  facts: LogFacts,
  entry: PlacedEntry,
  detail: Record<string, unknown> | null,
): void {
  const { index, at, caseId, manifestSha256, detailSha256 } = entry;
  facts.places.push({ index, at });
  if (detailSha256 !== null) facts.details.add(detailSha256);
  if (entry.type === 'capture' && manifestSha256 !== null && !facts.captures.has(manifestSha256))
    facts.captures.set(manifestSha256, { index, at, caseId });
  if (isRemoval(entry)) rememberRemoval(facts, entry, detail);
  if (entry.type === 'exported') facts.exports.set(caseId ?? '', exportFrom(entry, detail));
  if (entry.type === 'derivation') facts.derivations.push(jobFrom(entry, detail));
  if (entry.type === 'timestamped') facts.timestamped.push(entry);
  if (entry.type === 'ots-proof') facts.otsProofs.push(entry);
}

/** An entry is small: long lists of what was removed or handed over are in its detail. */
function exportFrom(
  { index, targets }: PlacedEntry,
  detail: Record<string, unknown> | null,
): Export {
  return {
    index,
    manifests: textsIn(detail?.manifests) ?? targets,
    restricted: detail?.restricted === true,
    roles: textsIn(detail?.roles) ?? [],
    isOfCase: detail?.scope === 'case',
    shared: textsIn(detail?.shared) ?? [],
    derivations: textsIn(detail?.derivations) ?? [],
    removed: textsIn(detail?.removed) ?? [],
  };
}

/** Once every entry was read: what the newest export of each case says counts, where no entry does. */
export function settle(facts: LogFacts): void {
  for (const { index, removed } of facts.exports.values()) {
    const at = facts.places.find((place) => place.index === index)?.at ?? new Date(0);
    for (const sha256 of removed)
      if (!facts.removed.has(sha256))
        facts.removed.set(sha256, { index, at, isOpen: true, byExport: true });
  }
}

function jobFrom(
  { index, targets }: PlacedEntry,
  detail: Record<string, unknown> | null,
): DerivationJob {
  const records = textsIn(detail?.records);
  if (detail === null || records === null) return { index, manifestSha256: null, records: targets };
  return { index, manifestSha256: String(detail.manifestSha256), records };
}

/**
 * An order is one entry, that it was carried out another. Where the detail that tells them
 * apart is not handed over, they come in turn.
 */
function rememberRemoval(
  facts: LogFacts,
  { index, at, targets }: PlacedEntry,
  detail: Record<string, unknown> | null,
): void {
  for (const target of new Set([...targets, ...(textsIn(detail?.targets) ?? [])])) {
    const before = facts.removed.get(target);
    const isOpen = detail === null ? before?.isOpen !== true : detail.change === 'ordered';
    facts.removed.set(target, { index, at, isOpen, byExport: false });
  }
}

function textsIn(value: unknown): string[] | null {
  return Array.isArray(value) ? value.map(String) : null;
}
