import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { csvCell } from '../src/base/csv-cell.ts';
import { forTerminal } from '../src/base/for-terminal.ts';
import { timeFrom, wholeNumber } from '../src/cli/terminal/flags.ts';
import { type Format, printListing, writeWrapped } from '../src/cli/terminal/output.ts';
import { printTable } from '../src/cli/terminal/table.ts';
import { WorkLines } from '../src/cli/terminal/work-lines.ts';
import { refuseEmptyPeriod } from '../src/pipeline/period.ts';
import { fc } from './support/property.ts';

describe('what reaches a terminal', () => {
  test('holds no escape, control or bidi-override character, whatever was captured', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(forTerminal(text)).not.toMatch(
          /[\u0000-\u001f\u007f-\u009f\u061c\u202a-\u202e\u2066-\u2069]/,
        );
      }),
    );
    expect(forTerminal('a\u001b[31mred\u202egn\u061cp.exe')).toBe('a[31mredgnp.exe');
  });

  test('keeps Arabic, Chinese and emoji as they are', () => {
    expect(forTerminal('قامشلي 卡米什利 👩‍👩‍👧')).toBe('قامشلي 卡米什利 👩‍👩‍👧');
  });
});

describe('a CSV cell', () => {
  test.each(['=HYPERLINK("http://evil")', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '＝1+1', '＠x'])(
    '%j is disarmed',
    (text) => {
      expect(csvCell(text)).toMatch(/^"'/);
    },
  );

  test('steers no terminal, and keeps its lines', () => {
    expect(csvCell('a\u001b[31mred\u202egn\u0000')).toBe('a[31mredgn');
    expect(csvCell('one\ntwo')).toBe('"one\ntwo"');
    expect(csvCell('\u200e=1+1')).toBe(`"'=1+1"`);
  });

  test('is quoted where a spreadsheet might part it', () => {
    expect(csvCell('x;=1+1')).toBe('"x;=1+1"');
    expect(csvCell('x\t=1+1')).toBe('"x\t=1+1"');
  });

  test('comes back from a CSV reader as it was, but for the apostrophe that disarms it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const [[cell]] = parse(`${csvCell(text)},end\r\n`, { relax_column_count: true }) as [
          [string],
        ];
        expect([text, `'${text}`]).toContain(cell);
      }),
    );
  });
});

describe('a list', () => {
  const listing = {
    columns: [
      { title: 'ID', value: (row: string) => row },
      { title: '', csvTitle: 'NOTE', value: () => 'x' },
    ],
    id: (row: string) => row,
    record: (row: string) => ({ row }),
    nothing: 'nothing',
  };
  const printed = (rows: string[], format: Format) => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    printListing(rows, listing, format);
    const text = write.mock.calls.map(([line]) => String(line)).join('');
    write.mockRestore();
    return text;
  };

  test('of ids names each once, and has no empty line for what has none', () => {
    expect(printed(['a', '', 'b', 'a'], 'ids')).toBe('a\nb\n');
  });

  test('is as JSON what all of its records are', () => {
    expect(printed(['a\n', 'b'], 'json')).toBe(
      `${JSON.stringify([{ row: 'a\n' }, { row: 'b' }], null, 2)}\n`,
    );
    expect(printed([], 'json')).toBe('[]\n');
  });

  test('is no wider than the screen: what does not fit goes below, and only text is cut or wrapped', () => {
    const link = `https://example.org/${'x'.repeat(40)}`;
    const columns = [
      { title: 'ID', value: () => 'a'.repeat(36) },
      { title: 'STATE', value: () => 'complete' },
      { title: 'TEXT', value: () => '東京 '.repeat(20), width: 60 },
      { title: 'LINK', value: () => link },
      { title: 'WHY', value: () => 'several words that go on below', wraps: true },
    ];
    const lines: string[] = [];
    printTable(['row'], columns, 60, (line) => lines.push(line));
    expect(lines).toEqual([
      `ID${' '.repeat(36)}STATE`,
      '  TEXT',
      '  LINK',
      '  WHY',
      `${'a'.repeat(36)}  complete`,
      `  ${'東京 '.repeat(11)}東…`,
      `  ${link}`,
      '  several words that go on below',
    ]);
    lines.length = 0;
    printTable(['row'], columns.slice(4), 24, (line) => lines.push(line));
    expect(lines).toEqual(['WHY', 'several words that go on', 'below']);
    lines.length = 0;
    printTable(['row'], columns, Number.POSITIVE_INFINITY, (line) => lines.push(line));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('東京 '.repeat(20));
  });

  test('has words beside it that go on below, in line, where the screen ends', () => {
    const { COLUMNS } = process.env;
    process.env.COLUMNS = '40';
    const lines = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    writeWrapped('note        ', 'several words that go on below it');
    const text = lines.mock.calls.map(([line]) => String(line)).join('');
    lines.mockRestore();
    if (COLUMNS === undefined) delete process.env.COLUMNS;
    else process.env.COLUMNS = COLUMNS;
    expect(text).toBe('note        several words that go on\n            below it\n');
  });

  test('has a name for every column in CSV', () => {
    expect(printed(['a'], 'csv')).toBe('ID,NOTE\na,x\n');
  });
});

describe('the lines of workers', () => {
  test('say how many captures are closed, the step, the link, how it ended and how long it took', async () => {
    const printed: string[] = [];
    const lines = new WorkLines((line) => printed.push(line));
    const answers: [RegExp, Record<string, unknown>[]][] = [
      [/select link/, [{ link: 'https://www.example.org/a' }]],
      [/count\(\*\) from unfinished/, [{ count: 3 }]],
      [/capture_id as id/, [{ id: 'one' }]],
    ];
    lines.askOf({
      query: async <Row>(sql: string) => {
        const rows = (answers.find(([asked]) => asked.test(sql))?.[1] ?? []) as Row[];
        return { rows, rowCount: rows.length };
      },
    });
    const said = (level: number, msg: string, rest: object = {}) =>
      lines.write(JSON.stringify({ level, msg, captureId: 'one', ...rest }));
    const err = { code: 'dns', message: 'no such name\nmore', stack: 'at nothing' };
    said(30, 'step ended', { step: 'page', state: 'done', reason: null, tookMs: 14_200 });
    said(40, 'step failed', { step: 'media', final: false, err, tookMs: 900 });
    said(30, 'capture closed', { state: 'partial' });
    said(30, 'checkpoint signed', { captureId: undefined });
    said(40, 'no timestamp', { captureId: undefined, err });
    await lines.end();
    expect(printed).toEqual([
      '0/2 page example.org/a 14 s',
      '0/2 media example.org/a tried again: dns, 1 s',
      '1/3 sealed example.org/a partial',
      'no timestamp: no such name [dns]',
    ]);
  });
});

describe('a flag', () => {
  const { TZ } = process.env;
  afterEach(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });

  test('that is a time without a zone is UTC, wherever the machine stands', () => {
    process.env.TZ = 'America/New_York';
    const noon = '2026-11-01T12:00:00.000Z';
    for (const text of ['2026-11-01T12:00', '2026-11-01T12:00Z', '2026-11-01T13:00+01:00'])
      expect(timeFrom('--since', text).toISOString()).toBe(noon);
    expect(timeFrom('--since', '2026-11-01').toISOString()).toBe('2026-11-01T00:00:00.000Z');
  });

  test('that is a span reaches back from now, or ahead to an end', () => {
    const now = new Date('2026-11-30T12:00Z');
    expect(timeFrom('--since', '7d', { now }).toISOString()).toBe('2026-11-23T12:00:00.000Z');
    expect(timeFrom('--since', '24h', { now }).toISOString()).toBe('2026-11-29T12:00:00.000Z');
    expect(timeFrom('--until', '90m', { now, ahead: true }).toISOString()).toBe(
      '2026-11-30T13:30:00.000Z',
    );
  });

  test.each([
    '',
    '0',
    '7',
    '7y',
    '-7d',
    '1.5d',
    'yesterday',
    '11/24/2026',
    '2026-13-01',
    '99999999-01-01',
    '2026-11-01 12',
  ])('%j is no time', (text) =>
    expect(() => timeFrom('--since', text)).toThrow('2026-11-01T12:00Z'),
  );

  test.each(['', 'x', '5x', '0', '11', '1e1', '-1', ' 5'])('%j is no number from 1 to 10', (text) =>
    expect(() => wholeNumber('--limit', text, 1, 10)).toThrow('--limit must be 1 to 10'),
  );

  test('that ends a period before it begins is refused', () => {
    const [early, late] = [new Date(0), new Date(1)];
    expect(() => refuseEmptyPeriod(['from', late], ['to', early])).toThrow('earlier than to');
    refuseEmptyPeriod(['from', early], ['to', late]);
    refuseEmptyPeriod(['from', late], ['to', undefined]);
  });
});
