/** SHA-256 of a file that lies outside of the vault: a program, a model, a file that is asked about. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const blockBytes = 1024 * 1024;

/**
 * Through one buffer: a stream would leave one behind for each of the thousands of chunks that
 * a browser's program has.
 * @throws as `open` and `read` do
 */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  await using file = await open(path);
  const hash = createHash('sha256');
  const block = Buffer.alloc(blockBytes);
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(block, 0, blockBytes);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(block.subarray(0, bytesRead));
  }
}
