/**
 * The chains of cases in a bundle: nothing lacks of the case that was handed over. Of a capture
 * that was first kept for another case only its own entry is here, and nothing is claimed of the
 * chain that it stands in.
 */
import { plural } from '../../../base/plural.ts';
import { type BundleFinding, finding } from '../findings.ts';
import type { TrustedCheckpoints } from './log.ts';
import { type CaseChain, isRemoval, type LogFacts, type PlacedEntry } from './log-facts.ts';

/** Entries of a case come one after the other from its first, each naming the one before. */
export function follow(facts: LogFacts, entry: PlacedEntry, leaf: string): void {
  // What belongs to no case is the log's own; a bundle holds only some of it.
  if (entry.caseId === null) return;
  const chain = facts.cases.get(entry.caseId) ?? newChain();
  const fault = faultOf(entry, chain);
  if (fault !== null) chain.faults.push(finding('chain', `entry ${entry.index}`, 'invalid', fault));
  const { index, type, manifestSha256 } = entry;
  chain.entries.push({ index, manifestSha256: type === 'capture' ? manifestSha256 : null });
  facts.cases.set(entry.caseId, { ...chain, next: entry.caseSeq + 1, leaf });
}

function newChain(): CaseChain {
  return { next: 0, leaf: null, faults: [], entries: [] };
}

function faultOf({ caseSeq, casePrev }: PlacedEntry, { next, leaf }: CaseChain): string | null {
  if (caseSeq !== next)
    return `is number ${caseSeq} of its case where ${next} should follow: entries were left out`;
  return casePrev === leaf ? null : 'names another entry as the one before it';
}

/** One line a case; and that nothing of it can have been left out behind the last entry here. */
export function* describeChains(
  facts: LogFacts,
  checkpoints: TrustedCheckpoints,
): Generator<BundleFinding> {
  const shared = new Set([...facts.exports.values()].flatMap((one) => one.shared));
  for (const [caseId, chain] of facts.cases)
    yield* facts.exports.has(caseId) || facts.exports.size === 0
      ? wholeChain(caseId, chain)
      : otherChain(caseId, chain, shared);
  for (const entry of facts.undetailed) yield missingDetail(entry, facts);
  if (facts.exports.size === 0)
    yield finding('chain', 'export', 'incomplete', 'no entry says that this was handed over');
  else if (checkpoints.length > 0) yield upToTheEnd(facts, checkpoints.at(-1)?.size ?? 0);
}

function* wholeChain(caseId: string, { next, faults }: CaseChain): Generator<BundleFinding> {
  yield* faults;
  yield finding(
    'chain',
    `case ${caseId}`,
    'ok',
    `${plural(next, 'entry', 'entries')} from its first, none left out between them`,
  );
}

/** Only entries of captures that the export names as kept first for another case have a place here. */
function* otherChain(
  caseId: string,
  { entries, faults }: CaseChain,
  shared: ReadonlySet<string>,
): Generator<BundleFinding> {
  const strays = entries.filter(
    ({ manifestSha256 }) => manifestSha256 === null || !shared.has(manifestSha256),
  );
  for (const { index } of strays)
    yield finding(
      'chain',
      `entry ${index}`,
      'invalid',
      'is of a case that was not handed over, and no export here names it',
    );
  if (strays.length > 0) return yield* faults;
  yield finding(
    'chain',
    `case ${caseId}`,
    'note',
    `${plural(entries.length, 'capture')} first kept outside of the case that was handed over: each has its own entry here, and nothing is said about the rest of that chain`,
  );
}

/**
 * Details are not handed over where they may name captures of other cases: those of a removal
 * that belongs to no case, of which every target stands in the entry; and, where a case was
 * handed over, those of derivations and removals, for which the export speaks instead.
 */
function missingDetail(entry: PlacedEntry, facts: LogFacts): BundleFinding {
  const { index, type, caseId } = entry;
  const subject = `detail of entry ${index}`;
  const ofScope = caseId !== null && facts.exports.get(caseId)?.isOfCase === true;
  const mayLack =
    (isRemoval(entry) && caseId === null) ||
    (ofScope && (isRemoval(entry) || type === 'derivation'));
  return mayLack
    ? finding('entry', subject, 'note', 'not handed over: it may name captures of other cases')
    : finding('entry', subject, 'incomplete', `not supplied: the entry (${type}) rests on it`);
}

/**
 * An export is followed by nothing up to the checkpoint that is made over it. Where entries lack
 * there, the case may have gone on, and a later export of more captures been left out.
 */
function upToTheEnd({ places, exports }: LogFacts, size: number): BundleFinding {
  const first = Math.min(...[...exports.values()].map(({ index }) => index));
  const here = new Set(places.map(({ index }) => index).filter((index) => index >= first));
  const lacking = size - first - here.size;
  const subject = 'newest export';
  return lacking <= 0
    ? finding('chain', subject, 'ok', 'every entry from it to the newest checkpoint is here')
    : finding(
        'chain',
        subject,
        'incomplete',
        `${plural(lacking, 'entry', 'entries')} between it (entry ${first}) and the newest checkpoint (over ${size}) not here: later entries of the case, a later export among them, may have been left out`,
      );
}
