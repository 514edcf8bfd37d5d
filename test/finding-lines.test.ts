/** How the findings about a bundle are told to people. */
import { expect, test } from 'vitest';
import { findingLines, warningLines } from '../src/cli/ask/finding-lines.ts';
import type { BundleFinding } from '../src/seal/verify/findings.ts';

test('what is in order is counted, and nothing else is', () => {
  const written: string[] = [];
  const lines = findingLines((line) => void written.push(line.replace(/\s+/g, ' ')));
  const about = (kind: BundleFinding['kind'], subject: string, result: BundleFinding['result']) =>
    lines.add({ kind, subject, result, message: 'm' });
  about('file', 'a', 'ok');
  about('file', 'b', 'ok');
  about('file', 'c', 'invalid');
  about('file', 'd', 'ok');
  about('manifest', 'e', 'ok');
  about('manifest', 'f', 'ok');
  about('entry', 'g', 'note');
  about('entry', 'h', 'ok');
  about('entry', 'i', 'ok');
  lines.end();
  expect(written).toEqual([
    'ok file 2 checked, all in order (--jsonl lists each)',
    'FAULT file c: m',
    'ok file d: m',
    'ok manifest e: m',
    'ok manifest f: m',
    'note entry g: m',
    'ok entry 2 checked, all in order (--jsonl lists each)',
  ]);
});

test('what holds for many captures is told once', () => {
  const id = (n: number) => `01a231d1-8353-7369-ad90-e21f08fd58c${n}`;
  const proxy = 'fetched through the proxy a: b';
  const of = (count: number) => Array.from({ length: count }, (_, n) => `${id(n)}: ${proxy}`);
  expect(warningLines(['key: no key was given', ...of(4)])).toEqual([
    '*** key: no key was given ***',
    `*** 4 captures: ${proxy} ***`,
  ]);
  expect(warningLines(of(3))).toEqual(of(3).map((line) => `*** ${line} ***`));
});
