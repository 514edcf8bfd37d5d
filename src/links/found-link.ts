/** What reading a text gives: links with their keys, and those that can't be used, with why. */
import type { LinkFacts, RejectReason } from '../platforms/identity.ts';

/** What a row of a table says about its link. */
export interface RowFields {
  case?: string;
  tags?: string[];
  note?: string;
}

export interface IdentifiedLink {
  /** Byte for byte as pasted. */
  link: string;
  key: string;
  facts: LinkFacts;
}

export interface RejectedLink {
  link: string;
  rejected: RejectReason;
}

export type FoundLink = (IdentifiedLink | RejectedLink) & { submission?: RowFields };

/**
 * Links of a page or table, each once in each way it is written, where it first appears:
 * pages repeat their addresses behind pictures and titles. Later appearances only fill in
 * facts that the first one lacks. Two rows with different case, tags or note both stay,
 * because they ask for different things.
 */
export function eachOnce(links: Iterable<FoundLink>): FoundLink[] {
  const kept = new Map<string, FoundLink>();
  for (const found of links) {
    const slot = `${found.link}\n${JSON.stringify(found.submission ?? null)}`;
    const first = kept.get(slot);
    if (first === undefined) kept.set(slot, found);
    else if ('key' in first && 'key' in found) first.facts = { ...found.facts, ...first.facts };
  }
  return [...kept.values()];
}
