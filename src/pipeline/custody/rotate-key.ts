/**
 * A new key for the log. The old one signs a statement that names the new one, which is
 * entered in the log; both sign the next checkpoint; then the old one is deleted.
 */

import { StateError } from '../../base/errors.ts';
import { lockLog } from '../../catalog/log-entries.ts';
import {
  currentSigner,
  makeSigner,
  type PublicKey,
  publicKeys,
  publishKey,
  removePrivate,
} from '../../seal/keys.ts';
import { signNote, vkeyOf } from '../../seal/note-signing.ts';
import type { Parts } from '../parts.ts';
import { logOrigin, logStore, makeCheckpoint } from './checkpoint.ts';
import { noteCustody } from './custody-event.ts';

/**
 * @throws StateError `signing-key-missing` where the old key isn't on this machine,
 *   `key-rotated-meanwhile`
 */
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
      unless: async () => {
        if (await isNewest(parts, vkeyOf(old))) return;
        await removePrivate(keysFolder, vkeyOf(successor).split('+')[1] ?? '');
        throw new StateError(
          'key-rotated-meanwhile',
          'this key was replaced a moment ago by somebody else',
        );
      },
    },
    // Before the commit. Where this is killed sooner, the entry brings its key: see `adoptDetail`.
    () => publishKey(parts.vault, number, vkeyOf(successor)),
  );
  await makeCheckpoint(parts);
  return publicKeys(parts.vault);
}

async function isNewest({ vault }: Pick<Parts, 'vault'>, vkey: string): Promise<boolean> {
  return (await publicKeys(vault)).at(-1)?.vkey === vkey;
}
