/** Which codes each class of error may carry: the tables in `codes/`, put together. */
import { integrityCodes } from './codes/integrity.ts';
import { cutFile, permanentMediaCodes, transientMediaCodes } from './codes/media.ts';
import { permanentNetworkCodes, throttledCodes, transientNetworkCodes } from './codes/network.ts';
import { notFoundCodes } from './codes/not-found.ts';
import { pageLimitCodes } from './codes/page.ts';
import { configCodes, outageCodes, storageCodes, unreachableCodes } from './codes/service.ts';
import { stateCodes } from './codes/situation.ts';
import { toolCodes } from './codes/tools.ts';
import { permanentUpkeepCodes, transientUpkeepCodes, witnessRefusal } from './codes/upkeep.ts';
import { usageCodes } from './codes/usage.ts';
import { valueCodes } from './codes/usage-values.ts';

export const errorCodes = {
  UsageError: { ...usageCodes, ...valueCodes },
  NotFoundError: notFoundCodes,
  IntegrityError: integrityCodes,
  ConfigError: configCodes,
  UnreachableError: { ...unreachableCodes, ...outageCodes },
  StorageError: storageCodes,
  StateError: stateCodes,
  TransientError: {
    ...transientNetworkCodes,
    ...transientMediaCodes,
    ...cutFile,
    ...transientUpkeepCodes,
    ...witnessRefusal,
  },
  ThrottledError: throttledCodes,
  PermanentError: {
    ...permanentNetworkCodes,
    ...permanentMediaCodes,
    ...pageLimitCodes,
    ...cutFile,
    ...toolCodes,
    ...permanentUpkeepCodes,
    ...witnessRefusal,
  },
} as const;

/** What each class says, whatever its code. */
export const errorClasses: Readonly<
  Record<keyof typeof errorCodes, { meaning: string; next: string }>
> = {
  UsageError: {
    meaning: 'The command or the call was wrong. Nothing was done.',
    next: 'Correct it.',
  },
  NotFoundError: { meaning: 'What was named is not there.', next: 'Name something else.' },
  IntegrityError: {
    meaning: 'Stored bytes or records are not what they were. Nothing is overwritten.',
    next: 'Find out what happened before anything else.',
  },
  ConfigError: { meaning: 'Settings are wrong.', next: 'Correct them.' },
  UnreachableError: {
    meaning: 'A service or program that Holdfast needs can’t be reached.',
    next: 'Start or install it. Workers try again by themselves.',
  },
  StorageError: {
    meaning: 'Nothing can be written.',
    next: 'Mend it. Workers try again by themselves.',
  },
  StateError: {
    meaning: 'As things stand, it can’t be done.',
    next: 'Change what stands in the way.',
  },
  TransientError: {
    meaning:
      'It failed for a reason that may pass. Such an error can also carry the [reason](reasons.md) of a step.',
    next: 'Nothing: jobs are tried again.',
  },
  ThrottledError: {
    meaning: 'A host asked to wait.',
    next: 'Nothing: jobs are tried again when the host said.',
  },
  PermanentError: {
    meaning: 'Trying again can’t help.',
    next: 'See the code.',
  },
};

type Codes = typeof errorCodes;

/** The codes of one class: `CodeOf<'UsageError'>`. */
export type CodeOf<Class extends keyof Codes> = keyof Codes[Class];

/** Every code that an error of Holdfast can carry. */
export type ErrorCode = { [Class in keyof Codes]: CodeOf<Class> }[keyof Codes];
