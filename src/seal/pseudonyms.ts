/** Names of people and cases stay out of the log: entries carry a random id, and this is where it comes from. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Database } from '../catalog/database.ts';
import { lockLog } from '../catalog/log-entries.ts';
import { insertPseudonym, type PseudonymRow, pseudonymOf } from '../catalog/pseudonyms.ts';
import type { Vault } from '../vault/vault.ts';
import { canonicalJson } from './canonical-json.ts';

const record = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  kind: z.enum(['actor', 'case']),
  name: z.string(),
  madeAt: z.coerce.date(),
});

/** The id of a name, made on first use. Call it outside of other transactions: it is kept for good. */
export async function pseudonymFor(
  store: { database: Database; vault: Vault },
  kind: PseudonymRow['kind'],
  name: string,
): Promise<string> {
  const known = await pseudonymOf(store.database, kind, name);
  if (known !== null) return known;
  return store.database.transaction(async (tx) => {
    await lockLog(tx);
    const meanwhile = await pseudonymOf(tx, kind, name);
    if (meanwhile !== null) return meanwhile;
    const row = { id: randomBytes(16).toString('hex'), kind, name, madeAt: new Date() };
    const bytes = canonicalJson({ ...row, madeAt: row.madeAt.toISOString() });
    await store.vault.keepRecord('pseudonyms', row.id, bytes);
    await insertPseudonym(tx, row);
    return row.id;
  });
}

/** @throws ZodError or SyntaxError */
export function readPseudonym(bytes: Uint8Array): PseudonymRow {
  return record.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}
