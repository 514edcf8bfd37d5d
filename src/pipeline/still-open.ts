/** Whether something can still be added to a capture. */

import { PermanentError } from '../base/errors.ts';
import { lockCapture, refuseIfClosed } from '../catalog/captures.ts';
import type { Queryable } from '../catalog/database.ts';
import type { Parts } from './parts.ts';

/**
 * Once the manifest lies in the vault, what it says is all that the capture has: also where
 * the process was killed before the catalog knew it as closed.
 */
export async function hasManifest(
  { vault }: Pick<Parts, 'vault'>,
  captureId: string,
): Promise<boolean> {
  return (await vault.readRecord('manifests', captureId)) !== null;
}

/** @throws PermanentError `capture-closed` */
export async function refuseIfWritten(parts: Parts, captureId: string): Promise<void> {
  if (!(await hasManifest(parts, captureId))) return;
  throw new PermanentError(
    'capture-closed',
    `capture ${captureId} has its manifest: only its seal can follow`,
  );
}

/** Rows that no step's end waits for, in one transaction. @throws PermanentError `capture-closed` */
export async function whileOpen(
  parts: Parts,
  captureId: string,
  write: (tx: Queryable) => Promise<void>,
): Promise<void> {
  await parts.database.transaction(async (tx) => {
    await lockCapture(tx, captureId);
    await refuseIfClosed(tx, captureId);
    await refuseIfWritten(parts, captureId);
    await write(tx);
  });
}
