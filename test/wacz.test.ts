/** A capture as a web archive: what is in it, that it comes out the same, and what an export refuses. */
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keptCapture } from './support/kept-capture.ts';
import { bodyIn, exchange } from './support/recorded-exchanges.ts';
import { sampleCapture, story } from './support/sample-capture.ts';
import { json, sha256, unpack } from './support/wacz-surgery.ts';

describe('a web archive', () => {
  test('is the same bytes each time, signed once, by a key that only we can read', async () => {
    await using capture = await sampleCapture();
    const first = await readFile(await capture.export('first.wacz'));
    expect(await readFile(await capture.export('second.wacz'))).toEqual(first);
    const key = await stat(join(capture.folder, 'home/keys/wacz-p384.pem'));
    expect(key.mode & 0o777).toBe(0o400);
  });

  test('holds the small parts byte for byte, pages, an index and what WACZ demands, and nothing else', async () => {
    await using capture = await sampleCapture();
    const files = await unpack(await capture.export());
    expect([...files.keys()].sort()).toEqual([
      'archive/large.warc',
      'archive/page.warc.gz',
      'archive/record.warc.gz',
      'datapackage-digest.json',
      'datapackage.json',
      'indexes/index.cdxj',
      'pages/pages.jsonl',
    ]);
    const { vault } = capture.parts;
    const part = sha256(files.get('archive/page.warc.gz') ?? '');
    expect(await vault.has(part)).toBe(true);
    const description = json(files, 'datapackage.json');
    expect(description).toMatchObject({
      profile: 'data-package',
      wacz_version: '1.1.1',
      mainPageUrl: story,
      mainPageDate: '2026-03-04T05:06:07.089Z',
    });
    const pages = (files.get('pages/pages.jsonl') ?? '').toString().trim().split('\n');
    expect(JSON.parse(pages[1] ?? '')).toEqual({
      id: 'page',
      url: story,
      title: 'A story',
      ts: '2026-03-04T05:06:07.089Z',
      text: 'A story',
    });
  });

  test('never holds what was withheld', async () => {
    await using capture = await keptCapture();
    const made = await capture.record({
      withhold: true,
      exchanges: [
        exchange({
          request: { headers: [['Cookie', 'session=hidden-4711']], body: null },
          response: { body: await bodyIn(capture.folder, 'mail') },
        }),
      ],
    });
    expect(made.map(({ role }) => role)).toContain('warc.restricted');
    await capture.close([]);
    const files = await unpack(await capture.export());
    expect([...files.keys()].join()).not.toContain('restricted');
    expect(json(files, 'datapackage.json').description).toContain('withheld');
  });

  test('is never written over anything, and not at all when a stored byte changed', async () => {
    await using capture = await sampleCapture();
    const path = join(capture.folder, 'there.wacz');
    await writeFile(path, 'something of mine');
    await expect(capture.export('there.wacz')).rejects.toMatchObject({ code: 'exists' });
    expect(await readFile(path, 'utf8')).toBe('something of mine');

    const files = await unpack(await capture.export('good.wacz'));
    const stored = await capture.parts.vault.path(sha256(files.get('archive/page.warc.gz') ?? ''));
    await chmod(stored, 0o600);
    const bytes = await readFile(stored);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await writeFile(stored, bytes);
    await expect(capture.export('bad.wacz')).rejects.toMatchObject({ code: 'stored-bytes-differ' });
    await expect(stat(join(capture.folder, 'bad.wacz'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('needs a closed capture, and one that recorded something', async () => {
    await using open = await keptCapture();
    await expect(open.export()).rejects.toMatchObject({ code: 'unfinished' });
    await open.close([]);
    await expect(open.export()).rejects.toMatchObject({ code: 'no-warc' });
  });
});
