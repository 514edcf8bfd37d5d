/**
 * Checks a bundle from first byte to last, offline, trusting nothing in it: the bag, every
 * file, the log that vouches for them, and the times. Runs in Node and in a browser.
 */
import { verifyBag } from './bundle/bag.ts';
import { verifyCaptures } from './bundle/captures.ts';
import { describeChains } from './bundle/chains.ts';
import { verifyEarlier } from './bundle/consistency.ts';
import { verifyDerivations } from './bundle/derivations.ts';
import { verifyEntries } from './bundle/entries.ts';
import type { BundleFiles } from './bundle/files.ts';
import { messageOf, type TrustedCheckpoints, verifyCheckpoints, verifyKeys } from './bundle/log.ts';
import type { LogFacts } from './bundle/log-facts.ts';
import { verifyOtsProofs } from './bundle/ots.ts';
import { verifyStrangers } from './bundle/strangers.ts';
import {
  findRoots,
  type Stamp,
  verifyFreshness,
  verifyOrder,
  verifyTimes,
  verifyTokens,
} from './bundle/times.ts';
import { verifyTrustFolder } from './bundle/trust.ts';
import { verifyWitnesses } from './bundle/witnesses.ts';
import type { BundleFinding } from './findings.ts';
import { demonstration, demoOrigin } from './warnings.ts';

export interface BundleQuestion {
  /** Public keys of the log, `name+id+key`, got by another way than with the bundle. */
  vkeys: string[];
  /** PEM of the authorities' roots; `null` when the reader has none of their own. */
  tsaRoots: string | null;
  /** Headers of Bitcoin blocks, see `BitcoinHeaders.read`; `null` when the reader has none. */
  bitcoinHeaders: Uint8Array | null;
  /** Checkpoints that the reader has kept from before. */
  earlier: Uint8Array[];
  /** Public keys of witnesses that must have co-signed. */
  witnesses: string[];
  /** The newest timestamp must be from then or later. */
  notOlderThan: Date | null;
  /** Hash everything with SHA-512 too. */
  thorough: boolean;
  signal?: AbortSignal;
}

export const plainQuestion: BundleQuestion = {
  vkeys: [],
  tsaRoots: null,
  bitcoinHeaders: null,
  earlier: [],
  witnesses: [],
  notOlderThan: null,
  thorough: false,
};

/** One line a check. Never throws for what it finds; throws when aborted. */
export async function* verifyBundle(
  files: BundleFiles,
  question: BundleQuestion,
): AsyncGenerator<BundleFinding> {
  const { signal } = question;
  try {
    const verified = yield* verifyBag(files, question);
    const keys = yield* verifyKeys(files, question.vkeys);
    const checkpoints = yield* verifyCheckpoints(files, keys);
    if (checkpoints.some(({ origin }) => origin === demoOrigin))
      yield { kind: 'warning', subject: demoOrigin, result: 'note', message: demonstration };
    const proofs = yield* verifyEarlier(files, checkpoints, question.earlier, keys);
    const facts = yield* verifyEntries(files, checkpoints, signal);
    yield* describeChains(facts, checkpoints);
    const captures = yield* verifyCaptures(files, verified, facts, signal);
    const derived = yield* verifyDerivations(files, verified, facts, captures, signal);
    const trust = yield* verifyTrustFolder(files, keys);
    const known = new Set([...captures.known, ...derived, ...proofs]);
    const isDemo = captures.isDemo || checkpoints.some(({ origin }) => origin === demoOrigin);
    yield* verifyStrangers(files, { facts, checkpoints, known, trust, isDemo });
    const stamps = yield* verifyStamps(files, checkpoints, facts, question);
    const witnessed = yield* verifyWitnesses(files, checkpoints, question.witnesses);
    yield* verifyOrder(facts, stamps, witnessed);
    yield* verifyTimes(captures.times, facts, checkpoints, stamps);
    yield* verifyFreshness(stamps, question.notOlderThan);
  } catch (error) {
    signal?.throwIfAborted();
    yield { kind: 'bag', subject: 'bundle', result: 'invalid', message: messageOf(error) };
  }
}

/** Tokens of authorities, and proofs that lead to a block whose header was given. */
async function* verifyStamps(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
  facts: LogFacts,
  { tsaRoots, bitcoinHeaders }: BundleQuestion,
): AsyncGenerator<BundleFinding, Stamp[]> {
  const roots = yield* findRoots(files, tsaRoots);
  const tokens = yield* verifyTokens(files, checkpoints, facts, roots);
  const proofs = yield* verifyOtsProofs(files, checkpoints, facts, bitcoinHeaders);
  return [...tokens, ...proofs];
}
