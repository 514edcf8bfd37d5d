/** Reading and writing OpenTimestamps proofs, whoever made them, and block headers to hold them against. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeBundle } from '../src/seal/bundle/write-bundle.ts';
import { writeOtsProof, writeOtsTree } from '../src/seal/ots-writer.ts';
import { paths } from '../src/seal/verify/bundle/paths.ts';
import { BitcoinHeaders, HeaderError } from '../src/seal/verify/formats/bitcoin-headers.ts';
import { applied, attestedMessages } from '../src/seal/verify/formats/ots-messages.ts';
import {
  type OtsAttestation,
  OtsError,
  type OtsNode,
  type OtsOperation,
  otsLimits,
  readOtsProof,
  readOtsTree,
} from '../src/seal/verify/formats/ots-proof.ts';
import type { BundleQuestion } from '../src/seal/verify/verify-bundle.ts';
import type { MinedBlock } from './internet/calendar.ts';
import { copyOf, flipBit, listAnew, verified } from './support/bundles.ts';
import { MadeUpLog } from './support/made-up-log.ts';
import { provedNote } from './support/ots-proofs.ts';
import { fc } from './support/property.ts';
import { anyBytes } from './support/seed.ts';

/**
 * Made for this test with the format's own library in Python, over `a checkpoint\n`: two
 * branches, every operation, a promise, an attestation of an unknown kind, two blocks.
 */
const byTheLibrary = Buffer.from(
  'AE9wZW5UaW1lc3RhbXBzAABQcm9vZgC/ieLohOiSlAEIrz8hGBYi0F62N167MOYrvpj4VBx3iuLs7dCvMzxDpQT/AggABYiWDXPXGQEBBfAQAAECAwQFBgcICQoLDA0ODwj/AIPf4w0u+QyOHRxodHRwczovL2NhbGVuZGFyLmV4YW1wbGUub3Jn8YIBBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwPz8gII/wAFiJYNc9cZAQOz7TcAMTIzNDU2NzgEd2hhdA==',
  'base64',
);

const promise = pendingAt('https://a.example');

const operation: fc.Arbitrary<OtsOperation> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'sha256' as const,
      'sha1' as const,
      'ripemd160' as const,
      'reverse' as const,
    ),
  }),
  fc.record({
    kind: fc.constantFrom('append' as const, 'prepend' as const),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }).map((some) => new Uint8Array(some)),
  }),
);
const attestation: fc.Arbitrary<OtsAttestation> = fc.oneof(
  fc.record({
    kind: fc.constant('pending' as const),
    calendar: fc.stringMatching(/^https:\/\/[A-Za-z0-9\-._/:]{1,60}$/),
  }),
  fc.record({ kind: fc.constant('bitcoin' as const), height: fc.nat(100_000_000) }),
  fc.record({
    kind: fc.constant('unknown' as const),
    tag: fc.constant('0102030405060708'),
    payload: fc.uint8Array({ maxLength: 50 }).map((some) => new Uint8Array(some)),
  }),
);
/** Bounded, so that whatever is made is within the limits. */
function treesOf(depth: number): fc.Arbitrary<OtsNode> {
  const ends = fc.array(attestation, { minLength: 1, maxLength: 2 });
  if (depth === 0) return ends.map((attestations) => ({ attestations, branches: [] }));
  const branch = fc.record({ operation, next: treesOf(depth - 1) });
  return fc.record({
    attestations: fc.array(attestation, { maxLength: 2 }),
    branches: fc.array(branch, { minLength: 1, maxLength: 2 }),
  });
}

describe('a proof', () => {
  test('of the library is read as the library reads it, and written as it was', async () => {
    const { digest, tree } = readOtsProof(byTheLibrary);
    expect(Buffer.from(digest)).toEqual(createHash('sha256').update('a checkpoint\n').digest());
    const found = (await attestedMessages(digest, tree)).map(({ attestation: own, message }) => [
      own.kind,
      Buffer.from(message).toString('hex'),
    ]);
    expect(found).toEqual([
      ['bitcoin', 'b4b136509cd607bdfafb2aa58aa8bb3dcef077c89e248441ddb56aa169291d4f'],
      ['pending', 'ac6d799b195f9c01575dd137a250c0a761e7d34eb9c91b44e7411e1ca9764e94'],
      ['bitcoin', 'ae021df579ebab1e1ffc7391b72c3316352ed1d5453f5b5f4f126344587d074c'],
      ['unknown', 'ae021df579ebab1e1ffc7391b72c3316352ed1d5453f5b5f4f126344587d074c'],
    ]);
    expect(writeOtsProof({ digest, tree })).toEqual(byTheLibrary);
  });

  test('that was written is read as the same', () => {
    fc.assert(
      fc.property(treesOf(4), fc.uint8Array({ minLength: 32, maxLength: 32 }), (tree, digest) => {
        const proof = { digest: new Uint8Array(digest), tree };
        expect(readOtsProof(writeOtsProof(proof))).toEqual(proof);
      }),
      { numRuns: 100 },
    );
  });

  test('that is anything at all is read, or refused with OtsError', async () => {
    const head = byTheLibrary.subarray(0, 65);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (some, headed) => {
        try {
          const { digest, tree } = readOtsProof(headed ? Buffer.concat([head, some]) : some);
          await attestedMessages(digest, tree);
        } catch (error) {
          expect(error).toBeInstanceOf(OtsError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('with a bit changed anywhere is refused, or says something else', async () => {
    const before = await said(byTheLibrary);
    for (let bit = 0; bit < byTheLibrary.length * 8; bit += 5) {
      const copy = Buffer.from(byTheLibrary);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await said(copy), `bit ${bit}`).not.toBe(before);
    }
  });

  test.each([
    ['nested too deep', tooDeep()],
    ['with too many operations', forks(otsLimits.operations + 1, Buffer.of(8, 0))],
    ['with too many attestations', forks(otsLimits.attestations + 1, Buffer.of(0))],
    ['longer than a proof may be', Buffer.alloc(otsLimits.proofBytes + 1)],
    ['with a part longer than it may be', Buffer.from('f0ffff7f', 'hex')],
    ['that adds nothing', Buffer.from('f000', 'hex')],
    ['with a number of ten bytes', Buffer.from('f0ffffffffffffffffff01', 'hex')],
    ['with a number in a longer form', Buffer.concat([Buffer.from('f0810000', 'hex'), promise])],
    ['with an operation of another chain', Buffer.concat([Buffer.of(0x67), promise])],
    ['with something behind it', Buffer.concat([promise, Buffer.of(0)])],
    ['of a calendar with a query', pendingAt('https://a.example/?secret')],
    ['of a calendar with an escape', pendingAt('https://a.example/\u001b[2J')],
    ['that is nothing', Buffer.of()],
  ])('%s is refused', (_what, tree) => {
    expect(() => readOtsTree(tree)).toThrow(OtsError);
  });

  test('whose message grows beyond the limit is refused before it costs anything', async () => {
    const doubled = Buffer.concat([Buffer.alloc(20, 0xf3), promise]);
    await expect(attestedMessages(new Uint8Array(32), readOtsTree(doubled))).rejects.toThrow(
      OtsError,
    );
  });

  test('hashes as Node does', async () => {
    for (const size of [0, 1, 55, 56, 63, 64, 65, 119, 120, 4_000]) {
      const message = new Uint8Array(anyBytes(size));
      for (const kind of ['sha256', 'sha1', 'ripemd160'] as const)
        expect(Buffer.from(await applied({ kind }, message))).toEqual(
          createHash(kind).update(message).digest(),
        );
    }
  });
});

// The first block of the chain that everybody follows: its header is known to all.
const first = Buffer.from(
  `01000000${'0'.repeat(64)}3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c`,
  'hex',
);

describe('headers of blocks', () => {
  let block: MinedBlock;
  let root: Buffer;
  beforeAll(async () => {
    [block] = (await provedNote(Buffer.from('note'))).blocks as [MinedBlock];
    root = block.header.subarray(36, 68);
  });

  test('are read as lines, as lines without a height, and as they are', async () => {
    const forms = [`# mine\n\n${block.line}\r\n`, block.header.toString('hex'), block.header];
    for (const form of forms) {
      const headers = await BitcoinHeaders.read(Buffer.from(form));
      expect(Buffer.from((await headers.find(block.height, root))?.merkleRoot ?? [])).toEqual(root);
    }
    const headers = await BitcoinHeaders.read(Buffer.from(block.line));
    expect(await headers.find(block.height + 1, root)).toBeNull();
  });

  test('that count from the first block of all are found by their height', async () => {
    const headers = await BitcoinHeaders.read(Buffer.concat([first, block.header]));
    expect((await headers.find(0, root))?.hash).toMatch(/^000000000019d668/);
    expect(Buffer.from((await headers.find(1, root))?.merkleRoot ?? [])).toEqual(root);
    expect(await headers.find(2, root)).toBeNull();
  });

  test('that are none are refused, and one without its work too', async () => {
    for (const file of ['', 'no', `x:${block.header.toString('hex')}`, Buffer.alloc(81)])
      await expect(BitcoinHeaders.read(Buffer.from(file))).rejects.toThrow(HeaderError);
    for (let bit = 0; bit < 640; bit += 1) {
      const header = Buffer.from(first);
      header[bit >> 3] = (header[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const headers = await BitcoinHeaders.read(Buffer.from(`0:${header.toString('hex')}`));
      await expect(headers.find(0, root), `bit ${bit}`).rejects.toThrow(/work/);
    }
  });
});

describe('a bundle', () => {
  let folder: string;
  let clean: string;
  let log: MadeUpLog;
  let block: MinedBlock;
  let path: string;
  let question: Partial<BundleQuestion>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-ots-'));
    log = new MadeUpLog();
    await log.capture();
    const { note, size } = await log.checkpoint();
    const { proof, blocks } = await provedNote(note);
    block = blocks[0] as MinedBlock;
    await log.addOtsProof(proof, 'a claim');
    clean = join(folder, 'clean');
    await writeBundle(clean, await log.content());
    path = paths.otsProof(size, 'c0ffee');
    question = { vkeys: [log.vkey], bitcoinHeaders: Buffer.from(block.line) };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const ots = async (at: string, asked: Partial<BundleQuestion>) => {
    const { findings, verdict } = await verified(at, asked);
    return { findings: findings.filter(({ kind }) => kind === 'ots'), all: findings, verdict };
  };

  test('without headers says which Merkle root which block must have, and claims no time', async () => {
    const { findings, all, verdict } = await ots(clean, { ...question, bitcoinHeaders: null });
    const shown = Buffer.from(block.header.subarray(36, 68)).reverse().toString('hex');
    expect(findings).toEqual([expect.objectContaining({ subject: path, result: 'note' })]);
    expect(findings[0]?.message).toContain(
      `not proved here: Bitcoin block ${block.height} must have the Merkle root ${shown}`,
    );
    expect(verdict).toBe('valid');
    expect(all).toContainEqual(
      expect.objectContaining({ kind: 'time', message: expect.stringMatching(/^not stamped/) }),
    );
  });

  test('with the header shows by when it existed, within what a block is worth', async () => {
    const { findings, all, verdict } = await ots(clean, question);
    expect(findings).toEqual([expect.objectContaining({ subject: path, result: 'ok' })]);
    expect(findings[0]?.message).toMatch(
      /existed before Bitcoin block \d+ \([0-9a-f]{64}\).*if the headers that were given are those/,
    );
    expect(all).toContainEqual(
      expect.objectContaining({
        kind: 'time',
        result: 'ok',
        message: expect.stringMatching(/not after .* \(within 120 minutes, Bitcoin block \d+\)/),
      }),
    );
    expect(verdict).toBe('valid');
  });

  test('with a wrong header is at fault; without the one that is needed something is missing', async () => {
    const [other] = (await provedNote(Buffer.from('other'))).blocks as [MinedBlock];
    const wrong = `${block.height}:${other.header.toString('hex')}`;
    const refuted = await ots(clean, { ...question, bitcoinHeaders: Buffer.from(wrong) });
    expect(refuted.verdict).toBe('invalid');
    expect(refuted.findings[0]?.message).toMatch(/the proof or the header is wrong/);
    const another = Buffer.from(`1:${other.header.toString('hex')}`);
    const missing = await ots(clean, { ...question, bitcoinHeaders: another });
    expect(missing.verdict).toBe('incomplete');
    const nonsense = await ots(clean, { ...question, bitcoinHeaders: Buffer.from('nonsense') });
    expect(nonsense.verdict).toBe('invalid');
  });

  test('with any flipped bit in its proof is at fault, although its lists were made to fit', async () => {
    const copy = await copyOf(clean, 'flipped');
    for (let turn = 0; turn < 8; turn += 1) {
      await flipBit(join(copy, path), 397 * turn);
      await listAnew(copy);
      const { verdict, findings } = await ots(copy, { ...question, bitcoinHeaders: null });
      expect(verdict).toBe('invalid');
      expect(findings.some(({ result, subject }) => result === 'invalid' && subject === path)).toBe(
        true,
      );
      await flipBit(join(copy, path), 397 * turn);
    }
  });

  test('with a proof over another checkpoint, or none of those recorded, is at fault', async () => {
    const copy = await copyOf(clean, 'exchanged');
    const { proof } = await provedNote(Buffer.from('another note'));
    await writeFile(join(copy, path), proof);
    await listAnew(copy);
    const exchanged = await ots(copy, question);
    expect(exchanged.findings.map(({ message }) => message).join()).toMatch(
      /over other bytes.*records the proof/,
    );
    await rm(join(copy, path));
    await listAnew(copy);
    expect((await ots(copy, question)).verdict).toBe('incomplete');
  });

  test('says in its README how the public client checks it', async () => {
    const readme = await readFile(join(clean, paths.readme), 'utf8');
    expect(readme).toContain(
      `ots --no-bitcoin verify -f ${path.replace('.c0ffee.ots', '.note')} ${path}`,
    );
    expect(await readFile(join(clean, paths.report), 'utf8')).toContain('a claim');
  });
});

async function said(proof: Buffer): Promise<string> {
  try {
    const { digest, tree } = readOtsProof(proof);
    const attested = await attestedMessages(digest, tree);
    return JSON.stringify([
      [...digest],
      attested.map(({ attestation: own, message }) => [own, [...message]]),
    ]);
  } catch (error) {
    if (error instanceof OtsError) return error.message;
    throw error;
  }
}

function pendingAt(calendar: string): Buffer {
  return writeOtsTree({ attestations: [{ kind: 'pending', calendar }], branches: [] });
}

/** Its own end attests, so only the depth is too much. */
function tooDeep(): Buffer {
  return Buffer.concat([Buffer.alloc(otsLimits.depth, 8), promise]);
}

function forks(count: number, part: Buffer): Buffer {
  const end = promise.subarray(1);
  const one = Buffer.concat([Buffer.of(0xff), part, end]);
  return Buffer.concat([...Array.from({ length: count }, () => one), promise]);
}
