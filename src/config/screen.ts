/** How wide the screen is that tables and reports are read on. */

/** `COLUMNS` where it is set, else the terminal's own; no limit where a file or a program reads. */
export function screenColumns(stream: { isTTY?: boolean; columns?: number }): number {
  const asked = Number(process.env.COLUMNS);
  if (Number.isInteger(asked) && asked >= 20) return asked;
  return stream.isTTY ? stream.columns || 80 : Number.POSITIVE_INFINITY;
}
