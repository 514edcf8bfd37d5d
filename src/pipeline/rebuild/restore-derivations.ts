/** Derivations from their records in the vault; captures that have none yet wait for their job. */
import type { Queryable } from '../../catalog/database.ts';
import { formerSteps } from '../../model/derivation.ts';
import { readDerivation } from '../../seal/derivation.ts';
import { askForDerivations } from '../derive/ask-for-derivations.ts';
import { textsIn, writeRows } from '../derive/keep-derivation.ts';
import type { Parts } from '../parts.ts';
import { naming } from '../vault-records.ts';

/** After the captures and the log, whose entries name the derive jobs that ended. */
export async function restoreDerivations(
  parts: Parts,
  tx: Queryable,
  signal?: AbortSignal,
): Promise<void> {
  for await (const { name, bytes } of parts.vault.records('derivations')) {
    signal?.throwIfAborted();
    await naming(`derivations/${name}`, async () => {
      const written = readDerivation(bytes);
      if (written.derivation.id !== name) throw new TypeError(`it is ${written.derivation.id}`);
      await writeRows(tx, written, await textsIn(parts, written.derivation));
    });
  }
  for (const captureId of await capturesWithoutJob(tx)) {
    signal?.throwIfAborted();
    await askForDerivations(parts, tx, captureId);
  }
}

/** Those of 0.1.0, whose manifests hold what was made of them, have had theirs. */
async function capturesWithoutJob(tx: Queryable): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select capture_id as id from capture_outcomes
     where not exists (select from derive_jobs where capture_id = capture_outcomes.capture_id)
       and not exists (
         select from step_attempts
         where capture_id = capture_outcomes.capture_id and step = any($1))
     order by capture_id`,
    [formerSteps],
  );
  return rows.map(({ id }) => id);
}
