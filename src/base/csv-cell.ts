/**
 * A cell that no spreadsheet will run: a leading `= + - @`, tab or line break is
 * disarmed with an apostrophe, as OWASP advises for CSV injection.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  // Some spreadsheets part cells at semicolons and tabs.
  return /[",;\t\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}
