import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { postSection } from '../src/seal/bundle/post-section.ts';

describe('a post in the report', () => {
  const post = {
    id: '1227600745067446272',
    author: { id: '90000002', handle: 'OIRSpox', name: 'Spokesman' },
    text: 'first line\nsecond <b>line</b>',
    claimedAt: '2020-02-12T18:13:00.000Z',
    idTime: '2020-02-12T18:13:01.123Z',
    links: [{ short: 'https://t.co/a', expanded: 'https://example.org/' }],
    attached: [{ id: '1', kind: 'video', unavailable: 'removed' }],
    editIds: ['1227600745067446272'],
    degraded: [],
    quoted: null,
  };

  test('is words with the origin of every time, not a record for programs', () => {
    const shown = postSection(post).text;
    expect(shown).toContain('Spokesman @OIRSpox (id 90000002)');
    expect(shown).toContain('first line\nsecond &lt;b&gt;line&lt;/b&gt;');
    expect(shown).toContain('2020-02-12T18:13:00.000Z (claimed)');
    expect(shown).toContain('2020-02-12T18:13:01.123Z (derived from the id)');
    expect(shown).toContain('https://t.co/a leads to https://example.org/');
    expect(shown).toContain('1: video, unavailable: removed');
    expect(shown).not.toContain('Edits');
  });

  test('shows what it quotes, and no endless chain of quotes', () => {
    let chain: object = { ...post, text: 'the innermost' };
    for (let depth = 0; depth < 2; depth += 1) chain = { ...post, quoted: chain };
    expect(postSection(chain).text).toContain('the innermost');
    for (let depth = 0; depth < 50; depth += 1) chain = { ...post, quoted: chain };
    expect(postSection(chain).text).not.toContain('the innermost');
  });

  test('of any shape is shown or said to be unknown, and never runs', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.record({ ...loose(), quoted: fc.jsonValue() }),
        (any, like) => {
          for (const shown of [postSection(any).text, postSection(like).text])
            expect(shown).not.toMatch(
              /<(?!\/?(h3|dl|dt|dd|p|br|span class="words" dir="auto"|span)>)/,
            );
        },
      ),
    );
  });
});

function loose() {
  const hostile = fc.oneof(fc.string(), fc.constant('"><script>alert(1)</script><img onerror=x>'));
  return { id: hostile, text: hostile, place: hostile, route: hostile };
}
