/** Text from outside, made safe to stand in a rendered page. */

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function attribute(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);
}

/** Text for a reader: escaped, and signs that would reorder or hide text are shown as what they are. */
export function plain(text: string): string {
  return attribute(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202d\u202e\u2028\u2029]/g,
    (sign) =>
      `<span class="sign">U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}</span>`,
  );
}

/** `2020-02-12T18:13:24.000Z` → `2020-02-12 18:13:24 UTC` */
export function utc(time: string | null): string {
  if (time === null) return 'not known';
  return `${plain(time)
    .replace('T', ' ')
    .replace(/(?:\.0+)?Z$/, '')} UTC`;
}
