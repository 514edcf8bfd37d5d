/** The takedown report: counts that may be published, with the method beside them. Pure. */
import type { Environment } from '../model/capture-record.ts';
import type { TakedownCount, TakedownGrouping } from '../model/takedown.ts';

export interface ReportRow {
  group: string;
  removed: number;
  /** Of these, found to be back by the time of the report. */
  restored: number;
  /** Of these, held here from before. */
  kept: number;
  /** How many by each kind. */
  kinds: Record<string, number>;
}

export interface TakedownReport {
  environment: Environment;
  from: Date;
  to: Date;
  by: TakedownGrouping;
  /** Only of the sources of this case; `null`: of all. */
  case: string | null;
  madeAt: Date;
  rows: ReportRow[];
  total: ReportRow;
}

export function takedownReport(
  counts: TakedownCount[],
  frame: Omit<TakedownReport, 'rows' | 'total'>,
): TakedownReport {
  const groups = Map.groupBy(counts, (one) => groupOf(one, frame.by));
  const rows = [...groups]
    .map(([group, members]) => summed(group, members))
    .sort((one, other) => order(one, other, frame.by));
  return { ...frame, rows, total: summed('all', counts) };
}

function groupOf(one: TakedownCount, by: TakedownGrouping): string {
  if (by === 'platform') return one.platform;
  if (by === 'month') return one.month ?? '';
  if (one.authorHandle !== null) return `${one.platform} @${one.authorHandle}`;
  return one.authorId === null
    ? `${one.platform} (author unknown)`
    : `${one.platform} ${one.authorId}`;
}

function summed(group: string, members: TakedownCount[]): ReportRow {
  const row: ReportRow = { group, removed: 0, restored: 0, kept: 0, kinds: {} };
  for (const { kind, removed, restored, kept } of members) {
    row.removed += removed;
    row.restored += restored;
    row.kept += kept;
    row.kinds[kind ?? 'unstated'] = (row.kinds[kind ?? 'unstated'] ?? 0) + removed;
  }
  return row;
}

/** Months in their order, the rest by how much was removed. */
function order(one: ReportRow, other: ReportRow, by: TakedownGrouping): number {
  const byName = one.group < other.group ? -1 : 1;
  return by === 'month' ? byName : other.removed - one.removed || byName;
}

const columns = ['removed', 'restored since', 'held here from before', 'kinds'];

/** What the figures mean and what they don't: part of every report that may leave the house. */
export const method = [
  'Counted are sources that this archive watched and concluded to be removed in the period: missing in several checks over time, by at least two routes, while sources known to be there were found by the same routes.',
  'It is not a count of everything that was removed: only what is watched can be found missing.',
  'A kind is what the platform stated. "not-found" means that nobody said why.',
  'Times are UTC and name the moment of the conclusion, not of the removal.',
];

export function inMarkdown(report: TakedownReport): string {
  const cell = (text: string) => plain(text).replaceAll('|', '\\|').replaceAll('<', '&lt;');
  const line = (cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [
    `# ${title(report)}`,
    '',
    period(report).replaceAll('<', '&lt;'),
    '',
    line([report.by, ...columns]),
    line(['---', '---:', '---:', '---:', '---']),
    ...[...report.rows, report.total].map((row) => line(cellsOf(row))),
    '',
    ...method.map((sentence) => `- ${sentence}`),
    '',
  ].join('\n');
}

export function inHtml(report: TakedownReport): string {
  const row = (cells: string[], tag: string) =>
    `<tr>${cells.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join('')}</tr>`;
  const heading = escaped(title(report));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${heading}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 16px/1.5 sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #999; padding: .35rem .5rem; text-align: left; vertical-align: top; unicode-bidi: isolate; }
td:nth-child(n+2):nth-child(-n+4) { text-align: right; font-variant-numeric: tabular-nums; }
tr:last-child td { font-weight: bold; border-bottom: 0; }
@media print { body { margin: 0; max-width: none; } }
</style></head><body>
<h1>${heading}</h1>
<p>${escaped(period(report))}</p>
<table><thead>${row([report.by, ...columns], 'th')}</thead>
<tbody>
${[...report.rows, report.total].map((one) => row(cellsOf(one), 'td')).join('\n')}
</tbody></table>
<h2>What this counts</h2>
<ul>${method.map((sentence) => `<li>${escaped(sentence)}</li>`).join('')}</ul>
</body></html>
`;
}

/** Rows of cells, a header first; the caller neutralises them for spreadsheets. */
export function inRows(report: TakedownReport): string[][] {
  return [[report.by, ...columns], ...[...report.rows, report.total].map(cellsOf)];
}

function cellsOf({ group, removed, restored, kept, kinds }: ReportRow): string[] {
  const words = Object.entries(kinds)
    .sort(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${kind} ${count}`);
  return [plain(group), String(removed), String(restored), String(kept), words.join(', ')];
}

function title({ environment, by }: TakedownReport): string {
  return `${environment === 'demo' ? 'Demonstration: ' : ''}Takedowns by ${by}`;
}

function period({ from, to, madeAt, case: caseName }: TakedownReport): string {
  const day = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ');
  const of = caseName === null ? '' : `Of the sources of the case “${plain(caseName)}”. `;
  return `${of}Concluded from ${day(from)} to ${day(to)} UTC. Made ${day(madeAt)} UTC.`;
}

/** Names come from outside: no control characters, nothing that turns text round. */
function plain(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    '',
  );
}

function escaped(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
