/** Pages about how things end: exit codes, error codes, reasons of steps. */
import {
  cancelledReasons,
  excludedReasons,
  notKeptReasons,
} from '../../src/base/codes/exchanges.ts';
import { extractorOutcomes } from '../../src/base/codes/extractor.ts';
import { mediaNotes, pageNotes } from '../../src/base/codes/notes.ts';
import { rejections } from '../../src/base/codes/rejections.ts';
import { stateCodes } from '../../src/base/codes/situation.ts';
import { errorClasses, errorCodes } from '../../src/base/error-codes.ts';
import * as classes from '../../src/base/errors.ts';
import { type ExitCode, exits } from '../../src/base/exit-codes.ts';
import { stepReasons } from '../../src/base/reasons.ts';
import { code, codes, page, section, table } from './markdown.ts';

export function exitCodesPage(): string {
  const rows = Object.values(exits).map((exit) => [
    String(exit.code),
    exit.meaning,
    exit.when,
    exit.todo,
  ]);
  return page(
    'Exit codes',
    'Every verb of the command line ends with one of these. Where several apply, the verb’s own finding wins over a partial failure.',
    table(['Code', 'Means', 'When', 'What to do'], rows),
  );
}

export type ErrorClass = keyof typeof errorCodes;

/** The exit code of a class, from the class itself; of StateError each code has its own. */
export function exitCodeOf(name: Exclude<ErrorClass, 'StateError'>): ExitCode {
  const made = {
    UsageError: () => new classes.UsageError('exists', ''),
    NotFoundError: () => new classes.NotFoundError('no-file', ''),
    IntegrityError: () => new classes.IntegrityError('log-differs', ''),
    ConfigError: () => new classes.ConfigError([]),
    UnreachableError: () => new classes.UnreachableError('no-browser', ''),
    StorageError: () => new classes.StorageError('disk-full', ''),
    TransientError: () => new classes.TransientError('reset', ''),
    ThrottledError: () => new classes.ThrottledError('', 0),
    PermanentError: () => new classes.PermanentError('gone', ''),
  }[name]();
  return made.exitCode;
}

export function errorsPage(): string {
  const sections = (Object.keys(errorCodes) as ErrorClass[]).map((name) => {
    const { meaning, next } = errorClasses[name];
    const ends =
      name === 'StateError'
        ? `Exit codes: ${Object.entries(stateCodes)
            .map(([one, { exitCode }]) => `${code(one)} ${exitCode}`)
            .join(', ')}.`
        : `Exit code ${exitCodeOf(name)}.`;
    return section(name, `${meaning} ${next} ${ends}`, codes(errorCodes[name]));
  });
  return page(
    'Error codes',
    'A failed command prints one line, with the code in square brackets at its end: `holdfast: there is no capture "0f3a" [no-capture]`. The library throws errors of these classes with the same `code`. Codes are stable; messages may change. A code also stands as the reason of a step that it ended: see [reasons](reasons.md).',
    ...sections,
  );
}

export function reasonsPage(): string {
  return page(
    'Reasons and notes',
    'Why a step of a capture ended as it did (`steps[].reason`), why a request is not in the WARC, what a reader should know, and why a link led to no capture. Beside the reasons below, a step can name the [code of the error](errors.md) that ended it; the record step also a [signal](signals.md); and the media step the platform’s own word for why it withholds a medium.',
    ...Object.entries(stepReasons).map(([step, reasons]) =>
      section(`Step reasons: ${step}`, codes(reasons, 'Reason')),
    ),
    section(
      'Where the extractor was not asked',
      'In the detail of the media step, as `extractor.outcome`.',
      codes(extractorOutcomes, 'Outcome'),
    ),
    section(
      'Requests of a page',
      'Every request of a page is listed with its class. `recorded`: it is in the WARC. `origin-failed`: the server or the way to it failed; its reason is an [error code](errors.md). The others:',
      '### Excluded: not part of what the page shows',
      codes(excludedReasons, 'Reason'),
      '### Cancelled by the page',
      codes(cancelledReasons, 'Reason'),
      '### Not kept: something is missing, and the capture can’t be complete',
      'Also `timed-out` and `too-large`, which are [error codes](errors.md).',
      codes(notKeptReasons, 'Reason'),
    ),
    section('Notes on a page', 'In the detail of the page step.', codes(pageNotes, 'Note')),
    section(
      'Notes on media',
      'In the detail of the media step and of the derivation `keyframes`, as `code: words`. An [error code](errors.md) can stand there too.',
      codes(mediaNotes, 'Note'),
    ),
    section(
      'Rejected links',
      'A submission that leads to no capture says why.',
      codes(rejections, 'Reason'),
    ),
  );
}
