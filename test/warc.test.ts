/** What the writer of WARC parts makes of whatever a recorder may hand over. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFileVault } from '../src/vault/files.ts';
import { checkWacz } from '../src/warc/check/check-wacz.ts';
import type { RecordedBody, RecordedExchange } from '../src/warc/exchange.ts';
import { digestOfLargeWarc, largeWarc, readLargePart } from '../src/warc/large-warc.ts';
import { writeWarcPart } from '../src/warc/write-part.ts';
import { keptCapture, never } from './support/kept-capture.ts';
import { fc } from './support/property.ts';
import { bodyIn, exchange, filesIn, part, sha256 } from './support/recorded-exchanges.ts';
import { sampleCapture } from './support/sample-capture.ts';
import { unpack } from './support/wacz-surgery.ts';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-warc-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function newFolder(): Promise<string> {
  const path = join(folder, String(count++));
  await mkdir(path);
  return path;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    'a\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n',
    '',
    ' ',
    '\u0000',
    'grüße',
    '\ud800',
  ),
);
const name = fc.oneof(
  fc.constantFrom(
    'Content-Type',
    'content-length',
    'Content-Encoding',
    'Transfer-Encoding',
    'Set-Cookie',
    ':status',
  ),
  text,
);
const headers = fc.array(
  fc.tuple(name, fc.oneof(fc.constantFrom('gzip', 'chunked', '5', 'text/html'), text)),
  { maxLength: 6 },
) as fc.Arbitrary<[string, string][]>;
const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
const url = fc.oneof(
  fc.webUrl({ withQueryParameters: true }),
  fc.constantFrom(
    'https://news.example/a b',
    'https://news.example/\u202e?q=%ff&&=',
    'https://[2001:db8::1]:8443/x',
    'http://www.news.example/?b=2&a=1',
    'https://news.example/{"json"}',
    'data:text/html,hello',
    'wss://news.example/live',
    'nonsense',
  ),
);
const facts = fc.record({
  id: fc.uuid(),
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'P\r\nT'),
  url,
  requestHeaders: headers,
  requestBody: bytes,
  status: fc.constantFrom(200, 204, 206, 301, 304, 404, 500, 599),
  statusText: text,
  responseHeaders: headers,
  responseBody: bytes,
  decoded: fc.boolean(),
  truncated: fc.constantFrom(null, 'length', 'time', 'disconnect'),
  answered: fc.boolean(),
  kind: fc.constantFrom('recorded', 'origin-failed', 'page-cancelled', 'not-kept', 'excluded'),
  protocol: fc.constantFrom(null, 'h2', 'http/1.1'),
  remoteAddress: fc.constantFrom(null, '93.184.216.34', '2606:2800::1', 'nowhere'),
  view: fc.constantFrom('page', 'embed'),
});
type Facts = typeof facts extends fc.Arbitrary<infer Value> ? Value : never;

async function made(one: Facts, where: string): Promise<RecordedExchange> {
  const body = (content: Uint8Array | null) => (content === null ? null : bodyIn(where, content));
  return exchange({
    id: one.id,
    method: one.method,
    url: one.url,
    request: { headers: one.requestHeaders, body: await body(one.requestBody) },
    protocol: one.protocol,
    remoteAddress: one.remoteAddress,
    class: one.kind as RecordedExchange['class'],
    view: one.view,
    response: one.answered
      ? {
          status: one.status,
          statusText: one.statusText,
          headers: one.responseHeaders,
          body: await body(one.responseBody),
          decoded: one.decoded,
          truncated: one.truncated as 'length' | null,
        }
      : null,
  });
}

describe('a WARC part', () => {
  test('of any exchanges whatsoever has no fault for the checker', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(facts, { maxLength: 5, selector: ({ id }) => id }),
        fc.boolean(),
        async (all, withhold) => {
          await using capture = await keptCapture();
          const exchanges = await Promise.all(all.map((one) => made(one, capture.folder)));
          await capture.record({ exchanges, withhold, largeFromBytes: 100 });
          await capture.close([]);
          const { findings } = await checkWacz(await capture.export(), never);
          expect(findings.filter(({ level }) => level === 'fault')).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('is the same bytes for the same exchanges', async () => {
    const where = await newFolder();
    const exchanges = [
      exchange({ response: { body: await bodyIn(where, '<p>') } }),
      exchange({
        url: 'https://a.example/big',
        response: { body: await bodyIn(where, 'x'.repeat(999)) },
      }),
    ];
    const [one, other] = [filesIn(await newFolder()), filesIn(await newFolder())];
    for (const files of [one, other]) {
      await writeWarcPart(part({ exchanges, largeFromBytes: 500 }), files, never);
    }
    for (const file of ['warc', 'index', 'large'] as const) {
      expect(await readFile(one[file])).toEqual(await readFile(other[file]));
    }
  });

  test('names each request in its class, kept or not, and repeats no content of data addresses', async () => {
    const files = filesIn(await newFolder());
    const data = `data:text/html,${'x'.repeat(5000)}`;
    const exchanges = [
      exchange({ response: { body: await bodyIn(folder, 'x') } }),
      exchange({
        url: 'https://gone.example/',
        class: 'not-kept',
        reason: 'capped',
        response: { truncated: 'length' },
      }),
      exchange({
        url: 'https://dns.example/',
        class: 'origin-failed',
        reason: 'dns',
        response: null,
      }),
      exchange({ url: data, class: 'excluded', reason: 'data' }),
    ];
    await writeWarcPart(part({ exchanges }), files, never);
    const record =
      gunzipSync(await readFile(files.warc))
        .toString()
        .split('urn:pageinfo:')
        .at(-1) ?? '';
    const info = JSON.parse(record.slice(record.indexOf('{'), record.lastIndexOf('}') + 1));
    expect(info.counts).toMatchObject({
      recorded: 1,
      'not-kept': 1,
      'origin-failed': 1,
      excluded: 1,
    });
    expect(
      info.requests.map((one: { class: string; reason: string | null }) => [one.class, one.reason]),
    ).toEqual([
      ['recorded', null],
      ['not-kept', 'capped'],
      ['origin-failed', 'dns'],
      ['excluded', 'data'],
    ]);
    expect(record).not.toContain('x'.repeat(1000));
  });

  test('is refused when a body is not what was recorded', async () => {
    const where = await newFolder();
    const body = await bodyIn(where, 'what was served');
    const lies: RecordedBody[] = [
      { ...body, sha256: sha256('something else') },
      { ...body, sizeBytes: body.sizeBytes - 1 },
      { ...body, sizeBytes: body.sizeBytes + 1 },
    ];
    for (const lie of lies) {
      const written = writeWarcPart(
        part({ exchanges: [exchange({ response: { body: lie } })] }),
        filesIn(await newFolder()),
        never,
      );
      await expect(written).rejects.toMatchObject({ code: 'body-differs' });
    }
  });

  test('stops when it is told to', async () => {
    const exchanges = [exchange({ response: { body: await bodyIn(folder, 'x') } })];
    const written = writeWarcPart(
      part({ exchanges }),
      filesIn(await newFolder()),
      AbortSignal.abort(),
    );
    await expect(written).rejects.toThrow(/abort/i);
  });

  test('does not hold what it writes in memory', async () => {
    const where = await newFolder();
    const path = join(where, 'large');
    const chunk = Buffer.alloc(1024 * 1024, 'v');
    const hash = createHash('sha256');
    for (let n = 0; n < 100; n += 1) {
      await writeFile(path, chunk, { flag: 'a' });
      hash.update(chunk);
    }
    const body = { path, sizeBytes: 100 * chunk.byteLength, sha256: hash.digest('hex') };
    const before = process.memoryUsage().rss;
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const files = filesIn(where);
    await writeWarcPart(part({ exchanges: [exchange({ response: { body } })] }), files, never);
    const large = readLargePart(await readFile(files.large));
    const vault = await openFileVault(join(where, 'vault'));
    const { sha256: kept } = await vault.putFile(path);
    await digestOfLargeWarc([large], (digest, onChunk) => vault.rehash(digest, never, onChunk));
    expect(kept).toBe(body.sha256);
    clearInterval(watching);
    expect(peak - before).toBeLessThan(64 * 1024 * 1024);
    expect((await stat(files.warc)).size).toBeLessThan(10_000);
  });
});

describe('secrets of a logged-in profile', () => {
  const secret = 'very-secret-4711';

  async function written(withhold: boolean) {
    const where = await newFolder();
    const files = filesIn(where);
    const one = exchange({
      request: {
        headers: [
          ['Cookie', `session=${secret}`],
          ['authorization', `Bearer ${secret}`],
          ['X-CSRF-Token', secret],
        ],
        body: null,
      },
      response: {
        headers: [['set-cookie', `session=${secret}; HttpOnly`]],
        body: await bodyIn(where, '<p>mail</p>'),
      },
    });
    const large = exchange({
      url: 'https://news.example/large',
      response: {
        headers: [['Set-Cookie', `large=${secret}`]],
        body: await bodyIn(where, 'x'.repeat(500)),
      },
    });
    const result = await writeWarcPart(
      part({ exchanges: [one, large], withhold, largeFromBytes: 400 }),
      files,
      never,
    );
    const inflated = gunzipSync(await readFile(files.warc)).toString();
    return {
      files,
      result,
      visible:
        inflated + (await readFile(files.large, 'utf8')) + (await readFile(files.index, 'utf8')),
    };
  }

  test('are in no public file, and each record says what it lost', async () => {
    const { files, result, visible } = await written(true);
    expect(visible).not.toContain(secret);
    expect(visible).toContain('X-Holdfast-Withheld: cookie, authorization, x-csrf-token');
    expect(visible.match(/X-Holdfast-Withheld: set-cookie/g)).toHaveLength(2);
    expect(visible).toMatch(/withheld: Cookies, authorisation headers/);
    expect(result.hasRestricted).toBe(true);
    const restricted = gunzipSync(await readFile(files.restricted)).toString();
    expect(restricted.match(new RegExp(secret, 'g'))).toHaveLength(5);
  });

  test('are what everybody gets from a visit without a profile: nothing is withheld', async () => {
    const { result, visible } = await written(false);
    expect(visible.match(new RegExp(secret, 'g'))).toHaveLength(5);
    expect(visible).not.toContain('Withheld');
    expect(result.hasRestricted).toBe(false);
  });
});

describe('the virtual large.warc', () => {
  test('has before the export the digest that the exported file has', async () => {
    await using capture = await sampleCapture();
    const { vault } = capture.parts;
    const parts = [];
    for (const step of ['record', 'page']) {
      for await (const { name, bytes } of vault.records('manifests')) {
        expect(name).toBe(capture.captureId);
        const manifest = JSON.parse(bytes.toString());
        const file = manifest.artifacts.find(
          (one: { name: string }) => one.name === `warc/${step}.large.json`,
        );
        parts.push(readLargePart(await vault.read(file.sha256)));
      }
    }
    const expected = await digestOfLargeWarc(parts, (digest, onChunk) =>
      vault.rehash(digest, never, onChunk),
    );
    const open = (digest: string) => vault.open(digest);
    const chunks: Uint8Array[] = [];
    for await (const chunk of largeWarc(parts, open)) chunks.push(chunk);
    const exported = (await unpack(await capture.export())).get('archive/large.warc');
    expect(Buffer.concat(chunks)).toEqual(exported);
    expect(expected).toEqual({ sha256: sha256(exported ?? ''), sizeBytes: exported?.byteLength });
  });
});
