/** Why a step ended as it did: what stands as `reason` in manifests, capture records and events. */
import type { cancelledReasons, notKeptReasons } from './codes/exchanges.ts';
import { extractorReasons } from './codes/extractor.ts';
import type { mediaNotes } from './codes/notes.ts';
import { pageReasons, wallReasons } from './codes/page.ts';
import {
  anyStepReasons,
  derivationReasons,
  mediaReasons,
  recordReasons,
  waybackReasons,
} from './codes/steps.ts';
import { type ErrorCode, errorCodes } from './error-codes.ts';

/** Beside these, the code of the error that ended a step, and for `record` a signal. */
export const stepReasons = {
  'any step': anyStepReasons,
  record: recordReasons,
  wayback: waybackReasons,
  page: pageReasons,
  'page, walls': wallReasons,
  media: mediaReasons,
  'media, by the extractor': extractorReasons,
  derivations: derivationReasons,
} as const;

type Reasons = typeof stepReasons;

declare const platformWord: unique symbol;
/** A platform's own word for why it withholds a medium, such as X's `copyright-violation`: not ours to list. */
export type PlatformWord = string & { readonly [platformWord]: true };

/** A reason that is not the code of an error. */
export type StepReason =
  | { [Step in keyof Reasons]: keyof Reasons[Step] }[keyof Reasons]
  | PlatformWord;

/** Whatever a step of ours can name as its reason. */
export type Reason = ErrorCode | StepReason;
export type WallReason = keyof typeof wallReasons | 'rate-limited';

type Refetched = `refetch-${Reason}`;
/** Why the body of an answer is missing. */
export type BodyTrouble =
  | keyof typeof notKeptReasons
  | 'asked-again'
  | 'timed-out'
  | 'too-large'
  | Refetched;

declare const browserRule: unique symbol;
/** Chromium's own name of a rule that stopped a request: `csp`, `mixed-content`, `cors` … */
export type BrowserRule = string & { readonly [browserRule]: true };
export type CancelledReason = keyof typeof cancelledReasons | BrowserRule;

/** What a reader should know of a medium: a code, then words. */
export type MediaNote = `${keyof typeof mediaNotes | Reason}: ${string}`;

const meanings: ReadonlyMap<string, string> = new Map(
  [...Object.values(errorCodes), ...Object.values(stepReasons)].flatMap((table) =>
    Object.entries(table).map(([code, { meaning }]) => [code, meaning]),
  ),
);

/** What a reason says, in one sentence for people; `null` for signals, and for words that are a platform's own. */
export function meaningOf(reason: string): string | null {
  return meanings.get(reason) ?? null;
}

/** The reason as it stands in records, and what it says: `dns (The name could not be resolved.)` */
export function reasonInWords(reason: string): string {
  const meaning = meaningOf(reason);
  return meaning === null ? reason : `${reason} (${meaning.replaceAll('`', '')})`;
}
