import { describe, expect, test } from 'vitest';
import { identifyLink } from '../src/links/identify-link.ts';
import { formatOf, readLinks, unplaceableLinks } from '../src/links/read-links.ts';
import { addressOf } from '../src/platforms/x/identity.ts';
import { costOf } from './support/cpu-time.ts';

const id = '1227656969236877313';

const foundingText = `Clashes broke out on 12 February 2020 when a US convoy was stopped near Qamishli.

#BREAKING: This video shows the moment. #Qamishli #SAA!pic.twitter.com/Wl1MGCMy3j

— Babak Taghvaee (@BabakTaghvaee) February 12, 2020

The spokesman of the coalition, @OIRSpox, published a statement:

Feb. 12, Coalition statement on patrol incident in Qamishli, Syria. @CJTFOIRpic.twitter.com/GcOPR6wfTJ
— OIR Spokesman Col. Myles B. Caggins III (@OIRSpox) February 12, 2020
`;

const founding = [
  {
    link: 'pic.twitter.com/Wl1MGCMy3j',
    key: 'x:tco:Wl1MGCMy3j',
    facts: { attributedTo: 'BabakTaghvaee' },
  },
  {
    link: 'pic.twitter.com/GcOPR6wfTJ',
    key: 'x:tco:GcOPR6wfTJ',
    facts: { attributedTo: 'OIRSpox' },
  },
];

/** What was found, a line each: key or reason, and the link where it was cut out of more. */
function keys(text: string): string[] {
  return readLinks(text).map((found) =>
    'key' in found ? found.key : `rejected ${found.rejected}`,
  );
}

describe('the founding story', () => {
  test('as text: two posts, each with its author, and nothing else', () => {
    expect(readLinks(foundingText)).toEqual(founding);
  });

  test('as HTML whose quotations have lost their links', () => {
    const html = `<!DOCTYPE html><article>${foundingText
      .split('\n\n')
      .map((paragraph) => `<blockquote><p>${paragraph.replaceAll('\n', '<br>')}</p></blockquote>`)
      .join('')}</article>`;
    expect(readLinks(html).map((found) => ('key' in found ? found.key : found.link))).toEqual(
      founding.map(({ key }) => key),
    );
  });

  test('as HTML with the embeds as X made them: the post, not its parts', () => {
    const html = `<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Coalition statement.
      <a href="https://twitter.com/CJTFOIR?ref_src=twsrc%5Etfw">@CJTFOIR</a>
      <a href="https://twitter.com/hashtag/Qamishli">#Qamishli</a> <a href="https://t.co/otherLink1">example.org/a</a>
      <a href="https://t.co/GcOPR6wfTJ">pic.twitter.com/GcOPR6wfTJ</a></p>&mdash; OIR Spokesman (@OIRSpox)
      <a href="https://twitter.com/OIRSpox/status/${id}?ref_src=twsrc%5Etfw">February 12, 2020</a></blockquote>
      <script async src="https://platform.twitter.com/widgets.js"></script>`;
    expect(readLinks(html)).toEqual([
      {
        link: `https://twitter.com/OIRSpox/status/${id}?ref_src=twsrc%5Etfw`,
        key: `x:status:${id}`,
        facts: { handle: 'OIRSpox', attributedTo: 'OIRSpox' },
      },
    ]);
  });
});

describe('links in prose', () => {
  test('a mention before a picture is part of the post, not its author', () => {
    expect(readLinks('Statement. @CJTFOIRpic.twitter.com/GcOPR6wfTJ')).toEqual([
      { link: 'pic.twitter.com/GcOPR6wfTJ', key: 'x:tco:GcOPR6wfTJ', facts: {} },
    ]);
  });

  test('only a signature right behind the link names an author', () => {
    const facts = (text: string) => readLinks(text).map((found) => 'facts' in found && found.facts);
    expect(facts(`@OIRSpox: https://t.co/GcOPR6wfTJ`)).toEqual([{}]);
    expect(facts(`https://t.co/GcOPR6wfTJ said Name (@OIRSpox)`)).toEqual([{}]);
    expect(facts(`https://t.co/GcOPR6wfTJ\n\nMore text\n— Name (@OIRSpox)`)).toEqual([{}]);
    expect(facts(`https://t.co/GcOPR6wfTJ — Name (@OIRSpox)`)).toEqual([
      { attributedTo: 'OIRSpox' },
    ]);
    expect(facts(`https://example.org/a — Name (@OIRSpox)`)).toEqual([{}]);
  });

  test.each([
    ['See https://example.org/a, https://example.org/b; and https://example.org/c.', 3],
    [
      '(see https://en.wikipedia.org/wiki/Qamishli_(city)) and [this](https://example.org/b "title")',
      2,
    ],
    [
      '<https://example.org/a> `https://example.org/b` **https://example.org/c** _https://example.org/d_',
      4,
    ],
    ['[url=https://example.org/a]text[/url] | https://example.org/b | "https://example.org/c"', 3],
    ['https://example.org/a,https://example.org/b', 2],
    ['https://t.co/AbCdEfGhIjhttps://t.co/QwErTyUiOp', 2],
    ['texthttps://example.org/a and wordpic.x.com/GcOPR6wfTJ', 2],
    [`https://x.com/a/status/${id}pic.twitter.com/GcOPR6wfTJ`, 2],
    ['write to a@example.org/b, and/or see v1.2.3/x or he/she.they/them', 0],
  ])('%s', (text, count) => {
    const found = keys(text);
    expect(found).toHaveLength(count);
    for (const key of found)
      expect(key).toMatch(/^(?:web:https:\/\/[a-z.]+\/[^.,;|*"[\]]*|x:\w+:\w+)$/);
  });

  test('text from right to left, and text without spaces', () => {
    expect(
      keys('انظر https://x.com/a/status/20، ثم https://ar.wikipedia.org/wiki/القامشلي.'),
    ).toEqual([
      'x:status:20',
      'web:https://ar.wikipedia.org/wiki/%D8%A7%D9%84%D9%82%D8%A7%D9%85%D8%B4%D9%84%D9%8A',
    ]);
    expect(keys('請看https://example.org/a這個。https://t.co/GcOPR6wfTJ「是」')).toEqual([
      'web:https://example.org/a',
      'x:tco:GcOPR6wfTJ',
    ]);
    expect(keys('القامشليhttps://t.co/GcOPR6wfTJالقامشلي')).toEqual(['x:tco:GcOPR6wfTJ']);
    expect(keys('https://ja.wikipedia.org/wiki/2020年')).toEqual([
      'web:https://ja.wikipedia.org/wiki/2020%E5%B9%B4',
    ]);
  });

  test('invisible characters are no part of an address, but stay in the link as pasted', () => {
    const link = `https://x.com/a/status/12276569\u200b69236877313`;
    expect(readLinks(`\u2066${link}\u2069 \u200fنص`)).toEqual([
      { link, key: `x:status:${id}`, facts: { handle: 'a' } },
    ]);
  });

  test('a link cut for display is refused, and keeps the sign that says so', () => {
    expect(readLinks('pic.twitter.com/GcOPR6wfT… and https://www.example.org/very-lo...')).toEqual([
      { link: 'pic.twitter.com/GcOPR6wfT…', rejected: 'truncated-display-url' },
      { link: 'https://www.example.org/very-lo...', rejected: 'truncated-display-url' },
    ]);
  });

  test('a list of numbers and hosts, one a line', () => {
    expect(
      keys(`- ${id}\n2. x.com/a/status/20\nexample.org\njavascript:alert(1)\nSources:\n2020\n`),
    ).toEqual([`x:status:${id}`, 'x:status:20', 'web:https://example.org/', 'rejected scheme']);
  });

  test('text copied out of code', () => {
    expect(keys(`{"a":"https:\\/\\/x.com\\/a\\/status\\/20\\nnext"} x`)).toEqual(['x:status:20']);
    expect(keys('href=&quot;https://x.com/a/status/20&quot;&gt;')).toEqual(['x:status:20']);
  });

  test('every appearance is given, in order, as it was written', () => {
    const text = `https://x.com/i/status/${id} and https://twitter.com/OIRSpox/status/${id}/photo/2
      and ftp://a/b and ftp://a/b`;
    expect(readLinks(text)).toEqual([
      { link: `https://x.com/i/status/${id}`, key: `x:status:${id}`, facts: {} },
      {
        link: `https://twitter.com/OIRSpox/status/${id}/photo/2`,
        key: `x:status:${id}`,
        facts: { handle: 'OIRSpox', media: 2 },
      },
      { link: 'ftp://a/b', rejected: 'scheme' },
      { link: 'ftp://a/b', rejected: 'scheme' },
    ]);
  });

  test('a page that repeats an address gives it once', () => {
    const link = 'https://news.example/a';
    expect(readLinks(`<p><a href="${link}">picture</a> <a href="${link}">title</a></p>`)).toEqual([
      { link, key: `web:${link}`, facts: {} },
    ]);
  });

  test('a whole message pasted as one link gives its first link', () => {
    expect(identifyLink(foundingText)).toEqual(founding[0]);
    expect(identifyLink('nothing here')).toEqual({ link: 'nothing here', rejected: 'not-a-link' });
  });
});

describe('HTML', () => {
  test('every way to embed a post, in the order of the page', () => {
    const html = `<html><head><link rel="canonical" href="https://news.example/a?utm_source=x">
      <meta property="og:video:url" content="https://news.example/v.mp4"></head><body>
      <iframe src="https://platform.twitter.com/embed/Tweet.html?id=21"></iframe>
      <div class="twitter-tweet twitter-tweet-rendered"><iframe data-tweet-id="22"></iframe></div>
      <amp-twitter width="1" data-tweetid="23"></amp-twitter>
      <iframe src="https://www.youtube.com/embed/abc"></iframe>
      <iframe src="https://ads.example/frame"></iframe>
      <p>Plain https://x.com/a/status/24 and <b>pic.x.com/</b>GcOPR6wfTJ. <https://X.com/Ab/status/25></p>
      <!-- https://x.com/a/status/26 --><script>"https://x.com/a/status/27"</script>
      <a href="https://x.com/a/status/28">29</a><noscript><a href="//x.com/a/status/30">x</a></noscript>`;
    expect(keys(html)).toEqual([
      'web:https://news.example/a',
      'web:https://news.example/v.mp4',
      'x:status:21',
      'x:status:22',
      'x:status:23',
      'web:https://www.youtube.com/embed/abc',
      'x:status:24',
      'x:tco:GcOPR6wfTJ',
      'x:status:25',
      'x:status:28',
      'x:status:30',
    ]);
  });

  test('relative links need a base; fragments and empty ones are no links', () => {
    const links = '<a href="/b">b</a><a href="#c">c</a><a href="">d</a>';
    expect(keys(`<p>${links}</p>`)).toEqual([]);
    expect(keys(`<base href="https://example.org/a/"><p>${links}</p>`)).toEqual([
      'web:https://example.org/b',
    ]);
  });

  test.each([
    [
      'the base, itself relative',
      '<base href="/a/"><link rel="canonical" href="https://a.example/x/y">',
      'https://a.example/a/b',
    ],
    [
      'the canonical link',
      '<meta property="og:url" content="https://o.example/"><link rel="canonical" href="https://a.example/x/y">',
      'https://a.example/x/b',
    ],
    ['og:url', '<meta property="og:url" content="https://o.example/x/y">', 'https://o.example/x/b'],
    [
      'the browser that saved it',
      '<!-- saved from url=(0023)https://s.example/x/yyyy -->',
      'https://s.example/x/b',
    ],
  ])('a page says its own address by %s', (_by, head, expected) => {
    const html = `<!doctype html>${head}<p><a href="b">b</a></p>`;
    expect(keys(html)).toContain(`web:${expected}`);
    expect(unplaceableLinks(html)).toBe(0);
  });

  test('relative links of a page without an address are counted, each once', () => {
    const html =
      '<p><a href="b">b</a><a href="b">b</a><a href="/c">c</a><a href="x.com/a">x</a></p>';
    expect(unplaceableLinks(html)).toBe(2);
    expect(unplaceableLinks('see <a href=b', 'text')).toBe(0);
  });

  test('an anchor is followed by its signature outside a quotation too', () => {
    const html =
      '<p>x <a href="https://t.co/GcOPR6wfTJ">pic.twitter.com/GcOPR6wfTJ</a></p>— Name (@OIRSpox)';
    expect(readLinks(html)).toEqual([
      {
        link: 'https://t.co/GcOPR6wfTJ',
        key: 'x:tco:GcOPR6wfTJ',
        facts: { attributedTo: 'OIRSpox' },
      },
    ]);
  });

  test('of several posts in one embed the last is the embedded one', () => {
    const html = `<blockquote class="twitter-tweet">See <a href="https://x.com/b/status/20">b</a>
      &mdash; A (@a) <a href="https://x.com/a/status/21">February 12, 2020</a></blockquote>`;
    expect(readLinks(html)).toEqual([
      {
        link: 'https://x.com/a/status/21',
        key: 'x:status:21',
        facts: { handle: 'a', attributedTo: 'a' },
      },
    ]);
  });

  test('an ordinary quotation keeps its links, and an embed inside it stays an embed', () => {
    const html = `<blockquote><a href="https://example.org/a">a</a><blockquote class="twitter-tweet">
      <a href="https://t.co/GcOPR6wfTJ">pic.twitter.com/GcOPR6wfTJ</a>— N (@n)
      <a href="https://x.com/n/status/20">d</a></blockquote><a href="https://example.org/b">b</a></blockquote>`;
    expect(keys(html)).toEqual([
      'web:https://example.org/a',
      'x:status:20',
      'web:https://example.org/b',
    ]);
  });
});

describe('tables', () => {
  test('CSV: a link column, and fields of the submission', () => {
    const csv = `Name;URL;Case;Tags;Note
      a;https://x.com/a/status/20;Qamishli;convoy, us;"says ""x"""
      b;https://x.com/a/status/2a0;;;
      c;;;;
      d;https://x.com/a/status/20;Other;;`.replaceAll(/^ +/gm, '');
    expect(readLinks(csv)).toEqual([
      {
        link: 'https://x.com/a/status/20',
        key: 'x:status:20',
        facts: { handle: 'a' },
        submission: { case: 'Qamishli', tags: ['convoy', 'us'], note: 'says "x"' },
      },
      { link: 'https://x.com/a/status/2a0', rejected: 'bad-id' },
      { link: '', rejected: 'empty' },
      {
        link: 'https://x.com/a/status/20',
        key: 'x:status:20',
        facts: { handle: 'a' },
        submission: { case: 'Other' },
      },
    ]);
  });

  test('CSV without a link column: any cell', () => {
    const found = readLinks(
      'a,b\n1,"see https://x.com/a/status/20, ok"\nhttps://t.co/GcOPR6wfTJ,2',
      'csv',
    );
    expect(found).toMatchObject([{ key: 'x:status:20' }, { key: 'x:tco:GcOPR6wfTJ' }]);
  });

  test('addresses with commas stay whole where nothing says that this is a table', () => {
    expect(keys('https://example.org/a,1.html\nhttps://example.org/b,2.html')).toEqual([
      'web:https://example.org/a,1.html',
      'web:https://example.org/b,2.html',
    ]);
    expect(readLinks('url\nhttps://example.org/a,1.html', 'csv')).toMatchObject([
      { key: 'web:https://example.org/a,1.html' },
    ]);
  });

  test('JSON lines: objects, strings, our own listing, and lines that are neither', () => {
    const lines = [
      '{"url":"https:\\/\\/x.com\\/a\\/status\\/20","case":"Qamishli","tags":["a","b"],"note":"n"}',
      '"pic.twitter.com/GcOPR6wfTJ"',
      '{"link":"pic.twitter.com/Wl1MGCMy3j","key":"x:tco:Wl1MGCMy3j","facts":{"attributedTo":"BabakTaghvaee"}}',
      '{"deep":{"text":"see https://example.org/?a=1\\u0026b=2"}}',
      '{"url":"nothing"}',
      '{broken',
    ];
    expect(readLinks(lines.join('\n'))).toEqual([
      {
        link: 'https://x.com/a/status/20',
        key: 'x:status:20',
        facts: { handle: 'a' },
        submission: { case: 'Qamishli', tags: ['a', 'b'], note: 'n' },
      },
      { link: 'pic.twitter.com/GcOPR6wfTJ', key: 'x:tco:GcOPR6wfTJ', facts: {} },
      founding[0],
      { link: 'https://example.org/?a=1&b=2', key: 'web:https://example.org/?a=1&b=2', facts: {} },
      { link: 'nothing', rejected: 'not-a-link' },
      { link: '{broken', rejected: 'not-a-link' },
    ]);
  });

  test.each([
    ['text', foundingText],
    ['text', '<https://example.org/a> is a link'],
    ['text', 'Sources, url and link\nhttps://example.org/a'],
    ['html', '\ufeff  <!doctype html><p>x'],
    ['html', 'Embed: <blockquote class="twitter-tweet">x</blockquote>'],
    ['csv', 'link,tags\nhttps://example.org/a,b'],
    ['csv', '"url"\t"note"\nhttps://example.org/a\tb'],
    ['jsonl', '{"url":"https://example.org/a"}'],
  ])('%s is recognised in %j', (format, text) => expect(formatOf(text)).toBe(format));
});

test('an address that ends as a sentence does is meant as it stands with an empty fragment', () => {
  const address = 'https://example.org/wiki/J._Smith_Jr.';
  expect(identifyLink(`${address}#`)).toMatchObject({ key: `web:${address}` });
  expect(identifyLink(address)).toMatchObject({ key: `web:${address.slice(0, -1)}` });
});

test('each kind of key on X has the address to open, where there is one', () => {
  const addresses = {
    'x:status:20': 'https://x.com/i/status/20',
    'x:tco:GcOPR6wfTJ': 'https://t.co/GcOPR6wfTJ',
    'x:user:oirspox': 'https://x.com/oirspox',
    'x:space:1yNGaQLWpejGj': 'https://x.com/i/spaces/1yNGaQLWpejGj',
    'x:photo:EQmZ0hPXUAAxxxx': 'https://pbs.twimg.com/media/EQmZ0hPXUAAxxxx?format=jpg&name=orig',
    'x:gif:GYWCeZAaMAQ32uh': 'https://video.twimg.com/tweet_video/GYWCeZAaMAQ32uh.mp4',
    'x:avatar:/profile_images/1/a.jpg': 'https://pbs.twimg.com/profile_images/1/a.jpg',
    'x:video:1585341912877146112': null,
    'unknown:1': null,
  };
  for (const [key, address] of Object.entries(addresses)) {
    expect(addressOf(key), key).toBe(address);
    if (address !== null) expect(identifyLink(address)).toMatchObject({ key });
  }
});

test('a megabyte of prose with ten thousand links is read in well under a second', async () => {
  const sentence = (n: number) =>
    `Some words and then ${'more of them '.repeat(5)}https://x.com/a/status/${10_000 + n}. `;
  const text = Array.from({ length: 10_000 }, (_, n) => sentence(n)).join('');
  expect(readLinks(text)).toHaveLength(10_000);
  const { cpuMs } = await costOf(() => readLinks(text));
  expect(cpuMs).toBeLessThan(1_000);
});

describe('what stands in a quotation', () => {
  const keysIn = (html: string) =>
    readLinks(html).map((found) => ('key' in found ? found.key : found.rejected));
  const embed = (id: number) =>
    `<blockquote class="twitter-tweet"><p>${id}</p>&mdash; A (@a) <a href="https://x.com/a/status/${id}">d</a>`;

  test('ends with what it stands in, and takes nothing behind it along', () => {
    const html = `<article><div>${embed(20)}</div><p><a href="https://other.example/report.pdf">r</a></p>
      <figure>${embed(21)}</figure><p><a href="https://ministry.example/s">s</a></p>${embed(22)}</blockquote></article>`;
    expect(keysIn(html)).toEqual([
      'x:status:20',
      'web:https://other.example/report.pdf',
      'x:status:21',
      'web:https://ministry.example/s',
      'x:status:22',
    ]);
  });

  test('an end of what was never begun ends nothing', () => {
    expect(keysIn(`<div>${embed(20).replace('<p>', '</section><p>')}</blockquote></div>`)).toEqual([
      'x:status:20',
    ]);
  });

  test('a signature in an ordinary one costs none of its other links', () => {
    const html = `<blockquote><a href="https://x.com/b/status/30">one</a>, <a href="https://court.example/ruling.pdf">two</a>
      &mdash; Jane Roe (@janeroe) <a href="https://x.com/janeroe/status/31">d</a></blockquote>`;
    expect(keysIn(html)).toEqual([
      'x:status:30',
      'web:https://court.example/ruling.pdf',
      'x:status:31',
    ]);
  });

  test.each([
    '<blockquote class="twitter-tweet" cite="https://x.com/a/status/20"></blockquote>',
    '<oembed url="https://x.com/a/status/20"></oembed>',
    '<div data-oembed-url="https://x.com/a/status/20"></div>',
    '<div data-tweet-url="https://x.com/a/status/20"></div>',
    '<iframe src="/wait.html" data-cmp-src="https://platform.twitter.com/embed/Tweet.html?id=20"></iframe>',
  ])('a post that waits in an attribute is found: %s', (html) => {
    expect(keysIn(html)).toEqual(['x:status:20']);
  });
});

test('a run of millions of signs is one link, and hides none behind it', () => {
  for (const long of [`https://a.example/${'A'.repeat(8_000_000)}`, 'x.com/'.repeat(1_000_000)])
    expect(readLinks(`${long} https://x.com/a/status/20`).at(-1)).toMatchObject({
      key: 'x:status:20',
    });
});
