/** What holds for every input, however hostile. */
import { expect, test } from 'vitest';
import { identifyLink } from '../src/links/identify-link.ts';
import { formatOf, readLinks, textFormats } from '../src/links/read-links.ts';
import { addressOf, idTime, mediaIdTime, syndicationToken } from '../src/platforms/x/identity.ts';
import { fc } from './support/property.ts';

/** Pieces that links are made of, so that random texts come close to real ones. */
const pieces = fc.constantFrom(
  'https://',
  'http:/',
  'hxxps://',
  'twitter://status?id=',
  'x.com/',
  'twitter.com/',
  'mobile.',
  'pic.twitter.com/',
  'pic.x.com/',
  't.co/',
  'GcOPR6wfTJ',
  'OIRSpox/',
  'status/',
  '/status/',
  '1227656969236877313',
  '20',
  '/photo/2',
  '?s=20',
  '&amp;',
  '#!/',
  '…',
  '...',
  '.',
  ',',
  ')',
  '(',
  '[',
  '](',
  ']',
  '<',
  '>',
  '"',
  "'",
  ' ',
  '\n',
  '\u200f',
  '\u200b',
  '%',
  '%2F',
  '%E2%80%A6',
  '@',
  'web.archive.org/web/2020id_/',
  'archive.ph/2020/',
  'www.google.com/url?q=',
  'nitter.net/',
  'cdn.ampproject.org/c/s/',
  'example.org/',
  'utm_source=x',
  'القامشلي',
  '新闻',
  '。',
  '— Name (@OIRSpox)',
  '<a href="',
  '<blockquote class="twitter-tweet">',
  '</blockquote>',
  '{"url":"',
  '"}',
  'url,case\n',
);
const text = fc.oneof(
  fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
);

test('nothing that can be pasted makes reading throw, in any format', () => {
  fc.assert(
    fc.property(text, (input) => {
      identifyLink(input);
      for (const format of textFormats) readLinks(input, format);
      readLinks(input, formatOf(input));
    }),
    { numRuns: 1500 },
  );
});

test('opening the address of a key on X leads to the same key', () => {
  fc.assert(
    fc.property(text, (input) => {
      for (const found of [identifyLink(input), ...readLinks(input)]) {
        if ('rejected' in found) continue;
        const address = addressOf(found.key);
        if (address !== null) expect(identifyLink(address)).toMatchObject({ key: found.key });
      }
    }),
    { numRuns: 2500 },
  );
});

test('a link of prose stands in the text exactly as it is given back', () => {
  fc.assert(
    fc.property(text, (input) => {
      for (const { link } of readLinks(input, 'text')) expect(input).toContain(link);
    }),
    { numRuns: 1000 },
  );
});

test('keys hold neither picture number nor archive time', () => {
  fc.assert(
    fc.property(text, (input) => {
      const keys = readLinks(input, 'text').flatMap((found) => ('key' in found ? [found.key] : []));
      for (const key of keys.filter((key) => key.startsWith('x:'))) {
        expect(key).not.toMatch(/#|@wayback/);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a post pasted in any of its forms has one key', () => {
  const ids = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String);
  const handles = fc.stringMatching(/^[A-Za-z0-9_]{2,15}$/);
  const hosts = fc.constantFrom(
    'x.com',
    'twitter.com',
    'mobile.twitter.com',
    'fxtwitter.com',
    'xcancel.com',
  );
  const tails = fc.constantFrom(
    '',
    '/',
    '?s=20',
    '#m',
    '/photo/1',
    '/en',
    '/likes',
    '.',
    ')',
    '",',
    '!»',
  );
  const wraps = fc.constantFrom(
    '',
    'https://web.archive.org/web/2020/',
    'https://archive.ph/newest/',
  );
  fc.assert(
    fc.property(ids, handles, hosts, tails, wraps, (id, handle, host, tail, wrap) => {
      const found = identifyLink(`${wrap}https://${host}/${handle}/status/${id}${tail}`);
      expect(found).toMatchObject({ key: `x:status:${id}` });
    }),
    { numRuns: 1000 },
  );
});

test('time read from ids never runs backwards, and is within the reference', () => {
  const ids = fc.bigInt({ min: 29_700_859_247n, max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(ids, ids, (one, other) => {
      const [earlier, later] = one < other ? [one, other] : [other, one];
      expect(Date.parse(idTime(`${earlier}`) ?? '')).toBeLessThanOrEqual(
        Date.parse(idTime(`${later}`) ?? ''),
      );
    }),
  );
  expect(idTime('29700859247')).toBe('2010-11-04T01:43:01.738Z');
  expect(idTime('1227381802398646272')).toBe('2020-02-12T00:00:00.000Z');
  expect(idTime('1227744190264246271')).toBe('2020-02-12T23:59:59.999Z');
  expect(idTime('2102050467505430555')).toBe('2026-09-21T15:01:00.319Z');
  for (const none of ['20', '29700859246', '', 'abc', '-1', '9223372036854775808']) {
    expect(idTime(none), none).toBeNull();
  }
});

test('media carry the time of their upload, in digits or in their key', () => {
  expect(mediaIdTime('1585341912877146112')).toBe('2022-10-26T18:45:40.915Z');
  expect(mediaIdTime('GahebgHbEAEevTU')).toBe(idTime('1848831473606135809'));
  expect(mediaIdTime('not-a-key')).toBeNull();
});

test.each([
  ['20', '6dq1a2xwd93'],
  ['463440424141459456', '14fxvks611f'],
  ['1227656969236877313', '2z4sqcvvcl6'],
  ['1491475671058681863', '3m5lxayrch'],
  ['1585341984679469056', '3uchycv2wqc'],
  ['1674865731136020505', '425qunmeze9'],
  ['1790637656616943991', '4c9gcitu1vq'],
  ['2023205364368351634', '4wk34w6chwu'],
  ['2064997219648913457', '57dolpj2sp'],
])('the syndication token of %s is %s', (id, token) => {
  expect(syndicationToken(id)).toBe(token);
});

/** Milliseconds of processor time, so that a busy machine takes nothing from the comparison. */
function cost(input: string, format: (typeof textFormats)[number]): number {
  const times = [0, 1, 2].map(() => {
    const before = process.cpuUsage();
    readLinks(input, format);
    return process.cpuUsage(before).user / 1000;
  });
  return Math.min(...times);
}

const hostile = [
  'pic.',
  'pic.twitter.com/',
  'http://',
  'http://a)',
  'https://a.b/(',
  '((((',
  '[](',
  'a.',
  'a-',
  'é',
  'http://漢',
  '&amp;',
  '\u200c',
  '— (@',
  '....',
  '1\n',
  'https://web.archive.org/web/2020/',
  'a+',
  '<blockquote>',
  '<div>',
  '<a href=',
  '"',
  'url,',
];

test.each(hostile)(
  'eight times as much of %j takes about eight times as long, not sixty-four',
  (unit) => {
    const small = unit.repeat(Math.ceil(8_192 / unit.length));
    const large = unit.repeat(Math.ceil(65_536 / unit.length));
    for (const format of ['text', 'html', 'csv'] as const) {
      expect(cost(large, format), format).toBeLessThan(24 * Math.max(cost(small, format), 8));
    }
  },
);
