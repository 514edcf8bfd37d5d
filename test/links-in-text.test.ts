/**
 * Where a link ends in a text. The kinds are those of the public lists of cases (twitter-text,
 * linkify-it, GFM's autolinks); where Holdfast decides otherwise, the reason stands beside it.
 */
import { describe, expect, test } from 'vitest';
import { readLinks } from '../src/links/read-links.ts';

const linksIn = (text: string) =>
  readLinks(text, 'text').map((found) => ('rejected' in found ? `${found.link} !` : found.link));

describe('a link is never cut to another address', () => {
  test.each([
    ['https://en.wikipedia.org/wiki/Gaza–Israel_conflict'],
    ['https://fr.wikipedia.org/wiki/L’Équipe'],
    ['https://ja.wikipedia.org/wiki/スター・ウォーズ'],
    ['https://he.wikipedia.org/wiki/צה״ל'],
    ['https://example.org/№5'],
    ['https://example.org/😀/x'],
    ['https://example.org/wiki/😀'],
    ['http://✪df.ws/ejp'],
    ['http://exampleこれは日本語です.com/path'],
    ['http://ああ.com/'],
    ["https://example.org/say_'no'"],
    ['https://example.org/a_(b)_c'],
    ['https://example.org/a;b,c.d'],
  ])('%s, in a sentence and alone', (link) => {
    expect(linksIn(`They wrote ${link} about it`)).toEqual([link]);
    expect(linksIn(`(${link}), and more`)).toEqual([link]);
    expect(linksIn(link)).toEqual([link]);
    expect(linksIn(`- ${link}`)).toEqual([link]);
  });

  test('where a line holds nothing else, quotation marks are the link’s', () => {
    expect(linksIn('https://example.org/say_"no"_twice')).toEqual([
      'https://example.org/say_"no"_twice',
    ]);
    expect(linksIn('He said “https://example.org/x”')).toEqual(['https://example.org/x']);
    expect(linksIn('"https://example.org/x"')).toEqual(['https://example.org/x']);
  });
});

describe('what is the sentence’s is left to the sentence', () => {
  test.each([
    ['见https://example.org/a。', 'https://example.org/a'],
    ['見てhttps://example.comです', 'https://example.com'],
    ['https://example.org/a🔥🔥 today', 'https://example.org/a'],
    ['https://example.org/a – they said', 'https://example.org/a'],
    ['https://example.org/a—he said', 'https://example.org/a'],
    ['https://example.org/a’s editor', 'https://example.org/a'],
    ['｜https://example.org/a｜b', 'https://example.org/a'],
    ['https://x.com/a/status/1227656969236877313🔥', 'https://x.com/a/status/1227656969236877313'],
  ])('%s', (text, link) => expect(linksIn(text)).toEqual([link]));

  test('an arrow between two links belongs to neither', () => {
    expect(linksIn('https://example.org/a→https://example.org/b')).toEqual([
      'https://example.org/a',
      'https://example.org/b',
    ]);
  });
});

describe('otherwise than in the public lists', () => {
  test.each([
    ['a host without a path in prose is the name of a site', 'foo.com and foo.net', []],
    ['… and in a list of links it is a link', 'foo.com\nfoo.net', ['foo.com', 'foo.net']],
    ['mail addresses are no pages', 'mail a@example.com or mailto:a@example.com', []],
    [
      'a host that no name server knows is tried, and the failure is kept',
      'http://no-tld',
      ['http://no-tld'],
    ],
    [
      'hosts with odd dashes resolve more often than not',
      'http://-a.example.com',
      ['http://-a.example.com'],
    ],
    [
      'a link behind # or @ is a link',
      '#http://test.com @http://test.com',
      ['http://test.com', 'http://test.com'],
    ],
    [
      'an address that was cut for display is refused, never completed',
      'http://example.com/path...',
      ['http://example.com/path... !'],
    ],
    [
      'a scheme that nothing can fetch is refused by name',
      'ftp://example.com/a',
      ['ftp://example.com/a !'],
    ],
  ])('%s', (_why, text, links) => expect(linksIn(text)).toEqual(links));
});
