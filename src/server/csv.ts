/** Rows for spreadsheets, with the mark that makes Excel read them as UTF-8. */
import { csvCell } from '../base/csv-cell.ts';
import { forTerminal } from '../base/for-terminal.ts';
import type { Rows } from './page.ts';

const byteOrderMark = '\ufeff';

export function csvOf({ columns, rows }: Rows): string {
  const line = (cells: (string | number | null)[]) =>
    `${cells.map((cell) => csvCell(forTerminal(String(cell ?? '')))).join(',')}\r\n`;
  return byteOrderMark + line(columns) + rows.map(line).join('');
}
