/** What comes from outside the verifier: timestamp tokens, zip files, lists. Bad ones are named, none is believed. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Certificate, ContentInfo, SignedData } from 'pkijs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeBundle } from '../src/seal/bundle/write-bundle.ts';
import { verifyBag } from '../src/seal/verify/bundle/bag.ts';
import { BundleError, type BundleFiles } from '../src/seal/verify/bundle/files.ts';
import { verifyKeys } from '../src/seal/verify/bundle/log.ts';
import type { BundleFinding } from '../src/seal/verify/findings.ts';
import {
  parseCheckpoint,
  parseInclusionProof,
  parseNote,
} from '../src/seal/verify/formats/note.ts';
import { streamHasher } from '../src/seal/verify/formats/stream-hash.ts';
import {
  certificatesFromPem,
  TokenError,
  verifyToken,
} from '../src/seal/verify/formats/timestamp-token.ts';
import { blobAccess, openZip } from '../src/seal/verify/formats/zip-files.ts';
import { plainQuestion, verifyBundle } from '../src/seal/verify/verify-bundle.ts';
import { MadeUpLog } from './support/made-up-log.ts';
import { fc } from './support/property.ts';
import { openTimeStamps, type TimeStamps } from './support/timestamps.ts';

const run = promisify(execFile);
const data = Buffer.from('origin\n1\nroot\n');
let folder: string;
let authority: TimeStamps;
let other: TimeStamps;
let roots: Uint8Array[];
let token: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-token-'));
  authority = await openTimeStamps(join(folder, 'one'));
  other = await openTimeStamps(join(folder, 'other'), 'Another Authority');
  roots = certificatesFromPem(authority.rootPem);
  token = await authority.token(data);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function faultOf(question: Partial<Parameters<typeof verifyToken>[0]>): Promise<string> {
  return verifyToken({ token, data, roots, ...question }).then(
    () => 'none',
    (error: unknown) => (error instanceof TokenError ? error.fault : `thrown: ${error}`),
  );
}

describe('a token of openssl ts', () => {
  test('verifies, with its time, accuracy, policy and signer', async () => {
    const found = await verifyToken({ token, data, roots });
    expect(Math.abs(found.genTime.getTime() - Date.now())).toBeLessThan(60_000);
    expect(found).toMatchObject({
      accuracyMs: 1_000,
      policy: '1.2.3.4.1',
      authority: 'Test Time Authority',
    });
    const long = await authority.token(data, { digest: 'sha512' });
    expect(await faultOf({ token: long })).toBe('none');
  });

  test('is refused over other bytes, under other roots, policies or nonces, or over SHA-1', async () => {
    expect(await faultOf({ data: Buffer.from('other') })).toBe('imprint');
    expect(await faultOf({ roots: certificatesFromPem(other.rootPem) })).toBe('chain');
    expect(await faultOf({ roots: [] })).toBe('chain');
    expect(await faultOf({ policies: ['1.2.3'] })).toBe('policy');
    expect(await faultOf({ nonce: Buffer.of(1, 2, 3) })).toBe('nonce');
    const old = await authority.token(data, { digest: 'sha1' });
    expect(await faultOf({ token: old })).toBe('imprint');
  });

  test('is refused when its signer was not valid at the time in it, whatever the time is now', async () => {
    const early = await authority
      .token(data, { at: new Date(Date.now() - 60 * 24 * 3_600_000) })
      .catch(() => null);
    // Where openssl makes one with a certificate that had not begun, it is refused.
    if (early !== null) expect(await faultOf({ token: early })).toBe('chain');
    const late = await authority
      .token(data, { at: new Date(Date.now() + 9_000 * 24 * 3_600_000) })
      .catch(() => null);
    if (late !== null) expect(await faultOf({ token: late })).toBe('chain');
    expect(early ?? late).not.toBeNull();
  });

  test('is refused when its signer is not one for timestamping, or is not the one that the ESS attribute names', async () => {
    await writeFile(join(folder, 'token.der'), token);
    const content = `cms -verify -noverify -inform DER -in ${folder}/token.der -out ${folder}/info.der`;
    await run('openssl', content.split(' '));
    for (const [usage, fault] of [
      ['codeSigning', 'purpose'],
      ['timeStamping', 'purpose'],
      ['critical,timeStamping,codeSigning', 'purpose'],
      // CMS of openssl carries no ESS attribute.
      ['critical,timeStamping', 'signing-certificate'],
    ]) {
      const key = join(folder, 'signer.pem');
      const certify = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${key} -out ${key}.crt -days 9 -subj /CN=x -addext extendedKeyUsage=${usage}`;
      await run('openssl', certify.split(' '));
      // The content of the token, signed anew by somebody else.
      const sign = `cms -sign -binary -nodetach -econtent_type 1.2.840.113549.1.9.16.1.4 -in ${folder}/info.der -signer ${key}.crt -inkey ${key} -outform DER -out ${folder}/forged.der`;
      await run('openssl', sign.split(' '));
      const forged = await readFile(join(folder, 'forged.der'));
      const own = certificatesFromPem(await readFile(`${key}.crt`, 'utf8'));
      expect(await faultOf({ token: forged, roots: own }), usage).toBe(fault);
    }
  });

  test('is judged by its own chain, whatever certificates lie beside it or are brought along', async () => {
    // Under the names of the authority's own, by somebody else: one as its root, one as its signer.
    const made = (file: string, line: string) =>
      run('openssl', [...line.split(' '), '-out', join(folder, file)]);
    const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
    const { subject, issuer, serialNumber } = new X509Certificate(
      await readFile(join(folder, 'one/tsa.crt')),
    );
    await run('openssl', [
      ...`req -x509 -days 30 ${key} -keyout ${folder}/false-root.key -out ${folder}/false-root.pem -subj`.split(
        ' ',
      ),
      `/${issuer}`,
    ]);
    await run('openssl', [
      ...`req -new ${key} -keyout ${folder}/false.key -out ${folder}/false.csr -subj`.split(' '),
      `/${subject}`,
    ]);
    await made(
      'false.pem',
      `x509 -req -days 9 -in ${folder}/false.csr -CA ${folder}/false-root.pem -CAkey ${folder}/false-root.key -set_serial 0x${serialNumber}`,
    );
    const pems = ['false-root.pem', 'false.pem', 'other/tsa.crt', 'other/root.crt'];
    const beside = await Promise.all(pems.map((file) => readFile(join(folder, file), 'utf8')));
    const ders = certificatesFromPem(beside.join('\n'));
    expect(await faultOf({ token: withCertificates(token, (own) => [...ders, ...own]) })).toBe(
      'none',
    );
    expect(await faultOf({ token: withCertificates(token, (own) => [...own, ...ders]) })).toBe(
      'none',
    );
    const bare = withCertificates(token, () => []);
    expect(await faultOf({ token: bare })).toBe('signers');
    const signer = certificatesFromPem(await readFile(join(folder, 'one/tsa.crt'), 'utf8'));
    expect(await faultOf({ token: bare, certificates: [...ders, ...signer] })).toBe('none');
    expect(await faultOf({ token: bare, roots: [...roots, ...signer] })).toBe('none');
    expect(await faultOf({ token: bare, certificates: signer, roots: [] })).toBe('chain');
    expect(await faultOf({ roots: certificatesFromPem(beside[0] ?? '') })).toBe('chain');
  });

  test('any bytes are a fault with a name, and never a pass', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.uint8Array({ maxLength: 40 }),
        async (at, bytes) => {
          const cut = Buffer.concat([token.subarray(0, at), bytes]);
          fc.pre(!cut.equals(token));
          expect(await faultOf({ token: cut })).toMatch(
            /^(malformed|signers|imprint|purpose|signing-certificate|signature|chain)$/,
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('hostile bundles', () => {
  test('any zip file ends in findings or in a named error', async () => {
    const log = new MadeUpLog();
    await log.capture();
    await writeBundle(join(folder, 'b.zip'), await log.content());
    const bytes = await readFile(join(folder, 'b.zip'));
    const ends = async (content: Uint8Array) => {
      try {
        const files = await openZip(blobAccess(new Blob([content])), streamHasher);
        for await (const _ of verifyBundle(files, plainQuestion));
      } catch (error) {
        expect(error).toBeInstanceOf(BundleError);
      }
    };
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.nat(255),
        fc.boolean(),
        async (at, value, cut) => {
          const copy = Buffer.from(cut ? bytes.subarray(0, at) : bytes);
          // The list at the end is where a reader is led astray.
          const place = copy.length - 1 - (at % Math.min(copy.length, 3_000));
          if (place >= 0) copy[place] = value;
          await ends(copy);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('notes, checkpoints and proofs of any text are refused with an error of their own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const parse of [parseNote, parseCheckpoint, parseInclusionProof]) {
          try {
            parse(Buffer.from(text));
          } catch (error) {
            expect(error).toMatchObject({ name: 'NoteError' });
          }
        }
      }),
    );
  });

  test('a bundle that names a path outside of itself does not lead there', async () => {
    const files = new Map([
      ['bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'],
      ['tagmanifest-sha256.txt', ''],
      ['manifest-sha256.txt', `${'0'.repeat(64)}  data/../../etc/passwd\n`],
    ]);
    const opened: string[] = [];
    const findings = [];
    for await (const finding of verifyBundle(
      {
        sizes: () => new Map([...files].map(([path, text]) => [path, text.length])),
        others: () => [],
        async *open(path) {
          opened.push(path);
          yield Buffer.from(files.get(path) ?? '');
        },
        digest: async (path) => {
          opened.push(path);
          return '';
        },
      },
      plainQuestion,
    ))
      findings.push(finding);
    expect(opened.every((path) => files.has(path))).toBe(true);
    expect(findings).toContainEqual(
      expect.objectContaining({ result: 'invalid', subject: 'manifest-sha256.txt' }),
    );
  });

  test('entries that claim more bytes than the zip has are refused before they are read', async () => {
    const log = new MadeUpLog();
    await log.capture();
    await writeBundle(join(folder, 'claims.zip'), await log.content());
    const bytes = await readFile(join(folder, 'claims.zip'));
    bytes.writeUInt32LE(0x7fffffff, bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1')) + 20);
    await expect(openZip(blobAccess(new Blob([bytes])), streamHasher)).rejects.toThrow(BundleError);
  });

  test('a key that the bundle names a thousand times is one, and no more than a hundred are taken', async () => {
    const { vkey } = new MadeUpLog();
    const files = filesOf({ 'data/trust/vkey.txt': `${vkey}\n`.repeat(1_000) });
    const found = await ended(verifyKeys(files, []));
    expect(found.returned.map((key) => key.vkey)).toEqual([vkey]);
    expect(found.findings).toContainEqual(
      expect.objectContaining({
        result: 'invalid',
        message: 'the bundle names more than 100 keys',
      }),
    );
  });

  test('a second list that names one file twice does not make up for one that it leaves out', async () => {
    const [one, two] = ['data/one.txt', 'data/two.txt'];
    const files = filesOf({
      'bagit.txt': 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n',
      'tagmanifest-sha256.txt': '',
      'manifest-sha256.txt': `${'0'.repeat(64)}  ${one}\n${'0'.repeat(64)}  ${two}\n`,
      'manifest-sha512.txt': `${'0'.repeat(128)}  ${one}\n`.repeat(2),
    });
    const { findings } = await ended(verifyBag(files, { thorough: false }));
    const second = findings.filter(({ subject }) => subject === 'manifest-sha512.txt');
    expect(second.map(({ result }) => result)).not.toContain('ok');
  });

  test('a root that is no certificate is a fault with a name', async () => {
    expect(await faultOf({ roots: [Buffer.from('no certificate')] })).toBe('malformed');
  });
});

/** The same token with other certificates beside its signature. */
function withCertificates(
  der: Uint8Array,
  change: (own: Uint8Array[]) => Uint8Array[],
): Uint8Array {
  const content = ContentInfo.fromBER(Uint8Array.from(der).buffer);
  const signed = new SignedData({ schema: content.content });
  const own = (signed.certificates ?? []).map((one) => new Uint8Array(one.toSchema().toBER()));
  const changed = change(own).map((one) => Certificate.fromBER(Uint8Array.from(one).buffer));
  if (changed.length === 0) delete signed.certificates;
  else signed.certificates = changed;
  content.content = signed.toSchema(true);
  return new Uint8Array(content.toSchema().toBER());
}

function filesOf(texts: Record<string, string>): BundleFiles {
  return {
    sizes: () => new Map(Object.entries(texts).map(([path, text]) => [path, text.length])),
    others: () => [],
    async *open(path) {
      yield Buffer.from(texts[path] ?? '');
    },
    digest: async () => '',
  };
}

async function ended<T>(
  run: AsyncGenerator<BundleFinding, T>,
): Promise<{ findings: BundleFinding[]; returned: T }> {
  const findings: BundleFinding[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done) return { findings, returned: next.value };
    findings.push(next.value);
  }
}
