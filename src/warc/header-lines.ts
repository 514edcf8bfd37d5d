/** Header blocks of WARC records and HTTP messages: nothing in a value can start a line of its own. */

export type HeaderLine = [name: string, value: string];

/** First line, headers in their order, and the empty line that ends the block. UTF-8. */
export function headerBlock(firstLine: string, headers: HeaderLine[]): string {
  const lines = headers.map(([name, value]) => `${tokenOnly(name)}: ${oneLine(value)}`);
  return `${[oneLine(firstLine), ...lines].join('\r\n')}\r\n\r\n`;
}

/** `name: value` lines of the media type `application/warc-fields`. */
export function warcFields(fields: HeaderLine[]): string {
  return fields.map(([name, value]) => `${tokenOnly(name)}: ${oneLine(value)}\r\n`).join('');
}

/** Line breaks and NUL would end or cut the line; a space stands where one stood. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(/[\r\n\0]+/g, ' ');
}

/** What RFC 9110 doesn't allow in a field name (HTTP/2 pseudo-headers are left out before) becomes `_`. */
function tokenOnly(name: string): string {
  return name.replace(/[^!#$%&'*+.^_`|~0-9A-Za-z-]/g, '_') || '_';
}

/** An address in the form in which it can stand in a WARC header: no spaces, no line breaks. */
export function uriValue(url: string): string {
  return url
    .toWellFormed()
    .replace(
      /[\u0000-\u0020\u007f<>]/g,
      (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
    );
}
