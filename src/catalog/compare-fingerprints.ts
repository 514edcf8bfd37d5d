/**
 * The index in which copies are found, compared with one that was made anew. Another version
 * of a decoder gives other pixels, so a hash counts as the same while it is near.
 */
import { mostDifferences, type Schemas, type TableDifference } from './compare-tables.ts';
import { escapeIdentifier, type Queryable } from './database.ts';

/** Far below the 31 bits by which copies are found, far above what two decoders differ by. */
const nearBits = 12;
/** Below it the one decoder's hash may just be good enough for the index, and the other's not. */
const tellingQuality = 60;

export async function compareFingerprints(
  db: Queryable,
  schemas: Pick<Schemas, 'expected' | 'live'>,
): Promise<TableDifference> {
  const expected = escapeIdentifier(schemas.expected);
  const live = escapeIdentifier(schemas.live);
  const hashesOf = (schema: string) =>
    `select file.sha256, hashed.at_ms, hashed.view, hashed.hash, hashed.quality
     from ${schema}.fingerprints hashed join ${schema}.fingerprinted_files file on file.id = file_id`;
  const lacking = (one: string, other: string) =>
    `array(
       select distinct concat_ws(' ', sha256, at_ms, view) from (${hashesOf(one)}) as one
       where quality >= ${tellingQuality} and not (${isUnsettled(live)}) and not exists (
         select from ${other}.fingerprinted_files file
         join ${other}.fingerprints near on near.file_id = file.id
         where file.sha256 = one.sha256 and near.at_ms is not distinct from one.at_ms
           and near.view = one.view and bit_count(near.hash # one.hash) <= ${nearBits})
       order by 1 limit ${mostDifferences})`;
  const { rows } = await db.query<TableDifference>(
    `select (select count(*) from ${expected}.fingerprints) as expected,
       ${lacking(expected, live)} as missing, ${lacking(live, expected)} as extra`,
  );
  const [found] = rows;
  if (found === undefined) throw new TypeError('a count is one row');
  return found;
}

/**
 * As a condition on `one.sha256`, a medium: a derive job is due, there are newer frames than the
 * index has, or some of its frames were removed by order.
 */
function isUnsettled(live: string): string {
  return `exists (
      select from removals where targets && array(
        select sha256 from artifacts made where made.derived_from = one.sha256
        union all
        select sha256 from derived_files made where made.derived_from = one.sha256))
    or exists (
      select from ${live}.artifacts held
      join ${live}.waiting_derivations using (capture_id) where held.sha256 = one.sha256)
    or exists (
      select from newest_derivations newest join derivations on derivations.id = newest.derivation_id
      where newest.subject = one.sha256 and newest.kind = 'keyframes'
        and finished_at > coalesce((
          select finished_at from newest_derivations hashes
          join derivations on derivations.id = hashes.derivation_id
          where hashes.subject = one.sha256 and hashes.kind = 'fingerprints'), '-infinity'))`;
}
