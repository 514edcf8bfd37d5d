/** The details of a `records` entry: SHA-256 by name, by kind of record. */
import { z } from 'zod';
import type { UnloggedRecord } from '../../catalog/unlogged-records.ts';
import type { Vault } from '../../vault/vault.ts';
import { batchedKinds } from '../keep-record.ts';
import { readRecord } from '../vault-records.ts';

const shelves = z.object({
  records: z.partialRecord(
    z.enum(batchedKinds),
    z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
  ),
});

export function detailOf(batch: UnloggedRecord[]): z.infer<typeof shelves> {
  const byKind = Map.groupBy(batch, ({ kind }) => kind);
  const records = [...byKind].map(([kind, those]) => [
    kind,
    Object.fromEntries(those.map(({ name, sha256 }) => [name, sha256])),
  ]);
  return { records: Object.fromEntries(records) };
}

/** @throws IntegrityError `record-unreadable`; `null` where the details are missing */
export async function recordsIn(
  vault: Pick<Vault, 'readRecord'>,
  detailSha256: string,
): Promise<UnloggedRecord[] | null> {
  const bytes = await vault.readRecord('log-details', detailSha256);
  if (bytes === null) return null;
  const { records } = readRecord(`log-details/${detailSha256}`, shelves, bytes);
  return batchedKinds.flatMap((kind) =>
    Object.entries(records[kind] ?? {}).map(([name, sha256]) => ({ kind, name, sha256 })),
  );
}
