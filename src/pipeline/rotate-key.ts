/**
 * A new key for the log. The old one signs a statement that names the new one, which is
 * entered in the log; both sign the next checkpoint; then the old one is deleted.
 */
import { lockLog } from '../catalog/log-entries.ts';
import { currentSigner, makeSigner, type PublicKey, publicKeys, publishKey } from '../seal/keys.ts';
import { signNote, vkeyOf } from '../seal/note-signing.ts';
import { logOrigin, logStore, makeCheckpoint } from './checkpoint.ts';
import { noteCustody } from './custody.ts';
import type { Parts } from './parts.ts';

/** @throws HoldfastError `signing-key-missing` where the old key isn't on this machine */
export async function rotateKey(
  parts: Parts,
  given: { by: string; reason: string },
): Promise<PublicKey[]> {
  const { keysFolder } = logStore(parts);
  // The first key is made here where there is none, and everything so far is signed by the old one.
  await parts.database.transaction(async (tx) => {
    await lockLog(tx);
    await currentSigner(parts.vault, keysFolder, await logOrigin(parts, tx));
  });
  await makeCheckpoint(parts);
  const origin = await logOrigin(parts);
  const old = await currentSigner(parts.vault, keysFolder, origin);
  const successor = await makeSigner(keysFolder, origin);
  const at = new Date().toISOString();
  const text = `holdfast key rotation\n${origin}\nold ${vkeyOf(old)}\nnew ${vkeyOf(successor)}\nat ${at}\n`;
  const number = ((await publicKeys(parts.vault)).at(-1)?.number ?? 0) + 1;
  await noteCustody(
    parts,
    {
      type: 'key-rotated',
      by: given.by,
      detail: {
        origin,
        old: vkeyOf(old),
        new: vkeyOf(successor),
        reason: given.reason,
        at,
        statement: signNote(text, [old, successor]),
      },
    },
    // Before the commit: where this is killed, the entry is in the vault already.
    () => publishKey(parts.vault, number, successor),
  );
  await makeCheckpoint(parts);
  return publicKeys(parts.vault);
}
