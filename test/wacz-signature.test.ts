/** Whose signature a web archive carries: domain signatures by WACZ Auth 0.1.0, in good order and not. */
import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waczTrust } from '../src/cli/ask/wacz-trust.ts';
import { checkWacz } from '../src/warc/check/check-wacz.ts';
import { type KeptCapture, never } from './support/kept-capture.ts';
import { sampleCapture } from './support/sample-capture.ts';
import { openTimeStamps, type TimeStamps } from './support/timestamps.ts';
import { type Files, json, pack, sha256, unpack } from './support/wacz-surgery.ts';

const run = promisify(execFile);
const minuteMs = 60_000;
const domain = 'news.example.org';
let capture: KeptCapture;
let good: Files;
let stamps: TimeStamps;
let stranger: TimeStamps;
let authority: Authority;
let count = 0;

/** An authority for domains, and what it certified. */
interface Authority {
  rootFile: string;
  /** Leaf first. */
  chain: string;
  key: string;
}

beforeAll(async () => {
  capture = await sampleCapture();
  good = await unpack(await capture.export());
  stamps = await openTimeStamps(join(capture.folder, 'tsa'));
  stranger = await openTimeStamps(join(capture.folder, 'other-tsa'), 'Stranger');
  authority = await certified('authority');
}, 60_000);
afterAll(() => capture[Symbol.asyncDispose]());

async function openssl(line: string): Promise<void> {
  await run('openssl', line.split(' '), { cwd: capture.folder });
}

async function certified(name: string, host = domain): Promise<Authority> {
  const at = (file: string) => join(capture.folder, `${name}.${file}`);
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
  await writeFile(at('ext'), `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n`);
  await openssl(
    `req -x509 -days 30 ${key} -keyout ${at('root.key')} -out ${at('root')} -subj /CN=${name}`,
  );
  await openssl(`req -new ${key} -keyout ${at('key')} -out ${at('csr')} -subj /CN=${host}`);
  await openssl(
    `x509 -req -days 9 -in ${at('csr')} -CA ${at('root')} -CAkey ${at('root.key')} -CAcreateserial -extfile ${at('ext')} -out ${at('leaf')}`,
  );
  const [leaf, root] = await Promise.all([
    readFile(at('leaf'), 'utf8'),
    readFile(at('root'), 'utf8'),
  ]);
  return { rootFile: at('root'), chain: `${leaf}${root}`, key: await readFile(at('key'), 'utf8') };
}

interface Signing {
  by?: Authority;
  host?: string;
  createdAt?: Date;
  stampedBy?: TimeStamps;
  /** What the time stamp is over. */
  stamped?: (signature: string) => string;
  change?: (signedData: Record<string, unknown>) => void;
}

/** A package that a domain signed, as another program does. */
async function signed({
  by = authority,
  host = domain,
  createdAt,
  ...more
}: Signing): Promise<string> {
  const files: Files = new Map(good);
  const description = json(files, 'datapackage.json');
  description.created = (createdAt ?? new Date()).toISOString();
  files.set('datapackage.json', Buffer.from(JSON.stringify(description)));
  const hash = `sha256:${sha256(files.get('datapackage.json') ?? Buffer.of())}`;
  const signature = sign('sha256', Buffer.from(hash), createPrivateKey(by.key)).toString('base64');
  const over = more.stamped?.(signature) ?? signature;
  const token = await (more.stampedBy ?? stamps).token(Buffer.from(over));
  const signedData: Record<string, unknown> = {
    ...{ hash, created: description.created, software: 'another program', version: '0.1.0' },
    ...{ signature, domain: host, domainCert: by.chain },
    timeSignature: token.toString('base64'),
    timestampCert: (more.stampedBy ?? stamps).rootPem,
  };
  more.change?.(signedData);
  const digest = { path: 'datapackage.json', hash, signedData };
  files.set('datapackage-digest.json', Buffer.from(JSON.stringify(digest)));
  return pack(files, join(capture.folder, `signed-${count++}.wacz`));
}

async function told(path: string, tsaRoots: string | null = stamps.rootFile): Promise<string[]> {
  const trust = await waczTrust({
    domainRoots: authority.rootFile,
    ...(tsaRoots === null ? {} : { tsaRoots }),
  });
  const { findings } = await checkWacz(path, never, { trust });
  return findings.map(({ level, message }) => `${level}: ${message}`);
}

const inDer = 'note: it is good, in the DER form that replayers may reject';

describe('a domain signature', () => {
  test('is good, by a known authority and with a stamp near the time of its making', async () => {
    expect(await told(await signed({}))).toEqual([inDer]);
  });

  test.each<[string, Signing, RegExp]>([
    [
      'over the stamp of something else',
      { stamped: () => 'other' },
      /the token is over other bytes/,
    ],
    [
      'made an hour before its stamp',
      { createdAt: new Date(Date.now() - 60 * minuteMs) },
      /more than ten minutes apart/,
    ],
    [
      'for another domain than its certificate',
      { host: 'other.example.org' },
      /not one for other\.example\.org: .*news\.example\.org/,
    ],
    ['that names no domain', { host: '' }, /not one for/],
    [
      'with a key of its own',
      { change: (data) => void Object.assign(data, { crossSignedCert: ownCertificate() }) },
      /can't be read|another key/,
    ],
    [
      'without a stamp',
      { change: (data) => void Reflect.deleteProperty(data, 'timeSignature') },
      /neither of the two known forms/,
    ],
  ])('%s is a fault', async (_, signing, message) => {
    expect((await told(await signed(signing))).filter((one) => one !== inDer)).toEqual([
      expect.stringMatching(new RegExp(`^fault: .*${message.source}`)),
    ]);
  });

  test('by a certificate that its maker signed, in the name of a broadcaster, is a fault', async () => {
    const by = await certified('self', 'broadcaster.example');
    expect(await told(await signed({ by, host: 'broadcaster.example' }))).toEqual([
      inDer,
      expect.stringMatching(
        /^fault: the certificate for broadcaster\.example leads to no authority/,
      ),
    ]);
  });

  test('with a stamp of an authority that the reader does not trust is a fault, and named where they named none', async () => {
    const path = await signed({ stampedBy: stranger });
    expect(await told(path)).toContainEqual(
      expect.stringMatching(/^fault: the time stamp .*given root/),
    );
    expect(await told(path, null)).toEqual([
      inDer,
      expect.stringMatching(
        /^note: the time stamp says .* Stranger, which was not followed .*--tsa-roots/,
      ),
    ]);
  });

  test('that lacks the version of the format, or says more than it names, is told and good', async () => {
    const odd = await signed({
      change: (data) => {
        Reflect.deleteProperty(data, 'version');
        data.observer = 'somebody';
      },
    });
    expect(await told(odd)).toEqual([
      'note: signedData also has observer',
      expect.stringMatching(/^note: signedData has no version/),
      inDer,
    ]);
  });
});

test('an anonymous signature without the version of the format is told and good', async () => {
  const files: Files = new Map(good);
  const digest = json(files, 'datapackage-digest.json');
  Reflect.deleteProperty(digest.signedData, 'version');
  files.set('datapackage-digest.json', Buffer.from(JSON.stringify(digest)));
  expect(await told(await pack(files, join(capture.folder, 'anonymous.wacz')))).toEqual([
    expect.stringMatching(/^note: signedData has no version/),
  ]);
});

/** Of a key that nothing else was signed with. */
function ownCertificate(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return `-----BEGIN CERTIFICATE-----\n${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}\n-----END CERTIFICATE-----\n`;
}
