/** What the outside says, in a form that PostgreSQL can hold. */

/**
 * JSON text for a `jsonb` parameter. PostgreSQL holds neither U+0000 nor half a surrogate
 * pair, and hostile pages have both: each becomes U+FFFD here. The vault has the bytes.
 */
export function storableJson(value: unknown): string {
  // `JSON.stringify` writes whole pairs as they are, so an escaped surrogate is half of one.
  return JSON.stringify(value).replaceAll(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (found) =>
    found === '\\u0000' || found.startsWith('\\ud') ? '\\ufffd' : found,
  );
}

/** A claimed time, or null where it is none that PostgreSQL could hold. */
export function storableTime(claimed: string | null): string | null {
  if (claimed === null) return null;
  const time = new Date(claimed);
  const year = time.getUTCFullYear(); // NaN for what is no time at all
  return year >= 0 && year <= 9999 ? time.toISOString() : null;
}
