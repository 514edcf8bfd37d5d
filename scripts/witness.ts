#!/usr/bin/env node
/**
 * A witness for logs of other archives: node scripts/witness.ts FOLDER NAME [--listen HOST:PORT] [--log VKEY]…
 * The folder keeps its key and the last checkpoint of each log; losing it means to begin
 * again under another name.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeFolder } from '../src/base/make-folder.ts';
import { vkeyOf } from '../src/seal/note-signing.ts';
import { parseVkey } from '../src/seal/verify/formats/note.ts';
import { openWitness } from '../src/seal/witness.ts';

const longestBodyBytes = 256 * 1024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    listen: { type: 'string', default: '127.0.0.1:8740' },
    log: { type: 'string', multiple: true, default: [] },
  },
});
const [folder, name] = positionals;
if (folder === undefined || name === undefined || /[\s+]/.test(name)) {
  console.error(
    'usage: node scripts/witness.ts FOLDER NAME [--listen HOST:PORT] [--log VKEY]…\n' +
      'NAME such as witness.example.org, without spaces or plus signs; VKEY as "holdfast keys" prints it',
  );
  process.exit(2);
}

await makeFolder(folder, 0o700).catch((error: NodeJS.ErrnoException) => {
  console.error(`${folder} can't be the folder of a witness (${error.code}): name another`);
  process.exit(2);
});
const signer = { name, key: ownKey(folder) };
const witness = openWitness({
  signer,
  logs: await Promise.all(values.log.map(parseVkey)),
  folder: join(folder, 'seen'),
});

const server = createServer((request, response) => {
  const answer = (status: number, contentType: string, body: string) =>
    response.writeHead(status, { 'content-type': contentType }).end(body);
  if (request.method !== 'POST' || request.url !== '/add-checkpoint') {
    answer(404, 'text/plain', 'POST /add-checkpoint\n');
    return;
  }
  bodyOf(request)
    .then((body) => witness.addCheckpoint(body))
    .then(({ status, contentType, body }) => {
      console.error(`${new Date().toISOString()} ${status} ${body.split('\n')[0]?.slice(0, 100)}`);
      answer(status, contentType, body);
    })
    .catch((error: unknown) => {
      console.error(error);
      answer(500, 'text/plain', 'this witness is in trouble\n');
    });
});

const [, host = '127.0.0.1', port = '8740'] = /^(.*):(\d+)$/.exec(values.listen) ?? [];
server.listen(Number(port), host.replace(/^\[|\]$/g, ''), () => {
  const address = server.address();
  console.log(vkeyOf(signer, 'witness'));
  console.error(
    `watching ${values.log.length} logs at ${typeof address === 'object' ? `${address?.address}:${address?.port}` : address}`,
  );
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}

/** Made on first use, readable by its owner alone. */
function ownKey(home: string): KeyObject {
  const file = join(home, 'witness.pem');
  try {
    return createPrivateKey(readFileSync(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), {
    mode: 0o400,
    flag: 'wx',
  });
  return privateKey;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > longestBodyBytes) throw new Error('the question is too long');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
