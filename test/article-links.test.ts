import { describe, expect, test } from 'vitest';
import { chooseLinks } from '../src/links/choose-links.ts';
import type { FollowChoice } from '../src/model/submission.ts';
import { articleShapes } from './support/article-shapes.ts';

const linksOf = (text: string, choice?: FollowChoice) =>
  chooseLinks(text, choice).followed.map(({ link }) => link);
const reasonsOf = (text: string, choice?: FollowChoice) => {
  const counts: Record<string, number> = {};
  for (const { why } of chooseLinks(text, choice).aside) counts[why] = (counts[why] ?? 0) + 1;
  return counts;
};

describe('of a saved article, what a reader would want kept:', () => {
  test.each(articleShapes)('$name', ({ html, kept }) => {
    expect(linksOf(html)).toEqual(kept);
  });

  test('everything else is told, with why, and nothing twice', () => {
    const [first] = articleShapes;
    expect(reasonsOf(first?.html ?? '')).toEqual({
      navigation: 151 + 20 + 3,
      share: 4,
      'no-page': 3,
    });
  });
});

const founding = `They stopped it (pic.twitter.com/Wl1MGCMy3j), the army said. @CJTFOIRpic.twitter.com/GcOPR6wfTJ
  See https://agency.example/report and mailto:desk@daily.example`;
const page = `<link rel="canonical" href="https://daily.example/a"><nav><a href="https://daily.example/b">B</a></nav>
  <main><p>A sentence that is long enough, with <a href="https://other.example/c">a source</a>, <a href="https://daily.example/d">a page of its own</a>
  and <a href="https://t.me/channel/12">a post</a>.</p></main>`;

const video = '7301234567890123456';
describe('what a page embeds is followed:', () => {
  test.each([
    [
      'a Facebook post of an AMP page',
      '<amp-facebook width=552 data-href="https://www.facebook.com/daily/posts/101"></amp-facebook>',
      'https://www.facebook.com/daily/posts/101',
    ],
    [
      'a TikTok of an AMP page, by its number',
      `<amp-tiktok data-src="${video}"></amp-tiktok>`,
      `https://www.tiktok.com/embed/v2/${video}`,
    ],
    [
      'a TikTok of an AMP page, by its address',
      `<amp-tiktok data-src="https://www.tiktok.com/@daily/video/${video}"></amp-tiktok>`,
      `https://www.tiktok.com/@daily/video/${video}`,
    ],
    [
      'a Threads post',
      '<blockquote class="text-post-media" data-text-post-permalink="https://www.threads.net/@daily/post/Cx1y2z">',
      'https://www.threads.net/@daily/post/Cx1y2z',
    ],
    [
      'a Mastodon post, as a quotation',
      '<blockquote class="mastodon-embed" data-embed-url="https://social.example/@daily/112/embed"><a href="https://social.example/@daily/112">View</a></blockquote>',
      'https://social.example/@daily/112',
    ],
    [
      'a Mastodon post, as a frame',
      '<iframe src="https://social.example/@daily/112/embed" class="mastodon-embed"></iframe>',
      'https://social.example/@daily/112',
    ],
    [
      'an old player',
      '<object data="https://www.youtube.com/v/dQw4w9WgXcQ"></object>',
      'https://www.youtube.com/v/dQw4w9WgXcQ',
    ],
    [
      'a document',
      '<embed src="https://agency.example/report.pdf">',
      'https://agency.example/report.pdf',
    ],
    [
      'a player that waits in a document of its frame',
      `<iframe srcdoc="<a href='https://www.youtube.com/embed/dQw4w9WgXcQ?autoplay=1'><img src='t.jpg'></a>"></iframe>`,
      'https://www.youtube.com/embed/dQw4w9WgXcQ?autoplay=1',
    ],
  ])('%s', (_name, markup, link) => {
    const html = `<main><p>A sentence that is long enough to be read.</p>${markup}</main>`;
    expect(linksOf(html, { follow: 'embeds' })).toEqual([link]);
  });

  test('but no advertising, whatever element it stands in', () => {
    const html =
      '<main><p>A sentence.</p><object data="https://ads.example/banner"></object></main>';
    expect(linksOf(html, { follow: 'embeds' })).toEqual([]);
  });
});

describe('the choice', () => {
  test('of a plain text everything is body, whatever stands around it, but nothing that has no place', () => {
    expect(linksOf(founding)).toEqual([
      'pic.twitter.com/Wl1MGCMy3j',
      'pic.twitter.com/GcOPR6wfTJ',
      'https://agency.example/report',
    ]);
  });

  test('both posts of the founding story are taken at every level that follows anything', () => {
    for (const follow of ['embeds', 'body', 'all'] as const)
      for (const text of [founding, `<p>${founding}</p>`, `<aside><p>${founding}</p></aside>`])
        expect(linksOf(text, { follow }).slice(0, 2)).toEqual([
          'pic.twitter.com/Wl1MGCMy3j',
          'pic.twitter.com/GcOPR6wfTJ',
        ]);
  });

  test.each<[FollowChoice, string[]]>([
    [{ follow: 'none' }, ['https://daily.example/a']],
    [{ follow: 'embeds' }, ['https://t.me/channel/12', 'https://daily.example/a']],
    [
      { follow: 'all' },
      [
        'https://t.me/channel/12',
        'https://daily.example/a',
        'https://daily.example/b',
        'https://other.example/c',
        'https://daily.example/d',
      ],
    ],
    [{ platforms: ['x', 'telegram'] }, ['https://t.me/channel/12']],
    [{ sameHost: true }, ['https://daily.example/a', 'https://daily.example/d']],
  ])('%j', (choice, links) => {
    expect(linksOf(page, choice)).toEqual(links);
  });

  test('a link that is all there is was asked for by name', () => {
    expect(linksOf(' https://daily.example/a\n', { platforms: ['x'], follow: 'none' })).toEqual([
      'https://daily.example/a',
    ]);
  });

  test('rows of a table were asked for by name too; a platform can still be chosen', () => {
    const csv = 'url,case\nhttps://daily.example/a,c\nhttps://x.com/a/status/21,c\n';
    expect(linksOf(csv, { follow: 'none' })).toHaveLength(2);
    expect(linksOf(csv, { platforms: ['x'] })).toEqual(['https://x.com/a/status/21']);
  });

  test('an address that was cut short for display is not silently lost', () => {
    const html = '<main><p>They wrote this here: pic.twitter.com/GcOPR6wfT…</p></main>';
    expect(chooseLinks(html).followed).toMatchObject([{ rejected: 'truncated-display-url' }]);
  });

  test('what can’t be compared or is misspelt is said', () => {
    expect(() => chooseLinks('a https://a.example/ b', { sameHost: true })).toThrow(
      expect.objectContaining({ code: 'no-own-address' }),
    );
    expect(() => chooseLinks('x', { platforms: ['telegramm'] })).toThrow(/choose from x, telegram/);
  });
});
