/** Control signs and what turns the direction of writing: a line of cells is shown on terminals too. Line breaks and tabs stay. */
const steering =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A cell that no spreadsheet will run: a leading `= + - @`, tab or line break is
 * disarmed with an apostrophe, as OWASP advises for CSV injection.
 */
export function csvCell(given: string): string {
  const text = given.replace(steering, '');
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  // Some spreadsheets part cells at semicolons and tabs.
  return /[",;\t\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}
