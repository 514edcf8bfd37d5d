import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { printCaptures } from '../src/cli/terminal/capture-report.ts';
import { showCapture } from '../src/pipeline/answers/show.ts';
import { sweepSeal } from '../src/pipeline/custody/stamp.ts';
import { exportBundle } from '../src/pipeline/export/bundle.ts';
import { openBagTarget } from '../src/seal/bundle/bag-target.ts';
import { captureAppendix } from '../src/seal/bundle/capture-section.ts';
import { html } from '../src/seal/bundle/html.ts';
import { postSection } from '../src/seal/bundle/post-section.ts';
import { toolsSection } from '../src/seal/bundle/tools-section.ts';
import { readManifest } from '../src/seal/manifest.ts';
import { addCalendarHosts, type CalendarHosts } from './internet/calendar.ts';
import type { TestArchive } from './support/archive.ts';
import { type Outside, openOutside } from './support/outside.ts';
import { fc } from './support/property.ts';

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
    expect(shown).toContain('1: video; unavailable: removed');
    expect(shown).not.toContain('Edits');
  });

  test('tells what others put beside the author’s words apart from them', () => {
    const shown = postSection({
      ...post,
      account: { createdAt: '2011-01-01T00:00:00.000Z', location: 'Baghdad', badge: 'government' },
      attached: [{ id: '1', kind: 'picture', unavailable: null, altText: 'a <i>road</i>' }],
      card: {
        kind: 'poll2choice_text_only',
        poll: { choices: [{ label: 'yes', votes: 3 }], countedAt: null, isFinal: false },
      },
      communityNote: { id: '7', text: 'filmed in 2014' },
      labels: ['made with AI'],
      withheldIn: ['TR'],
      reposted: { ...post, text: 'the post itself' },
      quotedMissing: 'This Post is unavailable',
      filledFrom: { place: 'graphql' },
    }).text;
    expect(shown).toContain('place as its owner wrote it: Baghdad; mark: government');
    expect(shown).toContain('1: picture; described by its author as: a &lt;i&gt;road&lt;/i&gt;');
    expect(shown).toContain('yes: 3');
    expect(shown).toContain('not the final count');
    for (const heading of [
      'Note by readers',
      'Labels of the platform',
      'Withheld in',
      'In place of a quoted post',
      'The post that it passes on',
      'Taken from other routes',
    ])
      expect(shown).toContain(heading);
  });

  test('is shown where something beside it is in another shape', () => {
    const shown = postSection({ ...post, card: 'gone', mentions: 7, labels: { a: 1 } }).text;
    expect(shown).toContain('first line');
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

/** The last cells of the table of files. */
function originsIn(report: string): (string | undefined)[] {
  const files = report.split('<h3>Files</h3>')[1]?.split('</table>')[0] ?? '';
  return [...files.matchAll(/<td>([^<]*)<\/td><\/tr>/g)].map(([, origin]) => origin);
}

function loose() {
  const hostile = fc.oneof(fc.string(), fc.constant('"><script>alert(1)</script><img onerror=x>'));
  return { id: hostile, text: hostile, place: hostile, route: hostile };
}

describe('what calendars said of a capture', () => {
  const opened = new AsyncDisposableStack();
  const signal = new AbortController().signal;
  let outside: Outside;
  let hosts: CalendarHosts;
  let archive: TestArchive;
  let captureId: string;

  beforeAll(async () => {
    outside = opened.use(await openOutside());
    hosts = addCalendarHosts(outside.world);
    archive = opened.use(await outside.archive({ HOLDFAST_OTS_CALENDARS: hosts.honest }));
    captureId = await archive.capture();
    await sweepSeal(archive.parts, signal);
  });
  afterAll(() => opened.disposeAsync());

  const shown = async () => {
    const record = await showCapture(archive.parts, captureId);
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    printCaptures(record === null ? [] : [record], 'table');
    const lines = write.mock.calls.map(([line]) => String(line));
    write.mockRestore();
    return { seal: record?.seal, words: lines.filter((line) => line.startsWith('seal')).join('') };
  };

  test('is shown as a promise, and as that only', async () => {
    const { seal, words } = await shown();
    expect(seal).toMatchObject({
      stage: 'sealed',
      timestamps: [],
      openTimestamps: [{ state: 'pending', checkpoint: 1, blocks: [], calendars: [hosts.honest] }],
    });
    expect(words).toContain(`promised by ${hosts.honest}, which proves nothing`);
    expect(words).toContain('all times are from our own clock');
  });

  test('and then as the height of a block, which needs its header', async () => {
    const [block] = hosts.mine();
    await archive.parts.database.query('update timestamp_schedule set next_at = now()');
    await sweepSeal(archive.parts, signal);
    const { seal, words } = await shown();
    expect(seal).toMatchObject({
      stage: 'sealed',
      openTimestamps: [{ state: 'complete', checkpoint: 1, blocks: [block?.height] }],
    });
    expect(words).toContain(`names Bitcoin block ${block?.height}; proves nothing until`);
    expect(words).toContain('all times are from our own clock');

    const path = join(outside.folder, 'bundle');
    const options = { by: 'test', restricted: false, roles: [], since: [] };
    await exportBundle(archive.parts, [captureId], path, options, signal);
    const report = await readFile(join(path, 'data/report.html'), 'utf8');
    expect(report).toMatch(/only the log itself says when; OpenTimestamps proofs .*: 1 /);
    expect(report).toContain(`Bitcoin block ${block?.height} must have`);
    // What Holdfast wrote itself never looks as if somebody else had served it.
    expect(originsIn(report)).toEqual(['written here, at capture']);
    const manifest = readManifest(
      await readFile(join(path, 'data/captures', captureId, 'capture.json')),
    );
    const artifacts = manifest.artifacts.map((one) => ({
      ...one,
      role: 'media.original' as const,
    }));
    const section = captureAppendix({
      ...{
        manifest: { ...manifest, artifacts },
        sha256: 'a'.repeat(64),
        handed: new Set<string>(),
      },
      ...{ webArchive: false, pictures: [], seal: html``, order: null },
    });
    expect(originsIn(section.text)).toEqual(['received from outside']);
  });
});

test('tools and conditions stand once for all captures that share them', () => {
  const conditions = { locale: 'en-US' };
  const one = (captureId: string, tools: object) =>
    ({ captureId, tools, conditions }) as unknown as Parameters<typeof toolsSection>[0][number];
  const same = toolsSection([one('a', { sharp: '1' }), one('b', { sharp: '1' })]).text;
  expect(same.match(/<pre>/g)).toHaveLength(1);
  expect(same).toContain('Of every capture:');
  const two = toolsSection([
    one('a', { sharp: '1' }),
    one('b', { sharp: '2' }),
    one('c', { sharp: '1' }),
  ]);
  expect(two.text.match(/<p>[^<]+<\/p>/g)).toEqual(['<p>Of a, c:</p>', '<p>Of b:</p>']);
});

test('a zip file that can not be made is told of, and nobody waits for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-report-'));
  // As long as a name may be, so that there is none left for the file in the making.
  const target = await openBagTarget(join(folder, `${'z'.repeat(245)}.zip`), new Date());
  const large = Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(64 * 1024)));
  await expect(target.write('data/large', large)).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
  await target.abandon();
  await rm(folder, { recursive: true });
}, 10_000);
