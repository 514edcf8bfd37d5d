/** From the bytes of a file to its text, by what the file itself says of its encoding. */

/**
 * By its byte order mark, by UTF-16's zeros, as UTF-8, or as the page says that it is encoded
 * (`<meta charset>`, `<?xml encoding>`; WHATWG Encoding's labels).
 * @returns without the mark; `null`: no text, or in an encoding that nothing names
 */
export function decodeText(bytes: Uint8Array): string | null {
  const marked = byMark(bytes);
  if (marked !== null) return decodedAs(marked, bytes);
  const wide = byZeros(bytes);
  if (wide !== null) return decodedAs(wide, bytes);
  if (bytes.includes(0)) return null;
  const named = declaredEncoding(bytes);
  // Its bytes are those of ASCII: it would pass for UTF-8 and say nothing.
  if (named === 'iso-2022-jp') return decodedAs(named, bytes);
  return decodedAs('utf-8', bytes) ?? (named === null ? null : decodedAs(named, bytes));
}

const marks: [encoding: string, ...mark: number[]][] = [
  ['utf-8', 0xef, 0xbb, 0xbf],
  ['utf-16le', 0xff, 0xfe],
  ['utf-16be', 0xfe, 0xff],
];

function byMark(bytes: Uint8Array): string | null {
  const found = marks.find(([, ...mark]) => mark.every((byte, at) => bytes[at] === byte));
  return found?.[0] ?? null;
}

const looked = 4_096;

/** Latin letters, digits and line ends have a zero in every second byte, and hardly any elsewhere. */
function byZeros(bytes: Uint8Array): string | null {
  const start = bytes.subarray(0, looked);
  const zeros = [0, 0];
  for (const [at, byte] of start.entries())
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const enough = start.length / 20;
  if (odd > enough && even < odd / 10) return 'utf-16le';
  return even > enough && odd < even / 10 ? 'utf-16be' : null;
}

const declaration =
  /<meta\s[^>]{0,300}?charset\s*=\s*["']?\s*([\w-]{2,40})|<\?xml\s[^>]{0,300}?encoding\s*=\s*["']([\w-]{2,40})/i;

function declaredEncoding(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, looked)).toString('latin1');
  const [, meta, xml] = declaration.exec(start) ?? [];
  const label = meta ?? xml;
  try {
    return label === undefined ? null : new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function decodedAs(encoding: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
