/** Which files of a post are fetched, in which order, and how its text is cut. */

import { describe, expect, test } from 'vitest';
import { claimedTime } from '../src/platforms/x/claims/claimed-time.ts';
import { displayedText, unescapeOnce } from '../src/platforms/x/claims/displayed-text.ts';
import { bestFirst, mediaOf, pictureLadder } from '../src/platforms/x/media.ts';
import { normalisePost } from '../src/platforms/x/post.ts';
import { readSyndication } from '../src/platforms/x/routes/syndication.ts';
import { warningsAboutPost } from '../src/platforms/x/warnings.ts';
import { fc } from './support/property.ts';
import { answer, postId, syndicated } from './support/x-answers.ts';

const mp4 = (path: string, bitrate: number | null = null) => ({
  url: `https://video.twimg.com/ext_tw_video/1/pu/vid/${path}`,
  mediaType: 'video/mp4',
  bitrate,
});
const names = (variants: ReturnType<typeof mp4>[]) =>
  bestFirst(variants).map(({ url }) =>
    url.slice('https://video.twimg.com/ext_tw_video/1/pu/vid/'.length),
  );

function claimsWith(mediaDetails: unknown[], more: Record<string, unknown> = {}) {
  const read = readSyndication(
    answer({ route: 'syndication', url: '' }, { body: syndicated({ mediaDetails, ...more }) }),
    postId,
  );
  if (read.claims === null) throw new Error(read.signal);
  return read.claims;
}

describe('of several files of a video', () => {
  test('the largest picture comes first, whatever order and bitrate say', () => {
    expect(
      names([
        mp4('480x270/a.mp4', 9_000_000),
        mp4('1280x720/b.mp4', 1),
        mp4('640x360/c.mp4', 832_000),
      ]),
    ).toEqual(['1280x720/b.mp4', '640x360/c.mp4', '480x270/a.mp4']);
  });

  test('a wide and low one doesn’t beat a larger one', () => {
    expect(names([mp4('1920x100/wide.mp4'), mp4('720x1280/tall.mp4')])[0]).toBe(
      '720x1280/tall.mp4',
    );
  });

  test('bitrate, then the longer address, decide between equal sizes', () => {
    expect(names([mp4('640x360/a.mp4', 1), mp4('640x360/b.mp4', 2)])[0]).toBe('640x360/b.mp4');
    expect(names([mp4('640x360/a.mp4', 1), mp4('640x360/longer.mp4', 1)])[0]).toBe(
      '640x360/longer.mp4',
    );
  });

  test('HEVC is left out where another of its size exists, and kept where it is the largest', () => {
    expect(names([mp4('hevc/640x360/a.mp4', 9), mp4('avc1/640x360/b.mp4', 1)])).toEqual([
      'avc1/640x360/b.mp4',
    ]);
    expect(names([mp4('hevc/1920x1080/a.mp4'), mp4('avc1/640x360/b.mp4')])).toEqual([
      'hevc/1920x1080/a.mp4',
      'avc1/640x360/b.mp4',
    ]);
  });
});

const playlist = {
  content_type: 'application/x-mpegURL',
  url: 'https://video.twimg.com/ext_tw_video/1/pu/pl/x.m3u8?tag=12',
};
const file = {
  content_type: 'video/mp4',
  bitrate: 1,
  url: 'https://video.twimg.com/ext_tw_video/1/pu/vid/640x360/x.mp4?tag=12',
};
const video = {
  type: 'video',
  media_url_https: 'https://pbs.twimg.com/ext_tw_video_thumb/1/pu/img/p.jpg',
  video_info: { duration_millis: 12_000, variants: [playlist, file] },
};

describe('a video', () => {
  test('is fetched as a file, its playlist kept as text, its poster beside it', () => {
    const [ref, poster] = mediaOf(claimsWith([video]));
    expect(ref).toMatchObject({
      id: '1',
      kind: 'video',
      belongsTo: 'post',
      alsoKeep: [playlist.url],
      claimed: { durationMs: 12_000 },
    });
    expect(ref?.candidates.map(({ url }) => url)).toEqual([file.url]);
    expect(poster).toMatchObject({ id: 'poster-1', kind: 'picture', belongsTo: 'poster' });
  });

  test('without any file is fetched from its playlist', () => {
    const [ref] = mediaOf(claimsWith([{ ...video, video_info: { variants: [playlist] } }]));
    expect(ref?.candidates.map(({ url }) => url)).toEqual([playlist.url]);
  });

  test('that X withholds says so, and its poster is still wanted', () => {
    const withheld = {
      ...video,
      ext_media_availability: { status: 'Unavailable', reason: 'Dmcaed' },
    };
    const [ref, poster] = mediaOf(claimsWith([withheld]));
    expect([ref?.unavailable, poster?.unavailable]).toEqual(['dmcaed', null]);
  });

  test('variants that are no web addresses are not followed', () => {
    const hostile = [
      { ...file, url: 'file:///etc/passwd' },
      { ...file, url: 'javascript:alert(1)' },
      { ...file, url: 7 },
      null,
    ];
    const [ref] = mediaOf(claimsWith([{ ...video, video_info: { variants: [...hostile, file] } }]));
    expect(ref?.candidates).toHaveLength(1);
  });

  test('first posted with another post is told', () => {
    const claims = claimsWith([
      { ...video, expanded_url: 'https://x.com/AiBreakfast/status/1684020175215927296/video/1' },
    ]);
    const warnings = warningsAboutPost(normalisePost(claims, 'syndication'), claims, {});
    expect(warnings).toMatchObject([{ code: 'media-from-another-post' }]);
    expect(warnings[0]?.message).toContain('1684020175215927296');
  });

  test('uploaded more than a day before its post is told, with the time in its own id', () => {
    // Ids of 2020-02-10 and of the morning of the post's own day.
    const uploadedAs = (id: string) => ({
      ...video,
      video_info: {
        variants: [
          { ...file, url: `https://video.twimg.com/ext_tw_video/${id}/pu/vid/640x360/a.mp4` },
        ],
      },
    });
    const warningsOn = (id: string) => {
      const claims = claimsWith([uploadedAs(id)]);
      return warningsAboutPost(normalisePost(claims, 'syndication'), claims, {});
    };
    expect(warningsOn('1226657026368114688')).toMatchObject([
      { code: 'media-older-than-post', message: expect.stringContaining('2 days before') },
    ]);
    expect(warningsOn('1227500000000000000')).toEqual([]);
    // Later than the post can be no upload of its media: then the number is no such id.
    const later = claimsWith([uploadedAs('1228000000000000000')]);
    expect(normalisePost(later, 'syndication').attached?.[0]?.uploadedAt).toBeNull();
  });
});

test('an animation is one file without a size in its address', () => {
  const gif = {
    type: 'animated_gif',
    media_url_https: 'https://pbs.twimg.com/tweet_video_thumb/K.jpg',
    video_info: {
      variants: [
        { bitrate: 0, content_type: 'video/mp4', url: 'https://video.twimg.com/tweet_video/K.mp4' },
      ],
    },
  };
  const [ref] = mediaOf(claimsWith([gif]));
  expect(ref).toMatchObject({ kind: 'gif', claimed: { durationMs: null } });
  expect(ref?.candidates).toHaveLength(1);
});

describe('a picture', () => {
  test('is asked for in its largest form first, in its own format', () => {
    const ladder = pictureLadder('https://pbs.twimg.com/media/K-e_y.png', {
      width: 10,
      height: 20,
    });
    expect(ladder.map(({ url }) => url)).toEqual(
      ['orig', '4096x4096', 'large', 'medium', 'small'].map(
        (name) => `https://pbs.twimg.com/media/K-e_y?format=png&name=${name}`,
      ),
    );
    expect(ladder[0]).toMatchObject({ width: 10, height: 20, mediaType: 'image/png' });
  });

  test('with an address of another form is fetched as it is', () => {
    expect(
      pictureLadder('https://pbs.twimg.com/ext_tw_video_thumb/1/pu/img/p.jpg', {
        width: null,
        height: null,
      }),
    ).toHaveLength(1);
  });

  test('keeps what its author says it shows', () => {
    const photo = {
      type: 'photo',
      media_url_https: 'https://pbs.twimg.com/media/K.jpg',
      ext_alt_text: 'A statement',
    };
    expect(mediaOf(claimsWith([photo]))[0]).toMatchObject({
      kind: 'picture',
      altText: 'A statement',
    });
  });
});

test('the author’s portrait is kept, larger where it can be had', () => {
  const portrait = mediaOf(claimsWith([])).find(({ belongsTo }) => belongsTo === 'avatar');
  expect(portrait?.candidates.map(({ url }) => url)).toEqual([
    'https://pbs.twimg.com/profile_images/1/face_400x400.jpg',
    'https://pbs.twimg.com/profile_images/1/face_normal.jpg',
  ]);
});

describe('the text that a post shows', () => {
  const link = 'https://t.co/abcdefghij';

  test('is cut while escaped, and unescaped once', () => {
    expect(displayedText(`a &amp;lt; b ${link}`, { from: 0, to: 12, unit: 'code-point' })).toBe(
      'a &lt; b',
    );
    expect(unescapeOnce('&amp;amp; &lt;b&gt; &quot;')).toBe('&amp; <b> &quot;');
  });

  test('is cut in the unit that the route counts in', () => {
    expect(displayedText(`😢😢 wept ${link}`, { from: 0, to: 9, unit: 'utf-16' })).toBe(
      '😢😢 wept',
    );
    expect(displayedText(`😢😢 wept ${link}`, { from: 0, to: 7, unit: 'code-point' })).toBe(
      '😢😢 wept',
    );
  });

  test('believes the route’s own unit where both could be meant', () => {
    const wept = `${'😢'.repeat(24)} wept`;
    expect(displayedText(`${wept} ${link}`, { from: 0, to: 53, unit: 'utf-16' })).toBe(wept);
  });

  test('loses no word where the route counted in the other unit after all', () => {
    expect(displayedText(`😢😢😢 wept ${link}`, { from: 0, to: 8, unit: 'utf-16' })).toBe(
      '😢😢😢 wept',
    );
    expect(displayedText(`😢😢😢 wept ${link}`, { from: 0, to: 11, unit: 'code-point' })).toBe(
      '😢😢😢 wept',
    );
  });

  test('leaves out the names that a reply begins with', () => {
    expect(displayedText('@a @b no', { from: 6, to: 8, unit: 'utf-16' })).toBe('no');
  });

  test('hides no word, whatever range a record names', () => {
    const piece = fc.constantFrom('@name', 'word', '😢', '&amp;', link, 'شاحنة');
    const raw = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(' '));
    const offset = fc.nat({ max: 60 });
    const unit = fc.constantFrom('utf-16' as const, 'code-point' as const);
    fc.assert(
      fc.property(raw, offset, offset, unit, (text, from, to, counted) => {
        const shown = displayedText(text, { from, to, unit: counted });
        const words = (words: string) => words.match(/word|😢|&|شاحنة/gu) ?? [];
        expect(words(shown)).toEqual(words(unescapeOnce(text)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('may be empty, and is whole where the range makes no sense', () => {
    expect(displayedText(link, { from: 0, to: 0, unit: 'utf-16' })).toBe('');
    expect(displayedText('all of it', { from: 9, to: 2, unit: 'utf-16' })).toBe('all of it');
    expect(displayedText('all of it', { from: 0, to: 3, unit: 'utf-16' })).toBe('all of it');
    expect(displayedText('all of it', null)).toBe('all of it');
  });
});

test('claimed times of both routes become one form, and anything else is no time', () => {
  expect(claimedTime('Wed Feb 12 18:13:24 +0000 2020')).toBe('2020-02-12T18:13:24.000Z');
  expect(claimedTime('2020-02-12T18:13:24.000Z')).toBe('2020-02-12T18:13:24.000Z');
  for (const wrong of [
    '',
    'yesterday',
    '2020-02-12',
    '0',
    'Wed Feb 99 18:13:24 +0000 2020',
    '2020-13-12T18:13:24Z',
    // Days and hours that no calendar has: they must not become those after them.
    '2020-02-30T18:13:24Z',
    'Sun Feb 30 18:13:24 +0000 2020',
    '2020-02-12T24:00:00Z',
  ]) {
    expect(claimedTime(wrong), wrong).toBeNull();
  }
});
