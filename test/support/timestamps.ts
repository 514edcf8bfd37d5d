/** A timestamp authority of our own, and the tokens that `openssl ts` makes for it. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TimeStamps {
  /** PEM of the root that tokens lead to. */
  rootPem: string;
  rootFile: string;
  /** DER token over the bytes, with a nonce. At another time where `at` is given (needs faketime). */
  token(data: Uint8Array, options?: TokenOptions): Promise<Buffer>;
}

export interface TokenOptions {
  at?: Date;
  /** Section of the settings below: `tsa`, or one that breaks a rule. */
  section?: 'tsa' | 'code_signer';
  digest?: 'sha256' | 'sha512' | 'sha1';
}

const settings = (folder: string, name: string) => `
[req]
distinguished_name = subject
prompt = no
[subject]
CN = ${name}
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[stamp]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[loose]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = timeStamping
[tsa]
dir = ${folder}
serial = ${folder}/serial
crypto_device = builtin
signer_cert = ${folder}/tsa.crt
certs = ${folder}/root.crt
signer_key = ${folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512, sha1
accuracy = secs:1
ess_cert_id_alg = sha256
`;

/** The certificates are thirty days old, so that there can be tokens of the past. */
export async function openTimeStamps(
  folder: string,
  name = 'Test Time Authority',
): Promise<TimeStamps> {
  await mkdir(folder, { recursive: true });
  const file = (entry: string) => join(folder, entry);
  const openssl = (args: string[]) => run('openssl', args);
  const longAgo = (args: string[]) => run('faketime', ['30 days ago', 'openssl', ...args]);
  await writeFile(file('tsa.cnf'), settings(folder, name));
  await writeFile(file('serial'), '01\n');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await longAgo(
    `req -x509 -days 7300 -config ${file('tsa.cnf')} -extensions root -subj`
      .split(' ')
      .concat(`/CN=${name} Root`, key, '-keyout', file('root.key'), '-out', file('root.crt')),
  );
  await longAgo(
    `req -new -config ${file('tsa.cnf')} -keyout ${file('tsa.key')} -out ${file('tsa.csr')}`
      .split(' ')
      .concat(key),
  );
  await longAgo(
    `x509 -req -days 7300 -in ${file('tsa.csr')} -CA ${file('root.crt')} -CAkey ${file('root.key')} -CAcreateserial -extfile ${file('tsa.cnf')} -extensions stamp -out ${file('tsa.crt')}`.split(
      ' ',
    ),
  );
  let turn: Promise<unknown> = Promise.resolve();
  let made = 0;
  const token = async (data: Uint8Array, { at, digest = 'sha256' }: TokenOptions = {}) => {
    made += 1;
    const base = file(`t${made}`);
    await writeFile(`${base}.bin`, data);
    await openssl(`ts -query -data ${base}.bin -${digest} -cert -out ${base}.tsq`.split(' '));
    const reply =
      `ts -reply -config ${file('tsa.cnf')} -section tsa -queryfile ${base}.tsq -token_out -out ${base}.tst`.split(
        ' ',
      );
    // The serial file is not locked by openssl.
    const mine = turn.then(() =>
      at === undefined
        ? openssl(reply)
        : run('faketime', [at.toISOString().replace('T', ' ').slice(0, 19), 'openssl', ...reply], {
            env: { ...process.env, TZ: 'UTC' },
          }),
    );
    turn = mine.catch(() => {});
    await mine;
    return readFile(`${base}.tst`);
  };
  return {
    rootPem: await readFile(file('root.crt'), 'utf8'),
    rootFile: file('root.crt'),
    token,
  };
}
