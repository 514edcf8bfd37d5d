/** What the verifier says: one line a finding, a verdict, and what a pass is worth. */

export type FindingKind =
  | 'bag'
  | 'file'
  | 'derivation'
  | 'manifest'
  | 'entry'
  | 'chain'
  | 'checkpoint'
  | 'consistency'
  | 'token'
  | 'ots'
  | 'time'
  | 'witness'
  | 'removal'
  | 'warning';

/**
 * `invalid`: something is not what it claims to be. `incomplete`: something that is needed
 * to tell is not here. `note`: not a fault, but the reader must know it.
 */
export type Result = 'ok' | 'invalid' | 'incomplete' | 'note';

export interface BundleFinding {
  kind: FindingKind;
  subject: string;
  result: Result;
  message: string;
}

export function finding(
  kind: FindingKind,
  subject: string,
  result: Result,
  message: string,
): BundleFinding {
  return { kind, subject, result, message };
}

export type Verdict = 'valid' | 'invalid' | 'incomplete';

/** Counts lines as they pass, so that a long run need not keep them. */
export interface Tally {
  findings: number;
  invalid: number;
  incomplete: number;
  /** What must be said beside any verdict. */
  warnings: string[];
}

export function newTally(): Tally {
  return { findings: 0, invalid: 0, incomplete: 0, warnings: [] };
}

const mostWarnings = 100;

export function count(tally: Tally, { kind, subject, result, message }: BundleFinding): void {
  tally.findings += 1;
  if (result === 'invalid') tally.invalid += 1;
  if (result === 'incomplete') tally.incomplete += 1;
  if (kind === 'warning' && tally.warnings.length < mostWarnings)
    tally.warnings.push(`${subject}: ${message}`);
}

export function verdictOf({ invalid, incomplete }: Tally): Verdict {
  if (invalid > 0) return 'invalid';
  return incomplete > 0 ? 'incomplete' : 'valid';
}

export const bundleStatement =
  'A pass proves that these files are the ones whose digests were entered in the log that the given key signed, ' +
  'that no entry of the case which was handed over was left out up to the export, that this log continues the earlier checkpoint if one was given, ' +
  'and that the sealed captures existed no later than the timestamps say, on the word of the authorities whose roots were given. ' +
  'An OpenTimestamps proof shows that only together with the header of the Bitcoin block that it names; a pending one shows nothing. ' +
  'Derivations (keyframes, text read from pictures and the like) are checked against the log as well. They are not evidence, and are only as good as the tool that made them. ' +
  'Of a capture that was first kept for another case only its own entry, manifest and proof are here: the chain in which that entry stands is not, and nothing is said about what else it holds. ' +
  'A pass does not prove that what was captured is true, that the machine which captured it was honest, ' +
  'that nothing was captured and left out of the log, or, without an earlier checkpoint or a witness, that nobody was shown a different log. ' +
  'What is listed as not covered by the log (the report, the README, the web archive, keys and roots) is there for reading and convenience: anybody may have put it there.';
