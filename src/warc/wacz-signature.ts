/**
 * Signs a WACZ in the anonymous form of WACZ Auth 0.1.0: it shows that the package is as the holder
 * of this key made it, not who that is and, as nobody else vouches for the time, not when.
 */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';

export interface SignedData {
  /** `sha256:<hex>` of `datapackage.json`: the text that is signed. */
  hash: string;
  /** The same string as `created` in the package: py-wacz compares them. */
  created: string;
  software: string;
  version: '0.1.0';
  /** ECDSA over P-384 with SHA-256, r and s side by side (IEEE P1363), base64. */
  signature: string;
  /** SPKI, base64. */
  publicKey: string;
}

/** ECDSA draws a number for each signature: signing twice gives two, so keep what this returns. */
export function signPackage(
  datapackage: string,
  created: string,
  software: string,
  key: KeyObject,
): SignedData {
  const hash = hashOf(datapackage);
  const signature = sign('sha256', Buffer.from(hash), { key, dsaEncoding: 'ieee-p1363' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    hash,
    created,
    software,
    version: '0.1.0',
    signature: signature.toString('base64'),
    publicKey: publicKey.toString('base64'),
  };
}

/** Content of `datapackage-digest.json`. */
export function packageDigest(datapackage: string, signedData: SignedData): string {
  const digest = { path: 'datapackage.json', hash: hashOf(datapackage), signedData };
  return `${JSON.stringify(digest, null, 2)}\n`;
}

export function hashOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
