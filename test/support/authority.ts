/** An authority of its own and a server certificate under it, made by openssl in a folder. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestAuthority {
  /** PEM file of the authority, as HOLDFAST_EXTRA_CA takes it. */
  file: string;
  key: Buffer;
  cert: Buffer;
}

/** `names` are host names and addresses that the certificate is for. */
export function makeAuthority(folder: string, names: string[]): TestAuthority {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign',
  ];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=Test authority',
    ...ca,
  );
  openssl(
    'req',
    ...newKey,
    '-keyout',
    at('server.key'),
    '-out',
    at('server.csr'),
    '-subj',
    '/CN=Test server',
  );
  const subjects = names.map((name) => (/^[\d.:]+$/.test(name) ? `IP:${name}` : `DNS:${name}`));
  writeFileSync(at('ext'), `subjectAltName=${subjects.join(',')}\n`);
  openssl(
    'x509',
    '-req',
    '-in',
    at('server.csr'),
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-out',
    at('server.pem'),
    '-days',
    '2',
    '-extfile',
    at('ext'),
  );
  return {
    file: at('ca.pem'),
    key: readFileSync(at('server.key')),
    cert: readFileSync(at('server.pem')),
  };
}
