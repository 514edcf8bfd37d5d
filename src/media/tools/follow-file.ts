/** Reads a file that a tool is still writing: its bytes in portions, or line by line. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Following {
  /** Nothing more will be written: resolves when all that is there has been handed over. */
  ended(): Promise<void>;
}

/** It lies where the tool writes: no link of its making leads us elsewhere, and no pipe keeps us waiting. */
const plainly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Each look takes a core from the tool for a moment. */
const lookEveryMs = 200;

/**
 * @param take is given the next bytes, `mostBytes` at most, and says how many of them it has
 *   used; the others come again, with more behind them. It must not keep them.
 */
export function followFile(
  path: string,
  mostBytes: number,
  take: (bytes: Buffer) => number,
): Following {
  const over = new AbortController();
  const following = follow();
  // Whoever awaits `ended` hears of it; nobody does where the tool itself failed.
  following.catch(() => {});

  async function follow(): Promise<void> {
    const buffer = Buffer.alloc(mostBytes);
    let file = null;
    try {
      for (let position = 0; ; ) {
        const last = over.signal.aborted;
        file ??= await open(path, plainly).catch(() => null);
        const read = await file?.read(buffer, 0, mostBytes, position);
        const used = take(buffer.subarray(0, read?.bytesRead ?? 0));
        position += used;
        if (used > 0) continue;
        if (last) return;
        // Cut short when all is written: what is left is read at once.
        await sleep(lookEveryMs, null, { signal: over.signal }).catch(() => {});
      }
    } finally {
      await file?.close();
    }
  }

  return {
    ended: async () => {
      over.abort();
      await following;
    },
  };
}

/** Also the longest line: a longer one comes in pieces. */
const linesAtOnceBytes = 64 * 1024;

/** A last line without its end is left out: whoever wrote it was ended. */
export function followLines(path: string, onLine: (line: string) => void): Following {
  return followFile(path, linesAtOnceBytes, (bytes) => {
    const end = bytes.lastIndexOf('\n');
    const used = end < 0 && bytes.length === linesAtOnceBytes ? bytes.length : end + 1;
    if (used === 0) return 0;
    for (const line of bytes.toString('utf8', 0, end < 0 ? used : end).split('\n')) onLine(line);
    return used;
  });
}
