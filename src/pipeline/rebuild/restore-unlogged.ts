/** Which records of the vault are in no batch of the log yet: they wait for one. */
import type { Queryable } from '../../catalog/database.ts';
import { entriesOfTypeFrom } from '../../catalog/log-entries.ts';
import { noteThere, pagesOf } from '../custody/older-records.ts';
import { recordsIn } from '../custody/records-detail.ts';
import { batchedKinds } from '../keep-record.ts';
import type { Parts } from '../parts.ts';

const entriesAtOnce = 100;

/** After everything else. An archive may have millions of records, so the database compares. */
export async function restoreUnlogged(
  parts: Pick<Parts, 'vault'>,
  tx: Queryable,
  signal?: AbortSignal,
): Promise<void> {
  await tx.query('create temporary table logged_records (kind text, name text) on commit drop');
  await readBatches(parts, tx, signal);
  await tx.query('create index on logged_records (kind, name)');
  for (const kind of batchedKinds)
    for await (const page of pagesOf(parts.vault.recordNames(kind), signal)) {
      const { rows } = await tx.query<{ name: string }>(
        `select name from unnest($2::text[]) as name
         where not exists (select from logged_records where kind = $1 and logged_records.name = name.name)`,
        [kind, page],
      );
      await noteThere(
        parts,
        tx,
        kind,
        rows.map(({ name }) => name),
      );
    }
  await tx.query('drop table logged_records');
}

/** Details that are missing are for `verify` to name; their records wait for another batch. */
async function readBatches(
  { vault }: Pick<Parts, 'vault'>,
  tx: Queryable,
  signal?: AbortSignal,
): Promise<void> {
  for (let from = 0; ; ) {
    const entries = await entriesOfTypeFrom(tx, 'records', from, entriesAtOnce);
    for (const { detailSha256 } of entries) {
      signal?.throwIfAborted();
      const records = (detailSha256 && (await recordsIn(vault, detailSha256))) || [];
      await tx.query('insert into logged_records select * from unnest($1::text[], $2::text[])', [
        records.map(({ kind }) => kind),
        records.map(({ name }) => name),
      ]);
    }
    const last = entries.at(-1);
    if (last === undefined) return;
    from = last.idx + 1;
  }
}
