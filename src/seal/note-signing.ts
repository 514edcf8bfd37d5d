/** Signing C2SP notes, checkpoints and cosignatures (signed-note, tlog-checkpoint and tlog-cosignature, v1). */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';

/** An Ed25519 key under the name that its notes carry. */
export interface NoteSigner {
  name: string;
  /** Private. */
  key: KeyObject;
}

/** Algorithm bytes of the signed-note specification. */
const ed25519 = 0x01;
const cosignature = 0x04;

export interface TreeHead {
  origin: string;
  size: number;
  root: Uint8Array;
}

/** The text that is signed, without extension lines. */
export function checkpointText({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/** The text with a signature line of each. Ed25519 is deterministic: same text and keys, same bytes. */
export function signNote(text: string, signers: NoteSigner[]): string {
  const lines = signers.map(({ name, key }) =>
    signatureLine(name, keyId(name, key, ed25519), sign(null, Buffer.from(text), key)),
  );
  return `${text}\n${lines.join('')}`;
}

/** One more line for a checkpoint: that it is consistent with all that the witness saw before `at`. */
export function cosign(text: string, { name, key }: NoteSigner, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
  return signatureLine(
    name,
    keyId(name, key, cosignature),
    Buffer.concat([time, sign(null, message, key)]),
  );
}

/** What others need to check notes of this key: `name+id+key`. */
export function vkeyOf(signer: NoteSigner, kind: 'note' | 'witness' = 'note'): string {
  const algorithm = kind === 'note' ? ed25519 : cosignature;
  const id = keyId(signer.name, signer.key, algorithm).toString('hex');
  const key = Buffer.concat([Buffer.of(algorithm), publicBytes(signer.key)]).toString('base64');
  return `${signer.name}+${id}+${key}`;
}

function signatureLine(name: string, id: Buffer, signature: Buffer): string {
  return `\u2014 ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

function keyId(name: string, key: KeyObject, algorithm: number): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.of(algorithm))
    .update(publicBytes(key))
    .digest()
    .subarray(0, 4);
}

function publicBytes(key: KeyObject): Buffer {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}
