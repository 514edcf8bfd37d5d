/** The log's tree, notes and signatures against published vectors and against their definition. */
import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PermanentError } from '../src/base/errors.ts';
import { readEntry, writeEntry } from '../src/seal/log-entry.ts';
import {
  consistencyProof,
  emptyRoot,
  grow,
  inclusionProof,
  joinedBy,
  leafHash,
  type ReadNodes,
  rootOf,
} from '../src/seal/merkle-tree.ts';
import { checkpointText, cosign, signNote, vkeyOf } from '../src/seal/note-signing.ts';
import { tokenIn } from '../src/seal/timestamp-request.ts';
import { verifyConsistency, verifyInclusion } from '../src/seal/verify/formats/merkle.ts';
import {
  parseCheckpoint,
  parseNote,
  parseVkey,
  verifyNote,
} from '../src/seal/verify/formats/note.ts';
import { openWitness } from '../src/seal/witness.ts';
import { fc } from './support/property.ts';

/** A tree in memory that counts how many stored hashes its last question needed. */
class Tree {
  readonly nodes = new Map<string, Buffer>();
  size = 0;
  asked = 0;
  readonly read: ReadNodes = async (wanted) => {
    this.asked += wanted.length;
    return wanted.map(({ level, idx }) => {
      const hash = this.nodes.get(`${level}/${idx}`);
      if (hash === undefined) throw new Error(`no subtree ${level}/${idx}`);
      return hash;
    });
  };

  async append(entry: Uint8Array): Promise<void> {
    const joined = await this.read(joinedBy(this.size));
    for (const { level, idx, hash } of grow(this.size, leafHash(entry), joined))
      this.nodes.set(`${level}/${idx}`, hash);
    this.size += 1;
  }
}

async function treeOf(entries: Uint8Array[]): Promise<Tree> {
  const tree = new Tree();
  for (const entry of entries) await tree.append(entry);
  return tree;
}

/** RFC 6962 section 2.1, word for word: slow, and for comparison only. */
function defined(entries: Uint8Array[]): Buffer {
  const sha256 = (...parts: Uint8Array[]) =>
    parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
  const [only] = entries;
  if (only === undefined) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), only);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha256(Buffer.of(1), defined(entries.slice(0, k)), defined(entries.slice(k)));
}

/** The leaves and roots that the reference implementation of Certificate Transparency is tested with. */
const reference = {
  leaves: [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map((hex) => Buffer.from(hex, 'hex')),
  roots: [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
};

describe('the tree', () => {
  test('has the eight reference roots of RFC 6962, and that of nothing', async () => {
    expect(emptyRoot.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    const tree = new Tree();
    const roots: string[] = [];
    for (const leaf of reference.leaves) {
      await tree.append(leaf);
      roots.push((await rootOf(tree.size, tree.read)).toString('hex'));
    }
    expect(roots).toEqual(reference.roots);
    // Older roots stay what they were.
    expect((await rootOf(3, tree.read)).toString('hex')).toBe(reference.roots[2]);
  });

  test('has the root of the definition, whatever its size', async () => {
    const entries = Array.from({ length: 70 }, (_, index) => Buffer.from(`entry ${index}`));
    const tree = await treeOf(entries);
    for (let size = 0; size <= entries.length; size += 1) {
      const root = await rootOf(size, tree.read);
      expect(root.equals(defined(entries.slice(0, size)))).toBe(true);
    }
  });

  test('proves every entry of every size, and a proof fits no other place', async () => {
    const entries = Array.from({ length: 300 }, (_, index) => Buffer.from(`entry ${index}`));
    const tree = await treeOf(entries);
    const sizeAndIndex = fc
      .integer({ min: 1, max: entries.length })
      .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(size - 1)));
    await fc.assert(
      fc.asyncProperty(sizeAndIndex, async ([size, index, other]) => {
        const root = await rootOf(size, tree.read);
        const proof = await inclusionProof(index, size, tree.read);
        const leaf = leafHash(entries[index] as Buffer);
        expect(await verifyInclusion({ index, size, leaf, proof }, root)).toBe(true);
        if (other === index) return;
        expect(await verifyInclusion({ index: other, size, leaf, proof }, root)).toBe(false);
      }),
    );
  });

  test('proves that it begins with every tree that it was, and with no other', async () => {
    const entries = Array.from({ length: 300 }, (_, index) => Buffer.from(`entry ${index}`));
    const tree = await treeOf(entries);
    const sizes = fc
      .integer({ min: 1, max: entries.length })
      .chain((size) => fc.tuple(fc.nat(size), fc.constant(size)));
    await fc.assert(
      fc.asyncProperty(sizes, async ([oldSize, size]) => {
        const claim = {
          oldSize,
          oldRoot: await rootOf(oldSize, tree.read),
          size,
          root: await rootOf(size, tree.read),
          proof: await consistencyProof(oldSize, size, tree.read),
        };
        expect(await verifyConsistency(claim)).toBe(true);
        if (oldSize === 0 || oldSize === size) return;
        const rewritten = entries.slice(0, oldSize).with(0, Buffer.from('another first'));
        expect(await verifyConsistency({ ...claim, oldRoot: defined(rewritten) })).toBe(false);
      }),
    );
  });

  test('needs at most two hashes a level for a proof, and one for an append', async () => {
    const entries = Array.from({ length: 1_000 }, (_, index) => Buffer.from(`entry ${index}`));
    const tree = await treeOf(entries);
    tree.asked = 0;
    await inclusionProof(617, 1_000, tree.read);
    expect(tree.asked).toBeLessThanOrEqual(20);
    tree.asked = 0;
    await tree.append(Buffer.from('one more'));
    expect(tree.asked).toBeLessThanOrEqual(10);
  });

  test('has no proof of what it does not hold', async () => {
    const tree = await treeOf(reference.leaves);
    await expect(inclusionProof(8, 8, tree.read)).rejects.toThrow(RangeError);
    await expect(consistencyProof(9, 8, tree.read)).rejects.toThrow(RangeError);
  });
});

describe('notes', () => {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const signer = { name: 'archive.example.org/log', key };
  const head = { origin: signer.name, size: 8, root: Buffer.from(reference.roots[7] ?? '', 'hex') };

  test('the first secret key of RFC 8032 signs under the id that the specification computes', () => {
    // RFC 8032 section 7.1, test 1, as PKCS #8.
    const secret = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const der = Buffer.from(`302e020100300506032b657004220420${secret}`, 'hex');
    const known = {
      name: 'example.com/foo',
      key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
    };
    const vkey = vkeyOf(known);
    const publicHex = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    const expected = createHash('sha256')
      .update(Buffer.concat([Buffer.from('example.com/foo\n\x01'), Buffer.from(publicHex, 'hex')]))
      .digest('hex');
    expect(vkey.split('+')[1]).toBe(expected.slice(0, 8));
    expect(Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').toString('hex')).toBe(
      `01${publicHex}`,
    );
  });

  test('the example of the reference implementation comes out byte for byte', () => {
    // golang.org/x/mod/sumdb/note, which the C2SP specification was written from.
    const seed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const known = {
      name: 'PeterNeumann',
      key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
    };
    const text =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    expect(vkeyOf(known)).toBe(
      'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    );
    expect(signNote(text, [known])).toBe(
      `${text}\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`,
    );
  });

  test('a signed checkpoint reads and verifies, and signing it again gives the same bytes', async () => {
    const note = signNote(checkpointText(head), [signer]);
    const checkpoint = parseCheckpoint(Buffer.from(note));
    expect(checkpoint).toMatchObject({ origin: signer.name, size: 8 });
    expect(Buffer.from(checkpoint.root).toString('hex')).toBe(reference.roots[7]);
    const [verified] = await verifyNote(checkpoint, [await parseVkey(vkeyOf(signer))]);
    expect(verified?.key.name).toBe(signer.name);
    expect(signNote(checkpointText(head), [signer])).toBe(note);
  });

  test('a witness adds a line with its time, under a key of its own kind', async () => {
    const witness = { name: 'witness.example.org', key: generateKeyPairSync('ed25519').privateKey };
    const text = checkpointText(head);
    const at = new Date('2026-11-24T10:00:00Z');
    const note = parseNote(Buffer.from(signNote(text, [signer]) + cosign(text, witness, at)));
    const key = await parseVkey(vkeyOf(witness, 'witness'));
    expect(await verifyNote(note, [key])).toEqual([{ key, at }]);
  });

  test('two keys sign one note: both verify, and each alone', async () => {
    const other = { name: signer.name, key: generateKeyPairSync('ed25519').privateKey };
    const note = parseNote(Buffer.from(signNote(checkpointText(head), [signer, other])));
    const keys = await Promise.all([signer, other].map((one) => parseVkey(vkeyOf(one))));
    expect(await verifyNote(note, keys)).toHaveLength(2);
    for (const one of keys) expect(await verifyNote(note, [one])).toHaveLength(1);
  });
});

describe('what comes from outside', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const lines = fc
    .array(
      fc.oneof(
        fc.constantFrom('old 0', 'old 7', '', 'log.example', '7', '\u2014 log.example AAAAAAA='),
        fc.base64String({ maxLength: 60 }),
        fc.string(),
      ),
    )
    .map((all) => Buffer.from(all.join('\n')));

  test('no question makes a witness fall over or sign', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-witness-'));
    const signer = { name: 'w.example', key: generateKeyPairSync('ed25519').privateKey };
    const log = { name: 'log.example', key: generateKeyPairSync('ed25519').privateKey };
    const witness = openWitness({ signer, logs: [await parseVkey(vkeyOf(log))], folder });
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, lines), async (body) => {
        const { status } = await witness.addCheckpoint(body);
        expect([400, 403, 404]).toContain(status);
      }),
    );
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  test('no answer of an authority is anything but a token or a refusal with a code', () => {
    fc.assert(
      fc.property(bytes, (answer) => {
        try {
          tokenIn(answer);
        } catch (error) {
          expect(error).toBeInstanceOf(PermanentError);
        }
      }),
    );
  });

  test('an entry holds no names, no more than 64 KiB, and no version that is unknown', () => {
    const entry = {
      v: 1 as const,
      type: 'capture' as const,
      id: '019386f0-0000-7000-8000-000000000000',
      at: '2026-11-24T10:00:00.000Z',
      actor: 'a'.repeat(32),
      case: null,
      case_seq: 0,
      case_prev: null,
    };
    expect(readEntry(writeEntry(entry))).toEqual(entry);
    expect(() => writeEntry({ ...entry, actor: 'Jane Roe' })).toThrow();
    expect(() => writeEntry({ ...entry, targets: Array(1_000).fill('0'.repeat(64)) })).toThrow(
      expect.objectContaining({ code: 'entry-too-long' }),
    );
    expect(() => readEntry(Buffer.from(JSON.stringify({ ...entry, v: 2 })))).toThrow();
    const later = { ...entry, something: 'a later version wrote' };
    expect(readEntry(Buffer.from(JSON.stringify(later)))).toEqual(later);
  });
});
