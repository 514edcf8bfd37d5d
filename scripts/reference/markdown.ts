/** Small pieces of Markdown that the reference pages are made of. */
import type { CodeEntry } from '../../src/base/codes/entry.ts';

const madeBy = '<!-- Made from the code by `node scripts/build-reference.ts`: change it there. -->';

export function page(title: string, intro: string, ...sections: string[]): string {
  return `${[`# ${title}`, madeBy, intro, ...sections].join('\n\n')}\n`;
}

export function section(title: string, ...blocks: string[]): string {
  return [`## ${title}`, ...blocks].join('\n\n');
}

export function table(titles: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** One row a code: what it means, when it arises, what to do. */
export function codes(entries: Readonly<Record<string, CodeEntry>>, first = 'Code'): string {
  const rows = Object.entries(entries)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { meaning, when, todo }]) => [code(name), meaning, when, todo]);
  return table([first, 'Means', 'When', 'What to do'], rows);
}
