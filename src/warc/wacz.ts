/**
 * Packs a web archive as WACZ 1.1.1. Everything is stored, not deflated, with fixed times, so that
 * the same files make the same bytes on every machine; each is hashed while it is written.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { IntegrityError } from '../base/errors.ts';

export interface WaczFile {
  /** `archive/page.warc.gz`. */
  path: string;
  /** Null where nobody knows it before the bytes have been written. */
  sha256: string | null;
  open(): Promise<AsyncIterable<Uint8Array>> | AsyncIterable<Uint8Array>;
}

export interface WaczResource {
  name: string;
  path: string;
  /** `sha256:<hex>`. */
  hash: string;
  bytes: number;
}

/** What ends the package, made when every other file is known. */
export interface Closing {
  datapackage: string;
  digest: string;
}

/**
 * Writes the file, which must not exist; after a failure there is none.
 * @throws IntegrityError `stored-bytes-differ` when a file is not what its digest says
 */
export async function writeWacz(
  target: string,
  files: WaczFile[],
  close: (resources: WaczResource[]) => Promise<Closing>,
  signal: AbortSignal,
): Promise<{ sizeBytes: number; sha256: string }> {
  const zip = new ZipFile();
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const sink = createWriteStream(target, { flags: 'wx' });
  const written = pipeline(
    zip.outputStream as Readable,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        sizeBytes += chunk.byteLength;
        yield chunk;
      }
    },
    sink,
    { signal },
  );
  // Whichever fails first ends the other.
  const failed = new Promise<never>((_resolve, reject) => {
    zip.on('error', reject);
    written.catch(reject);
  });
  failed.catch(() => undefined);
  try {
    const resources: WaczResource[] = [];
    for (const file of files) resources.push(await Promise.race([addFile(zip, file), failed]));
    const { datapackage, digest } = await close(resources);
    zip.addBuffer(Buffer.from(datapackage), 'datapackage.json', fixed());
    zip.addBuffer(Buffer.from(digest), 'datapackage-digest.json', fixed());
    zip.end();
    await Promise.race([written, failed]);
    return { sizeBytes, sha256: hash.digest('hex') };
  } catch (error) {
    const ours = !(error instanceof Error && 'code' in error && error.code === 'EEXIST');
    (zip.outputStream as Readable).destroy();
    await written.catch(() => undefined);
    if (ours) await rm(target, { force: true });
    throw error;
  }
}

function addFile(zip: ZipFile, file: WaczFile): Promise<WaczResource> {
  return new Promise((resolve, reject) => {
    const source = Readable.from(
      measured(file, (sha256, bytes) => {
        resolve({
          name: file.path.slice(file.path.lastIndexOf('/') + 1),
          path: file.path,
          hash: `sha256:${sha256}`,
          bytes,
        });
      }),
      { objectMode: false },
    );
    source.once('error', reject);
    zip.addReadStreamLazy(file.path, fixed(), (give) => give(null, source));
  });
}

async function* measured(
  file: WaczFile,
  done: (sha256: string, bytes: number) => void,
): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of await file.open()) {
    hash.update(chunk);
    bytes += chunk.byteLength;
    yield chunk;
  }
  const sha256 = hash.digest('hex');
  if (file.sha256 !== null && file.sha256 !== sha256) {
    throw new IntegrityError(
      'stored-bytes-differ',
      `${file.path} now hashes to ${sha256}, not to ${file.sha256}; nothing was exported`,
    );
  }
  done(sha256, bytes);
}

/** The first moment that zip knows, in whatever zone the machine is: zip has no zones. */
function fixed() {
  return { mtime: new Date(1980, 0, 1), mode: 0o100644, compress: false, forceDosTimestamp: true };
}
