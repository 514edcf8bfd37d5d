/**
 * Checks a bundle from first byte to last, offline, trusting nothing in it: the bag, every
 * file, the log that vouches for them, and the times. Runs in Node and in a browser.
 */
import { checkBag } from './bundle/bag.ts';
import { checkCaptures } from './bundle/captures.ts';
import { checkEntries, describeChains } from './bundle/entries.ts';
import type { BundleFiles } from './bundle/files.ts';
import { checkCheckpoints, checkConsistency, checkKeys, messageOf } from './bundle/log.ts';
import { checkOtsProofs } from './bundle/ots.ts';
import { isForReading } from './bundle/paths.ts';
import {
  checkFreshness,
  checkTimes,
  checkTokens,
  checkWitnesses,
  findRoots,
} from './bundle/times.ts';
import type { BundleCheck } from './checks.ts';
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
  /** The newest time-stamp must be from then or later. */
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
): AsyncGenerator<BundleCheck> {
  const { signal } = question;
  try {
    const verified = yield* checkBag(files, question);
    const keys = yield* checkKeys(files, question.vkeys);
    const checkpoints = yield* checkCheckpoints(files, keys);
    if (checkpoints.some(({ origin }) => origin === demoOrigin))
      yield { step: 'warning', subject: demoOrigin, result: 'note', message: demonstration };
    yield* checkConsistency(files, checkpoints, question.earlier, keys);
    const facts = yield* checkEntries(files, checkpoints, signal);
    yield* describeChains(facts);
    const captures = yield* checkCaptures(files, verified, facts, signal);
    const roots = yield* findRoots(files, question.tsaRoots);
    const tokens = yield* checkTokens(files, checkpoints, facts, roots);
    const proofs = yield* checkOtsProofs(files, checkpoints, facts, question.bitcoinHeaders);
    const stamps = [...tokens, ...proofs];
    yield* checkTimes(captures, checkpoints, stamps);
    yield* checkFreshness(stamps, question.notOlderThan);
    yield* checkWitnesses(files, checkpoints, question.witnesses);
    for (const path of files.sizes().keys()) {
      if (isForReading(path) && !path.startsWith('data/trust/'))
        yield {
          step: 'file',
          subject: path,
          result: 'note',
          message: 'made for reading, not covered by the log',
        };
    }
  } catch (error) {
    signal?.throwIfAborted();
    yield { step: 'bag', subject: 'bundle', result: 'invalid', message: messageOf(error) };
  }
}
