/** Where a bundle is written to: a folder or a zip file. Neither may exist, and neither is there before it is whole. */
import { createWriteStream } from 'node:fs';
import { link, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { UsageError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';

export interface BagTarget {
  write(path: string, content: Readable): Promise<void>;
  /** Puts the whole bundle in its place. */
  finish(): Promise<void>;
  /** Removes what was written so far. */
  abandon(): Promise<void>;
}

/** A path that ends in `.zip` becomes a zip file. @throws UsageError `exists` */
export async function openBagTarget(path: string, madeAt: Date): Promise<BagTarget> {
  if ((await stat(path).catch(() => null)) !== null) throw exists(path);
  await makeFolder(dirname(path));
  return path.endsWith('.zip') ? zipTarget(path, madeAt) : folderTarget(path);
}

function exists(path: string): UsageError {
  return new UsageError('exists', `${path} exists already; nothing is ever overwritten`);
}

async function folderTarget(path: string): Promise<BagTarget> {
  const making = `${path}.making-${process.pid}`;
  await mkdir(making);
  return {
    async write(name, content) {
      const file = join(making, ...name.split('/'));
      await mkdir(dirname(file), { recursive: true });
      await pipeline(content, createWriteStream(file, { flags: 'wx' }));
    },
    async finish() {
      if ((await stat(path).catch(() => null)) !== null) throw exists(path);
      await rename(making, path);
    },
    abandon: () => rm(making, { recursive: true, force: true }),
  };
}

/** One folder in the zip, named as the file is (RFC 8493 section 4.2); same content, same bytes. */
async function zipTarget(path: string, madeAt: Date): Promise<BagTarget> {
  const making = `${path}.making-${process.pid}`;
  const top = basename(path, '.zip');
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(making, { flags: 'wx' }));
  // A file that can't be written takes nothing more in: whoever writes then is told, not left waiting.
  const broken = new AbortController();
  written.catch((error: unknown) => broken.abort(error));
  return {
    async write(name, content) {
      // One at a time, so that only one file is open.
      const passing = new PassThrough({ highWaterMark: 1024 * 1024 });
      zip.addReadStream(passing, `${top}/${name}`, {
        mtime: madeAt,
        mode: 0o100644,
        compress: isText(name),
      });
      try {
        await pipeline(content, passing, { signal: broken.signal });
      } catch (error) {
        throw broken.signal.aborted ? broken.signal.reason : error;
      }
    },
    async finish() {
      zip.end();
      await written;
      try {
        await link(making, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        throw exists(path);
      } finally {
        await rm(making, { force: true });
      }
    },
    async abandon() {
      (zip.outputStream as Readable).destroy();
      await written.catch(() => {});
      // Why it was abandoned is what the caller must hear.
      await rm(making, { force: true }).catch(() => {});
    },
  };
}

/** Pictures, videos and archives are packed already. */
function isText(name: string): boolean {
  return /\.(txt|json|jsonl|html|note|cosigned|pem|tlog-proof)$/.test(name);
}
