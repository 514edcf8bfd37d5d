/**
 * Texts that are made to be long: each is read in a time that grows with its length, and ends in
 * an answer or in an error of our own. Before, every one here took minutes, or was an accident.
 */
import { describe, expect, test } from 'vitest';
import { PermanentError } from '../src/base/errors.ts';
import { normalForm } from '../src/base/normal-form.ts';
import { readLinks } from '../src/links/read-links.ts';
import { parsePlaylist } from '../src/media/fetch/hls-playlist.ts';
import { readExif } from '../src/media/inspect/exif.ts';
import type { Answer, Ask } from '../src/platforms/platform.ts';
import { observePage } from '../src/platforms/web/observe.ts';
import { nextAddress } from '../src/platforms/x/routes/resolve-tco.ts';
import { isSoftNotFound } from '../src/visit/walls.ts';
import { parseDigest } from '../src/warc/check/digests.ts';
import { checkFields } from '../src/warc/check/field-rules.ts';
import { Findings } from '../src/warc/check/findings.ts';
import { costOf } from './support/cpu-time.ts';
import { never } from './support/kept-capture.ts';

/** What took the square of the length took a minute and more. */
const soonMs = 10_000;

async function soon<T>(read: () => T | Promise<T>): Promise<T> {
  const { result, cpuMs } = await costOf(read);
  expect(cpuMs).toBeLessThan(soonMs);
  return result;
}

describe('links', () => {
  test('in a run of backslashes', async () => {
    const text = `https://example.org/${'\\'.repeat(300_000)}x`;
    expect((await soon(() => readLinks(text, 'text'))).length).toBeLessThan(2);
  });

  test('in a table with a wide head and many short rows', async () => {
    const rows = 'https://example.org/a,b\n'.repeat(20_000);
    const text = `url,note,${'a,'.repeat(20_000)}\n${rows}`;
    const found = await soon(() => readLinks(text, 'csv'));
    expect(found).toMatchObject([{ key: 'web:https://example.org/a', submission: { note: 'b' } }]);
  });

  test('in a line of JSON that is nested deeper than it can be written again', () => {
    const line = `{"a":"https://example.org/a","b":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(readLinks(line, 'jsonl')).toMatchObject([{ key: 'web:https://example.org/a' }]);
  });
});

describe('playlists', () => {
  const address = 'https://video.example/list.m3u8';

  test('with a tag that is one long name', async () => {
    const text = `#EXTM3U\n#EXT-X-KEY:${'A'.repeat(300_000)}\na.ts\n#EXT-X-ENDLIST`;
    expect(await soon(() => parsePlaylist(text, address))).toMatchObject({ ended: true });
  });

  test('with more files than a video has pieces', () => {
    const many = 'a\n'.repeat(20_001);
    for (const text of [
      `#EXTM3U\n${many}`,
      `#EXTM3U\n${'#EXT-X-STREAM-INF:BANDWIDTH=1\na\n'.repeat(20_001)}`,
      `#EXTM3U\n${'#EXT-X-MEDIA:TYPE=AUDIO,URI="a"\n'.repeat(20_001)}#EXT-X-STREAM-INF:\na\n`,
    ])
      expect(() => parsePlaylist(text, address)).toThrow(PermanentError);
  });

  test('whose every variant has the same thousands of sounds', async () => {
    const sounds = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="a"\n'.repeat(5_000);
    const variants = '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nv\n'.repeat(500);
    const found = await soon(() => parsePlaylist(`#EXTM3U\n${sounds}${variants}`, address));
    expect(JSON.stringify(found).length).toBeLessThan(1024 * 1024);
  });
});

describe('tags of a picture', () => {
  test('that each claim the whole block', () => {
    const block = Buffer.alloc(64 * 1024);
    block.write('II*\0\x08', 'latin1');
    block.writeUInt16LE(5_000, 8);
    for (let index = 0; index < 5_000; index += 1) {
      const entry = 10 + 12 * index;
      block.writeUInt16LE(0x8000 + index, entry);
      block.writeUInt16LE(1, entry + 2);
      block.writeUInt32LE(65_000, entry + 4);
    }
    expect(JSON.stringify(readExif(block)).length).toBeLessThan(256 * 1024);
  });
});

describe('pages', () => {
  const observe = (html: string) => {
    const ask: Ask = async ({ route, url }) => answer(route, url, html);
    const request = { source: 'web:https://example.org/', link: '', facts: {}, thorough: false };
    return observePage(request, ask, never);
  };

  test('with more siblings than a call takes arguments', async () => {
    const [reading] = await observe(`<body>${'<br>a'.repeat(200_000)}`);
    expect(reading?.contentSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('with a row of marks without end', async () => {
    const marks = `a${'\u0301\u0316'.repeat(200_000)}`;
    const [reading] = await soon(() => observe(`<title>a</title><p>${marks}`));
    expect(reading?.contentSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(normalForm(`e\u0301 ${marks}`).startsWith('\u00e9 \u00e1\u0316')).toBe(true);
  });

  test('with open tags only', async () => {
    const html = `<body>${'<div>'.repeat(100_000)}${'<p></p>'.repeat(200_000)}`;
    const [reading] = await soon(() => observe(html));
    expect(reading?.contentSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('with a refresh after many spaces', async () => {
    const spaces = `<meta http-equiv="refresh" content="${' '.repeat(400_000)}">`;
    const html = `${spaces}<meta http-equiv="refresh" content=" 0 ; url=https://x.com/a">`;
    const next = await soon(() => nextAddress(answer('t.co', 'https://t.co/a', html)));
    expect(next?.href).toBe('https://x.com/a');
  });

  test('with more siblings than that on the way from a short link', () => {
    const html = `<body>${'<br>'.repeat(130_000)}`;
    expect(nextAddress(answer('t.co', 'https://t.co/a', html))).toBeNull();
  });

  test('with a title of signs', async () => {
    expect(await soon(() => isSoftNotFound(200, `${'!'.repeat(300_000)}x`))).toBe(false);
  });
});

describe('records of a web archive', () => {
  test('with a digest of padding', async () => {
    expect(await soon(() => parseDigest(`sha256:${'='.repeat(300_000)}x`))).toBeNull();
  });

  test('with a hundred thousand named fields', async () => {
    const fields = Array.from({ length: 95_000 }, (_, index) => ({
      name: `WARC-${index}`,
      value: '',
    }));
    const findings = new Findings();
    const twice = { name: 'warc-7', value: '' };
    const head = { version: 'WARC/1.1', fields: [...fields, twice], faults: [] };
    await soon(() => checkFields(head, 'a', findings));
    expect(findings.list.map(({ message }) => message)).toContain('warc-7 stands twice');
  });
});

function answer(route: string, url: string, html: string): Answer {
  return {
    route,
    url,
    status: 200,
    headers: [['content-type', 'text/html']],
    body: Buffer.from(html),
    bodySha256: null,
    failure: null,
    observedAt: new Date(0),
  };
}
