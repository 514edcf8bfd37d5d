/** Links that lead to no ordinary page: the rules, read alone. `prove things` has them through the whole program. */
import { describe, expect, test } from 'vitest';
import { fileNameOf, fileTypeOf } from '../src/media/fetch/file-name.ts';
import { readDataUrl } from '../src/pipeline/capture/data-pictures.ts';
import { withoutElementName } from '../src/platforms/web/fragment.ts';
import { isFile } from '../src/recorder/file-answer.ts';
import { refreshInHtml } from '../src/visit/refresh.ts';
import { fc } from './support/property.ts';

const sniffed = { kind: 'other', mediaType: 'application/pdf', extension: 'pdf' } as const;
const named = (disposition: string, url = 'https://example.org/a/b%20c.pdf?d=e') =>
  fileNameOf({ headers: [['Content-Disposition', disposition]], url, sniffed });

describe('a file is called', () => {
  test.each([
    ['as its server says', 'attachment; filename="report 7.pdf"', 'report 7.pdf'],
    [
      'by the longer form first',
      "attachment; filename=a.pdf; filename*=UTF-8''%D0%BA.pdf",
      'к.pdf',
    ],
    ['without quotation marks', 'inline; filename=plain.pdf', 'plain.pdf'],
    ['as its address ends, where nobody says', 'attachment', 'b c.pdf'],
    ['without a way out of its folder', 'attachment; filename="..\\..//etc/passwd"', 'passwd.pdf'],
    ['without what hides it or turns it round', 'a; filename=".\u202efdp.exe"', 'fdp.exe'],
  ])('%s', (_, disposition, name) => expect(named(disposition)).toBe(name));

  test('by its kind where there is no name at all', () => {
    expect(named('', 'https://example.org/')).toBe('file.pdf');
  });

  test('something that is safe in any folder, whatever was sent', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (disposition, path) => {
        const name = named(
          `attachment; filename="${disposition}"`,
          `https://example.org/${encodeURIComponent(path.toWellFormed())}`,
        );
        expect(name).toMatch(/^[^/\\.\p{Cc}][^/\\\p{Cc}]*$/u);
        expect(name.length).toBeLessThanOrEqual(125);
      }),
    );
  });

  test('of the kind that its server names only where its bytes say little', () => {
    const of = (bytes: string, served: string) =>
      fileTypeOf({
        headers: [['content-type', served]],
        url: 'https://example.org/',
        sniffed: { ...sniffed, mediaType: bytes },
      });
    expect(of('text/plain', 'text/csv; charset=utf-8')).toBe('text/csv');
    expect(of('application/pdf', 'text/plain')).toBe('application/pdf');
    expect(of('text/plain', 'text/html')).toBe('text/plain');
    expect(of('application/octet-stream', 'nonsense\r\n')).toBe('application/octet-stream');
  });
});

test.each([
  ['application/pdf', {}, true],
  ['video/mp4', {}, true],
  ['text/csv', {}, true],
  ['application/vnd.ms-excel', {}, true],
  ['text/html', {}, false],
  ['text/plain; charset=utf-8', {}, false],
  ['application/rss+xml', {}, false],
  ['application/json', {}, false],
  ['image/png', {}, false],
  ['', {}, false],
  ['text/html', { 'content-disposition': 'attachment' }, true],
])('%s %o is a file and no page: %s', (type, more, expected) => {
  const headers = Object.entries({ 'content-type': type, ...more });
  const response = {
    status: 200,
    statusText: '',
    headers,
    protocol: null,
    tls: null,
    answeredBy: null,
  };
  expect(isFile({ type: 'document', response })).toBe(expected);
  expect(isFile({ type: 'document', response: { ...response, status: 404 } })).toBe(false);
});

const page = 'https://example.org/a/b';
test.each([
  ['<meta http-equiv=refresh content="0;url=/c">', { url: 'https://example.org/c', afterMs: 0 }],
  [
    `<META HTTP-EQUIV='Refresh' CONTENT="3; URL='c d'">`,
    { url: 'https://example.org/a/c%20d', afterMs: 3000 },
  ],
  [
    '<base href="/x/"><meta http-equiv=refresh content="1.9 ; c">',
    { url: 'https://example.org/x/c', afterMs: 1000 },
  ],
  ['<meta http-equiv=refresh content="5">', { url: page, afterMs: 5000 }],
  ['<noscript><meta http-equiv=refresh content="0;url=/no"></noscript>', null],
  ['<!-- <meta http-equiv=refresh content="0;url=/no"> -->', null],
  ['<script>"<meta http-equiv=refresh content=0;url=/no>"</script>', null],
  ['<meta http-equiv=refresh content="soon">', null],
  ['<meta http-equiv=refresh content="0;url=javascript:alert(1)">', null],
])('%s leads on as browsers read it', (html, expected) => {
  const found = refreshInHtml(html, page);
  if (expected === null) expect(found).toBeNull();
  else expect(found).toMatchObject(expected);
});

test.each([
  ['https://example.org/a#part', 'https://example.org/a'],
  ['https://example.org/a#/part', null],
  ['https://example.org/a#!part', null],
  ['https://example.org/a#t=1', null],
  ['https://example.org/a#at:1', null],
  ['https://example.org/a', null],
])('%s could lead to the element of %s', (address, target) => {
  expect(withoutElementName(address)).toBe(target);
});

test('an address that is the file itself is read as browsers read it', () => {
  const text = (url: string) => readDataUrl(url)?.bytes.toString('latin1') ?? null;
  expect(text('data:image/svg+xml;charset=utf-8,%3Csvg/%3E')).toBe('<svg/>');
  expect(text('data:image/png;base64,aGVsbG8=')).toBe('hello');
  expect(text('data:image/png;base64,aGVs%62G8=')).toBe('hello');
  for (const broken of ['data:image/png', 'data:,x', 'data:image/png,%zz'])
    expect(text(broken)).toBeNull();
});
