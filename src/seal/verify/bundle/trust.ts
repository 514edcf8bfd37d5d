/** What a bundle holds for convenience in `data/trust`: public keys and roots, each where it belongs. */
import { type BundleFinding, finding } from '../findings.ts';
import { fromBase64, sameBytes, textOf, toHex } from '../formats/bytes.ts';
import { type NoteError, parseVkey, type VerifierKey } from '../formats/note.ts';
import { type BundleFiles, readWhole } from './files.ts';
import { messageOf, mostOwnKeys, textLines } from './log.ts';
import { paths, publicKeyName } from './paths.ts';

const longestKeyBytes = 4_096;
/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410). */
const ed25519Head = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0);

/**
 * A key that stands under the name of another would be taken for it by who checks with openssl.
 * @returns the paths that have a place in that folder
 */
export async function* verifyTrustFolder(
  files: BundleFiles,
  trusted: VerifierKey[],
): AsyncGenerator<BundleFinding, Set<string>> {
  const known = new Set<string>([paths.vkeys, paths.roots, paths.witnesses]);
  const keys = new Map(trusted.map((key) => [toHex(key.keyId), key]));
  for (const line of (await textLines(files, paths.vkeys)).slice(0, mostOwnKeys)) {
    const key = await parseVkey(line).catch((error: NoteError) => error);
    if (key instanceof Error) yield finding('file', paths.vkeys, 'invalid', key.message);
    else if (!keys.has(toHex(key.keyId))) keys.set(toHex(key.keyId), key);
  }
  for (const path of files.sizes().keys()) {
    const key = keys.get(publicKeyName.exec(path)?.[1] ?? '');
    if (key === undefined) continue;
    known.add(path);
    const fault = await keyFault(files, path, key);
    if (fault !== null) yield finding('file', path, 'invalid', fault);
  }
  return known;
}

async function keyFault(
  files: BundleFiles,
  path: string,
  { publicKey, vkey }: VerifierKey,
): Promise<string | null> {
  try {
    const pem = textOf(await readWhole(files, path, longestKeyBytes));
    const form = /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=\n]+)-----END PUBLIC KEY-----\n$/;
    const der = fromBase64((form.exec(pem)?.[1] ?? '').replaceAll('\n', ''));
    const isSo =
      der !== null &&
      sameBytes(der.subarray(0, ed25519Head.length), ed25519Head) &&
      sameBytes(der.subarray(ed25519Head.length), publicKey);
    return isSo ? null : `is not the key that its name says (${vkey})`;
  } catch (error) {
    return messageOf(error);
  }
}
