import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvCell, forTerminal } from '../scripts/commands/output.ts';

describe('what reaches a terminal', () => {
  test('holds no escape, control or bidi-override character, whatever was captured', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(forTerminal(text)).not.toMatch(
          /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
        );
      }),
    );
    expect(forTerminal('a\u001b[31mred\u202egnp.exe')).toBe('a[31mredgnp.exe');
  });

  test('keeps Arabic, Chinese and emoji as they are', () => {
    expect(forTerminal('قامشلي 卡米什利 👩‍👩‍👧')).toBe('قامشلي 卡米什利 👩‍👩‍👧');
  });
});

describe('a CSV cell', () => {
  test.each(['=HYPERLINK("http://evil")', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])(
    '%j is disarmed',
    (text) => {
      expect(csvCell(text)).toMatch(/^"'/);
    },
  );

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
