/** Files as editors and browsers save them: what they are encoded in is found out, or asked for by name. */
import { expect, test } from 'vitest';
import { decodeText } from '../src/links/decode-text.ts';
import { readLinks } from '../src/links/read-links.ts';
import { fc } from './support/property.ts';

const text =
  'Они писали об этом: https://example.org/взрыв\r\nhttps://x.com/a/status/1227656969236877313\r\n';
const wide = (order: 'le' | 'be', mark: boolean) => {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};

test.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
  ['UTF-16 as Notepad saves it', wide('le', true)],
  ['UTF-16, the high byte first', wide('be', true)],
  ['UTF-16 without a mark', wide('le', false)],
  ['UTF-16 without a mark, the high byte first', wide('be', false)],
])('%s is read as it was written', (_encoding, bytes) => {
  expect(decodeText(bytes)).toBe(text);
  expect(readLinks(decodeText(bytes) ?? '')).toHaveLength(2);
});

/** `взрыв`, in Cyrillic of one byte a letter. */
const koi = Buffer.from([0xe2, 0xe7, 0xf0, 0xfb, 0xe2]);
const page = (head: string) =>
  Buffer.concat([Buffer.from(`${head}<a href="https://example.org/`), koi, Buffer.from('">x</a>')]);

test.each([
  ['<!doctype html><meta charset="windows-1251">'],
  ['<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'],
  ['<?xml version="1.0" encoding="windows-1251"?><html>'],
])('a page is read in the encoding that it names: %s', (head) => {
  expect(decodeText(page(head))).toContain('https://example.org/взрыв');
});

test('what is neither UTF-8 nor UTF-16 and names nothing, or is no text at all, is refused', () => {
  expect(decodeText(page('<!doctype html>'))).toBeNull();
  expect(decodeText(page('<meta charset="no-such-thing">'))).toBeNull();
  expect(decodeText(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0x0d, 0, 1]))).toBeNull();
});

test('any text comes back from UTF-8, and whatever bytes come, nothing is thrown', () => {
  const written = fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\0'));
  fc.assert(
    fc.property(written, (one) => {
      expect(decodeText(Buffer.from(one))).toBe(one.replace(/^\ufeff/, ''));
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeText(bytes)));
});
