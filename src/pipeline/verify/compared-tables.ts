/** Which tables of the catalog are compared with the vault, and which rows of them may not be there yet. */
import type { ComparedTable } from '../../catalog/compare-tables.ts';
import { sourceEvents } from '../../model/event-kinds.ts';

/**
 * Written before what may still be on its way (`$2`), or later than any honest clock: a row that
 * is dated ahead is no younger for it.
 */
const settled = (time: string) =>
  `(${time} < $2 or ${time} > $2::timestamptz + interval '15 minutes')`;

const ofClosed = 'capture_id in (select capture_id from capture_outcomes)';

/** Words that stand in a file which was removed by order can't be compared with it any more. */
const withFiles = `not exists (
  select from removals join artifacts on artifacts.sha256 = any (removals.targets)
  where artifacts.capture_id = one.capture_id)`;

/** Before the first batch, an archive may have events and ended watches that no record tells of. */
const hasBatches = `exists (select from log_entries where type = 'records')`;

const concluded = Object.keys(sourceEvents)
  .filter((kind) => kind !== 'changed')
  .map((kind) => `'${kind}'`)
  .join(', ');

/** Every append-only table but those below. */
export const appendOnly: ComparedTable[] = [
  { table: 'submissions', complete: settled('submitted_at') },
  { table: 'captures', complete: settled('opened_at') },
  { table: 'source_aliases', complete: ofClosed },
  { table: 'step_attempts', complete: ofClosed },
  // The id is made anew by every rebuild, and nothing refers to it.
  { table: 'artifacts', ignored: ['id'], complete: ofClosed },
  {
    table: 'observations',
    // A capture's are in its manifest once it is closed, a check's in the record of the check.
    complete: ({ live }) => `case
      when capture_id is not null then ${ofClosed}
      when check_id is not null then exists (
        select from ${live}.checks where checks.id = one.check_id and ${settled('checked_at')})
      else true end`,
  },
  {
    table: 'events',
    only: `capture_id is not null or kind not in (${concluded}) or ${hasBatches}`,
    complete: ({ live }) => `case
      when capture_id is not null then ${ofClosed}
      else ${hasBatches} and not exists (
        select from ${live}.event_stream told where told.event_id = one.id and told.position > $3)
      end`,
  },
  { table: 'checks', complete: settled('checked_at') },
  { table: 'captured_posts', complete: ofClosed },
  { table: 'captured_pages', only: withFiles, complete: ofClosed },
  { table: 'captured_texts', only: withFiles, complete: ofClosed },
  { table: 'derivations', complete: settled('finished_at') },
  {
    table: 'derived_files',
    complete: `derivation_id in (select id from derivations where ${settled('finished_at')})`,
  },
  { table: 'derive_jobs', complete: settled('finished_at') },
  { table: 'capture_outcomes', complete: settled('finished_at') },
  { table: 'cluster_decisions', complete: settled('decided_at') },
  { table: 'graphic_marks', complete: settled('marked_at') },
  { table: 'pseudonyms', complete: settled('made_at') },
  { table: 'log_entries', complete: settled('at') },
  { table: 'log_nodes', complete: 'false' },
  // A checkpoint carries no time of its own.
  { table: 'checkpoints', ignored: ['made_at'], complete: settled('made_at') },
  { table: 'checkpoint_timestamps', complete: settled('stored_at') },
  { table: 'checkpoint_cosignatures', complete: settled('signed_at') },
  { table: 'fixity_checks', complete: settled('checked_at') },
  { table: 'filings', complete: settled('at') },
  { table: 'holds', complete: settled('at') },
  { table: 'removals', complete: settled('at') },
];

/** Append-only too, but nothing in the vault tells of them: who was told what, and who took note. */
export const notCompared = ['alert_attempts', 'alert_acknowledgements'];

/** Nobody asks these for evidence, but everybody looks at what they hold. */
const projections: ComparedTable[] = [
  {
    table: 'source_now',
    // What the next visit is compared with, and whose the source is; nobody is shown either.
    ignored: ['content', 'steady', 'party'],
    only: ({ expected, live }) => `
      -- What is observed at this moment is concluded about in the next.
      not exists (
        select from ${live}.observations made
        where md5(made.source_key) = md5(one.source_key) and made.source_key = one.source_key
          and case
            when made.capture_id is not null then made.capture_id not in (
              select capture_id from ${expected}.capture_outcomes)
            else not exists (
              select from ${live}.checks
              where checks.id = made.check_id and ${settled('checked_at')})
            end
          and not exists (select from ${expected}.observations known where known.id = made.id))
      -- Nobody wrote down by which rule it was concluded.
      and not exists (
        select from ${expected}.source_now known
        where md5(known.source_key) = md5(one.source_key) and known.source_key = one.source_key
          and known.rule is null)`,
  },
  {
    table: 'watches',
    // When it is due next changes with every visit.
    ignored: ['next_due_at', 'last_swept_at', 'born_at', 'hot_until'],
    // Those of a case or an author follow from its own.
    only: `${hasBatches} and (scope is null or state <> 'active')`,
  },
  {
    table: 'searchable_captures',
    digested: ['words', 'addresses'],
    // Whether a source has changed is known by events. What has changed since is made again
    // before anybody searches.
    only: ({ live }) => `${hasBatches} and ${ofClosed} and not exists (
      select from ${live}.searchable_stale stale where stale.capture_id = one.capture_id)`,
  },
  { table: 'newest_derivations' },
  { table: 'derived_texts' },
  { table: 'sound_prints', ignored: ['made_at'] },
  { table: 'unlogged_records', ignored: ['noted_at'], only: hasBatches },
];

export const compared = [...appendOnly, ...projections];
