/** Enters closed captures in the log: each once, whoever is killed on the way. */
import { createHash } from 'node:crypto';
import type { Queryable } from '../../catalog/database.ts';
import { entryOfManifest, unloggedCaptures } from '../../catalog/log-entries.ts';
import { appendEntry, takeLog } from '../../seal/log.ts';
import { type Manifest, readManifest } from '../../seal/manifest.ts';
import { pseudonymFor } from '../../seal/pseudonyms.ts';
import type { Parts } from '../parts.ts';
import { logStore } from './checkpoint.ts';

/** The entry of a capture, once: it may lie in the vault already, left by a process that was killed. */
export async function enterCapture(
  parts: Parts,
  tx: Queryable,
  manifest: Manifest,
  manifestSha256: string,
  ids: { collector?: { id: string } | undefined; case?: { id: string } | undefined },
): Promise<void> {
  const store = logStore(parts);
  await takeLog(tx, store);
  if ((await entryOfManifest(tx, manifestSha256)) !== null) return;
  const actor = manifest.collector?.id ?? ids.collector?.id;
  const caseId = manifest.case?.id ?? ids.case?.id;
  if (actor === undefined || caseId === undefined) throw new TypeError('a capture has a collector');
  await appendEntry(tx, store, { type: 'capture', actor, case: caseId, manifestSha256 });
}

/**
 * Enters closed captures that the log lacks: those from before there was one, and those
 * that a rebuild closed from their manifests. @returns how many
 */
export async function enterUnlogged(parts: Parts, signal: AbortSignal): Promise<number> {
  const ids = await unloggedCaptures(parts.database, 500);
  let entered = 0;
  for (const captureId of ids) {
    signal.throwIfAborted();
    const bytes = await parts.vault.readRecord('manifests', captureId);
    if (bytes === null) continue; // `verify` says so
    const manifest = readManifest(bytes);
    const { by, case: caseName } = manifest.submission;
    const ids = {
      collector: { id: await pseudonymFor(parts, 'actor', by) },
      case: { id: await pseudonymFor(parts, 'case', caseName ?? '') },
    };
    await parts.database.transaction((tx) => enterCapture(parts, tx, manifest, sha256(bytes), ids));
    entered += 1;
  }
  return entered;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
