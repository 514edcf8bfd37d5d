/** A text file as its reader sees it, whatever it is written in. */
import { open } from 'node:fs/promises';

const longestBytes = 4 * 1024 * 1024;

/** @param headers of the answer that brought it, as pairs; anything else says nothing */
export async function textOfFile(
  path: string,
  headers: unknown,
): Promise<{ text: string; isCut: boolean }> {
  await using file = await open(path);
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.min(size, longestBytes));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  const bytes = buffer.subarray(0, bytesRead);
  const text = new TextDecoder(charsetOf(bytes, headers)).decode(bytes);
  return { text: text.replaceAll('\0', ''), isCut: size > longestBytes };
}

/** Its own mark goes before what its server says. */
function charsetOf(bytes: Buffer, headers: unknown): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const pairs: unknown[] = Array.isArray(headers) ? headers : [];
  const named = pairs.find(
    (pair): pair is [string, string] =>
      Array.isArray(pair) && /^content-type$/i.test(String(pair[0])),
  )?.[1];
  const charset = /charset\s*=\s*"?([\w.:-]+)/i.exec(String(named))?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    return 'utf-8';
  }
}
