/** What is called a change between two captures, what kind of change, and what is none. */
import { describe, expect, test } from 'vitest';
import {
  type Compared,
  type ComparedPage,
  mediaChangesBetween,
  recordChanges,
} from '../src/watch/compare.ts';
import { type ComparedFile, mediaChanges } from '../src/watch/media-change.ts';
import { textChange } from '../src/watch/text-change.ts';
import { costOf } from './support/cpu-time.ts';
import { fc } from './support/property.ts';

const changesBetween = (before: Compared, after: Compared) => [
  ...recordChanges(before, after),
  ...mediaChangesBetween(before, after),
];

const file = (id: string, sha: string, given: Partial<ComparedFile> = {}): ComparedFile => ({
  id,
  sha256: sha.repeat(64).slice(0, 64),
  width: 1280,
  height: 720,
  hashes: [],
  ...given,
});
/** A hash with so many of its first bits turned. */
const hash = (bits: number, quality = 100) => {
  const bytes = Buffer.alloc(32, 0xa5);
  for (let bit = 0; bit < bits; bit++) {
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }
  return [{ hash: bytes.toString('hex'), quality }];
};

function seen(given: Partial<Compared> & { text?: string; author?: object } = {}): Compared {
  const { text = 'What was said', author, ...rest } = given;
  return {
    post: {
      id: '1',
      author: { id: '7', handle: 'someone', name: 'Some One', ...author },
      text,
      textTruncated: false,
      mayBeNotice: false,
      possiblySensitive: null,
      unavailable: {},
    },
    pages: [],
    media: [],
    avatar: null,
    ...rest,
  };
}

describe('texts', () => {
  test('an edit is counted in words, in any script', () => {
    expect(textChange('the bridge was hit', 'the bridge was not hit')).toMatchObject({
      kind: 'edited',
      wordsAdded: 1,
      wordsRemoved: 0,
    });
    expect(textChange('قصف الجسر اليوم في المدينة', 'قصف الجسر أمس في المدينة')).toMatchObject({
      kind: 'edited',
      wordsAdded: 1,
      wordsRemoved: 1,
    });
    expect(textChange('今日は橋が攻撃された', '昨日は橋が攻撃された')?.kind).toBe('edited');
  });

  test('a notice in place of the text is no edit', () => {
    const text = 'Convoy near Qamishli this morning, four vehicles, see the clip below';
    expect(textChange(text, 'This Post from @x is withheld in: Japan.')?.kind).toBe('replaced');
  });

  test('direction marks that nobody sees are told as such; normalisation and spacing are no edit', () => {
    expect(textChange('abc \u05d0', 'abc \u202e\u05d0')?.kind).toBe('invisible');
    expect(textChange('caf\u00e9', 'cafe\u0301')).toBeNull();
    expect(textChange('a  b', 'a b')?.kind).toBe('spacing');
  });

  test('the parts give both texts back, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const change = textChange(a, b);
        if (change === null || change.kind === 'invisible' || change.kind === 'spacing') return;
        const without = (was: string) =>
          change.parts.flatMap((part) => (part.was === was ? [] : part.text)).join('');
        const seen = (text: string) => text.normalize('NFC').replace(/[^\p{L}\p{N}]/gu, '');
        expect(seen(without('removed'))).toBe(seen(b));
        expect(seen(without('added'))).toBe(seen(a));
      }),
    );
  });

  test('rows of marks without end take little time, and marks in another order are no edit', async () => {
    const row = `a${'\u0301\u0323'.repeat(100_000)}`;
    const { result, cpuMs } = await costOf(() => textChange(`${row} b`, `${row} c`));
    expect(result?.kind).toBe('edited');
    expect(cpuMs).toBeLessThan(10_000);
    expect(textChange('q\u0301\u0323', 'q\u0323\u0301')).toBeNull();
  }, 120_000);

  test('two long texts that have nothing in common take little time', async () => {
    const words = (seed: number) =>
      Array.from({ length: 20_000 }, (_, nth) => `w${seed}x${nth}`).join(' ');
    const { result, cpuMs } = await costOf(() => textChange(words(7), words(13)));
    expect(result?.kind).toBe('replaced');
    expect(cpuMs).toBeLessThan(20_000);
  }, 30_000);
});

describe('media', () => {
  const kinds = (before: ComparedFile[], after: ComparedFile[]) =>
    mediaChanges(before, after).map(({ kind }) => kind);

  test('the same bytes in the same place are no change; in another place they moved', () => {
    expect(kinds([file('1', 'a')], [file('1', 'a')])).toEqual([]);
    expect(kinds([file('1', 'a'), file('2', 'b')], [file('1', 'b'), file('2', 'a')])).toEqual([
      'moved',
      'moved',
    ]);
  });

  test('another file that shows the same was re-encoded; in another shape, cropped', () => {
    const before = file('1', 'a', { hashes: hash(0) });
    expect(kinds([before], [file('1', 'b', { hashes: hash(12) })])).toEqual(['re-encoded']);
    const cut = file('1', 'b', { hashes: hash(60), width: 720 });
    expect(kinds([before], [cut])).toEqual(['cropped']);
  });

  test('another picture was swapped, and what nothing tells is only replaced', () => {
    const before = file('1', 'a', { hashes: hash(0) });
    expect(kinds([before], [file('1', 'b', { hashes: hash(120) })])).toEqual(['swapped']);
    expect(kinds([before], [file('1', 'b')])).toEqual(['replaced']);
    expect(kinds([before], [file('1', 'b', { hashes: hash(0, 10) })])).toEqual(['replaced']);
  });

  test('pictures are found again by what they show, wherever they stand now', () => {
    const before = [file('1', 'a', { hashes: hash(0) }), file('2', 'b', { hashes: hash(130) })];
    const after = [file('1', 'c', { hashes: hash(128) }), file('3', 'd', { hashes: hash(4) })];
    expect(mediaChanges(before, after).map(({ kind, after: now }) => [kind, now?.id])).toEqual([
      ['re-encoded', '3'],
      ['re-encoded', '1'],
    ]);
  });

  test('a video is known again by most of its frames', () => {
    const frames = (offset: number) => [0, 40, 80, 120].flatMap((at) => hash(at + offset));
    const before = file('1', 'a', { hashes: frames(0) });
    expect(kinds([before], [file('1', 'b', { hashes: frames(3) })])).toEqual(['re-encoded']);
  });

  test('more and fewer are added and removed', () => {
    expect(kinds([file('1', 'a')], [file('1', 'a'), file('2', 'b')])).toEqual(['added']);
    expect(kinds([file('1', 'a'), file('2', 'b')], [file('1', 'a')])).toEqual(['removed']);
  });
});

describe('posts', () => {
  const aspects = (before: Compared, after: Compared) =>
    changesBetween(before, after).map(({ aspect, how }) => `${aspect} ${how}`);

  test('text, handle and name, each with the digests of both', () => {
    const [text, handle, name] = changesBetween(
      seen(),
      seen({ text: 'What was not said', author: { handle: 'other', name: 'Another' } }),
    );
    expect([text?.aspect, handle?.aspect, name?.aspect]).toEqual([
      'text',
      'author-handle',
      'author-name',
    ]);
    for (const change of [text, handle, name]) {
      expect(change?.beforeSha256).toMatch(/^[0-9a-f]{64}$/);
      expect(change?.afterSha256).toMatch(/^[0-9a-f]{64}$/);
    }
    // Least disclosure: an event tells how much, not what.
    expect(JSON.stringify(text)).not.toContain('said');
  });

  test('a post that can not be seen now is no edited post, a name that is absent no other name', () => {
    expect(aspects(seen(), seen({ post: null }))).toEqual([]);
    expect(aspects(seen(), seen({ author: { name: null } }))).toEqual([]);
  });

  test('a picture of the author in another file is a change only where it shows something else', () => {
    const at = (bits: number, sha: string) =>
      seen({ avatar: file('avatar', sha, { hashes: hash(bits) }) });
    expect(aspects(at(0, 'a'), at(5, 'b'))).toEqual([]);
    expect(aspects(at(0, 'a'), at(128, 'b'))).toEqual(['author-picture swapped']);
  });

  test('media that the record calls withheld are told once, as that', () => {
    const before = seen({ media: [file('1', 'a')] });
    if (before.post) before.post.unavailable = { 1: null };
    const after = seen();
    if (after.post) after.post.unavailable = { 1: 'dmcaed' };
    expect(aspects(before, after)).toEqual(['media unavailable']);
  });
});

describe('pages', () => {
  const page = (given: Partial<ComparedPage> = {}): Compared => ({
    ...seen(),
    post: null,
    pages: [
      {
        view: 'page',
        httpStatus: 200,
        finalUrl: 'https://example.org/',
        title: 'Title',
        text: 'The text of a page with some words',
        picture: null,
        ...given,
      },
    ],
  });
  const aspects = (before: Compared, after: Compared) =>
    changesBetween(before, after).map(({ aspect, how }) => `${aspect} ${how}`);

  test('words and title', () => {
    const after = page({ text: 'The text of a page with other words', title: 'Other' });
    expect(aspects(page(), after)).toEqual(['page-title changed', 'page-text edited']);
  });

  test('an error page is another status, never another text', () => {
    expect(aspects(page(), page({ httpStatus: 404, text: 'Not found', title: '404' }))).toEqual([
      'page-status changed',
    ]);
  });

  test('two pictures of a page differ only where that can be measured', () => {
    const shot = (bits: number, sha: string) =>
      page({ picture: file('page', sha, { hashes: hash(bits) }) });
    expect(aspects(shot(0, 'a'), shot(20, 'b'))).toEqual([]);
    expect(aspects(shot(0, 'a'), shot(90, 'b'))).toEqual(['page-picture differs']);
  });
});
