/** Who, by the text around a link, wrote the post that it leads to. */

const signature =
  /^[\s\p{Cf}]{0,40}(?:[—–―]|--)[ \t\u00a0\p{Cf}]{0,4}[^\n@]{0,120}?\(@([A-Za-z0-9_]{1,15})\)/u;

/**
 * The handle in a signature `— Name (@handle)` that follows directly behind `end`, the form
 * that X's own embeds have. Any other mention, such as the one before a picture's link, may
 * be part of what the post says, and names nobody as its author.
 */
export function signatureBehind(text: string, end: number): string | null {
  return signature.exec(text.slice(end, end + 240))?.[1] ?? null;
}

/** The last signature in the text of a quoted post. */
export function signatureIn(text: string): string | null {
  const all = text.matchAll(
    /(?:[—–―]|--)[ \t\u00a0\n]{0,4}[^\n@—]{0,120}?\(@([A-Za-z0-9_]{1,15})\)/g,
  );
  return [...all].at(-1)?.[1] ?? null;
}
