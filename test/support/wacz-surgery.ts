/** Takes a web archive apart, changes one thing in it and puts it together again, all else made to fit. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Entry, openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

export type Files = Map<string, Buffer>;

export async function unpack(path: string): Promise<Files> {
  const zip = await openPromise(path, { lazyEntries: true });
  const files: Files = new Map();
  for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    files.set(entry.fileName, Buffer.concat(chunks));
  }
  return files;
}

export async function pack(
  files: Files,
  path: string,
  deflate: (path: string) => boolean = () => false,
): Promise<string> {
  const zip = new ZipFile();
  for (const [name, bytes] of files) zip.addBuffer(bytes, name, { compress: deflate(name) });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}

/** Lengths, hashes, digest and signature, made anew for what the files are now. */
export function settle(files: Files): Files {
  const description = json(files, 'datapackage.json');
  description.resources = [...files]
    .filter(([path]) => !path.startsWith('datapackage'))
    .map(([path, bytes]) => ({
      name: path.split('/').at(-1),
      path,
      hash: `sha256:${sha256(bytes)}`,
      bytes: bytes.byteLength,
    }));
  files.set('datapackage.json', Buffer.from(JSON.stringify(description)));
  return resign(files);
}

export function resign(files: Files): Files {
  const hash = `sha256:${sha256(files.get('datapackage.json') ?? Buffer.alloc(0))}`;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const signature = sign('sha256', Buffer.from(hash), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  const signedData = {
    hash,
    created: json(files, 'datapackage.json').created,
    software: 'surgery',
    version: '0.1.0',
    signature: signature.toString('base64'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  };
  const digest = { path: 'datapackage.json', hash, signedData };
  files.set('datapackage-digest.json', Buffer.from(JSON.stringify(digest)));
  return files;
}

/**
 * Gives every record of `archive/<name>` to `change` as text (Latin-1, so that bytes stay bytes),
 * compresses the results one by one, and moves the index lines along.
 */
export function changeRecords(
  files: Files,
  name: string,
  change: (record: string, index: number) => string | null,
): Files {
  const path = `archive/${name}`;
  const moved = new Map<string, { offset: string; length: string; recordDigest: string }>();
  const members: Buffer[] = [];
  let offset = 0;
  for (const [index, { start, text }] of records(files.get(path) ?? Buffer.alloc(0)).entries()) {
    const changed = change(text, index);
    if (changed === null) continue;
    const member = gzipSync(Buffer.from(changed, 'latin1'));
    moved.set(String(start), {
      offset: String(offset),
      length: String(member.byteLength),
      recordDigest: `sha256:${sha256(member)}`,
    });
    members.push(member);
    offset += member.byteLength;
  }
  files.set(path, Buffer.concat(members));
  return changeIndex(files, (line) => {
    const brace = line.indexOf('{');
    const fields = JSON.parse(line.slice(brace));
    if (fields.filename !== name) return line;
    const place = moved.get(fields.offset);
    if (place === undefined) return null;
    return line.slice(0, brace) + JSON.stringify({ ...fields, ...place });
  });
}

export function changeIndex(
  files: Files,
  change: (line: string, index: number) => string | null,
): Files {
  const lines = (files.get('indexes/index.cdxj')?.toString('utf8') ?? '').trimEnd().split('\n');
  const changed = lines.map(change).filter((line) => line !== null);
  files.set('indexes/index.cdxj', Buffer.from(changed.map((line) => `${line}\n`).join('')));
  return files;
}

/** Replaces header fields or body of a record, and corrects what follows from that. */
export function withBlock(record: string, block: string): string {
  const header = record.slice(0, record.indexOf('\r\n\r\n') + 4);
  const bytes = Buffer.from(block, 'latin1');
  const fitted = header
    .replace(/Content-Length: \d+/, `Content-Length: ${bytes.byteLength}`)
    .replace(/(WARC-Block-Digest: sha256:)\w+/, `$1${sha256(bytes)}`);
  return `${fitted}${block}\r\n\r\n`;
}

export function blockOf(record: string): string {
  return record.slice(record.indexOf('\r\n\r\n') + 4, -4);
}

export function json(files: Files, path: string) {
  return JSON.parse(files.get(path)?.toString('utf8') ?? 'null');
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Finds members by their magic, which is good enough for files that we made. */
function records(gz: Buffer): { start: number; text: string }[] {
  const starts: number[] = [];
  const magic = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00]);
  for (let at = gz.indexOf(magic); at >= 0; at = gz.indexOf(magic, at + 1)) starts.push(at);
  return starts.map((start, index) => ({
    start,
    text: gunzipSync(gz.subarray(start, starts[index + 1] ?? gz.byteLength)).toString('latin1'),
  }));
}
