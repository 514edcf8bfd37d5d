/** Files that want to harm or fool the checker, files of other makers, and the verb itself. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ByteReader } from '../src/warc/check/byte-reader.ts';
import { checkWacz } from '../src/warc/check/check-wacz.ts';
import { costOf } from './support/cpu-time.ts';
import { pythonJudges } from './support/judges.ts';
import { never } from './support/kept-capture.ts';
import { fc } from './support/property.ts';
import { sampleCapture } from './support/sample-capture.ts';
import { changeIndex, pack, settle, unpack } from './support/wacz-surgery.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../scripts/holdfast.ts', import.meta.url));

let folder: string;
let good: Buffer;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-wacz-hostile-'));
  await using capture = await sampleCapture();
  good = await readFile(await capture.export());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${count++}.wacz`);
  await writeFile(path, bytes);
  return path;
}

describe('verify-wacz on hostile files', () => {
  /** What says nothing about content, such as a time in the zip, or bytes that nothing leads to, may be anything. */
  async function expectFaultOrSameContent(bytes: Buffer): Promise<void> {
    const path = await fileOf(bytes);
    const { faults } = await checkWacz(path, never);
    if (faults === 0) expect(await contentOf(path)).toEqual(await contentOf(await fileOf(good)));
  }

  test('any byte changed anywhere is a fault, or changes nothing that the file holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.byteLength - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          const bytes = Buffer.from(good);
          bytes[at] = (bytes[at] ?? 0) ^ by;
          await expectFaultOrSameContent(bytes);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('what is cut, doubled or made of noise ends with a fault, or holds all that it held', async () => {
    const size = good.byteLength;
    const pieces = fc.array(fc.tuple(fc.nat(size), fc.nat(size)), { minLength: 1, maxLength: 3 });
    const none = new Uint8Array();
    await fc.assert(
      fc.asyncProperty(pieces, fc.uint8Array({ maxLength: 200 }), (cuts, noise) => {
        const parts = cuts.map(([from, to]) =>
          good.subarray(Math.min(from, to), Math.max(from, to)),
        );
        return expectFaultOrSameContent(Buffer.concat([...parts, noise]));
      }),
      {
        numRuns: 30,
        // The whole file is among the pieces: as it was, and twice.
        examples: [
          [[[0, size]], none],
          [
            [
              [0, size],
              [size, 0],
            ],
            none,
          ],
        ],
      },
    );
  });

  test('what its directory does not lead to is a fault: a package before, between or behind it', async () => {
    const directory = good.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    const start = good.readUInt32LE(directory + 16);
    const between = Buffer.concat([
      good.subarray(0, start),
      good.subarray(0, 99),
      good.subarray(start),
    ]);
    between.writeUInt32LE(start + 99, between.byteLength - 22 + 16);
    for (const hiding of [Buffer.concat([good, good]), between]) {
      const { findings } = await checkWacz(await fileOf(hiding), never);
      expect(findings).toEqual([
        expect.objectContaining({
          level: 'fault',
          box: 'zip',
          message: expect.stringMatching(/belong to no file that its directory names/),
        }),
      ]);
    }
  });

  test('what lacks its end, or begins late, is a fault', async () => {
    for (const cut of [good.subarray(0, -1), good.subarray(1), good.subarray(0, 0)])
      expect((await checkWacz(await fileOf(cut), never)).faults).toBeGreaterThan(0);
  });

  test('records of noise inside a sound zip end with a fault', async () => {
    const files = await unpack(await fileOf(good));
    const member = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => gzipSync(bytes)),
      fc.string({ maxLength: 200 }).map((text) => gzipSync(`WARC/1.1\r\n${text}\r\n\r\n`)),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from([0x1f, 0x8b, 8, ...bytes])),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 3 }), async (members) => {
        const changed = settle(new Map(files).set('archive/page.warc.gz', Buffer.concat(members)));
        const path = await pack(changed, join(folder, `${count++}.wacz`));
        expect((await checkWacz(path, never)).faults).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });

  test('a gzip header that ends anywhere in itself is a fault', async () => {
    const files = await unpack(await fileOf(good));
    // Extra field, name, comment and checksum: every optional part that RFC 1952 has.
    const header = Buffer.from([
      ...[0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3],
      ...[2, 0, 7, 7],
      ...Buffer.from('name\0comment\0'),
      ...[0, 0],
    ]);
    for (let length = 1; length <= header.byteLength; length++) {
      const cut = settle(new Map(files).set('archive/page.warc.gz', header.subarray(0, length)));
      const path = await pack(cut, join(folder, `${count++}.wacz`));
      expect((await checkWacz(path, never)).faults, `cut at ${length}`).toBeGreaterThan(0);
    }
  });

  test('a gzip bomb, a zip bomb and an endless header are cut off and named', async () => {
    const files = await unpack(await fileOf(good));
    const limits = { inflatedBytes: 20 * 2 ** 20 };
    const zeros = Buffer.alloc(50 * 2 ** 20);
    const head = `WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: ${zeros.byteLength}\r\n\r\n`;
    const bombs = {
      gzip: await pack(
        settle(
          new Map(files).set(
            'archive/page.warc.gz',
            gzipSync(Buffer.concat([Buffer.from(head), zeros])),
          ),
        ),
        join(folder, 'gzip.wacz'),
      ),
      zip: await pack(
        settle(new Map(files).set('pages/extraPages.jsonl', zeros)),
        join(folder, 'zip.wacz'),
        (path) => path.includes('extra'),
      ),
    };
    for (const path of Object.values(bombs)) {
      const { findings } = await checkWacz(path, never, limits);
      expect(findings.map(({ message }) => message).join()).toMatch(/bomb/);
    }
    const endless = gzipSync(`WARC/1.1\r\nX: ${'a'.repeat(3 * 2 ** 20)}`);
    const changed = settle(new Map(files).set('archive/page.warc.gz', endless));
    const { findings } = await checkWacz(await pack(changed, join(folder, 'endless.wacz')), never);
    expect(findings.map(({ message }) => message).join()).toMatch(/more than 1048576 bytes/);
  });

  test('a name that leaves the folder, and a name that is there twice, are named', async () => {
    const renamed = async (path: string, from: string, to: string) => {
      const text = (await readFile(path)).toString('latin1').replaceAll(from, to);
      return (await checkWacz(await fileOf(Buffer.from(text, 'latin1')), never)).findings;
    };
    const outside = await renamed(await fileOf(good), 'pages/pages.jsonl', '../es/pages.jsonl');
    expect(outside[0]?.message).toMatch(/directory is broken.*(relative|invalid)/);
    const files = await unpack(await fileOf(good));
    files.set('datapackagf.json', Buffer.from('{}'));
    const path = await pack(files, join(folder, 'twice.wacz'));
    const twice = await renamed(path, 'datapackagf.json', 'datapackage.json');
    expect(twice.map(({ message }) => message).join()).toMatch(/two files of this name/);
  });

  test('an index whose deflated bytes are broken is a fault, and never an accident', async () => {
    const files = await unpack(await fileOf(good));
    const isIndex = (path: string) => path.startsWith('indexes/');
    const bytes = await readFile(await pack(files, join(folder, 'deflated.wacz'), isIndex));
    const name = Buffer.from('indexes/index.cdxj');
    bytes.fill(0xff, bytes.indexOf(name) + name.byteLength, bytes.indexOf(name) + 60);
    const { findings } = await checkWacz(await fileOf(bytes), never);
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'fault', box: 'zip', subject: 'indexes/index.cdxj' }),
    );
  });

  test('a record hidden inside another is no place for the index to lead to', async () => {
    const files = await unpack(await fileOf(good));
    const lines = files.get('indexes/index.cdxj')?.toString('utf8').split('\n') ?? [];
    const line = lines.find((one) => one.includes('page.warc.gz')) ?? '';
    const { offset, length } = JSON.parse(line.slice(line.indexOf('{')));
    const archive = files.get('archive/page.warc.gz') ?? Buffer.alloc(0);
    const record = archive.subarray(Number(offset), Number(offset) + Number(length));
    // Behind it comes one more, which holds it whole in the extra field of its gzip header.
    const cover = gzipSync(warcinfo('urn:uuid:00000000-0000-4000-8000-000000000001'));
    const sized = Buffer.alloc(2);
    sized.writeUInt16LE(record.byteLength);
    const head = Buffer.concat([cover.subarray(0, 10), sized]);
    head[3] = 4;
    const hiding = Buffer.concat([head, record, cover.subarray(10)]);
    const moved = String(archive.byteLength + head.byteLength);
    files.set('archive/page.warc.gz', Buffer.concat([archive, hiding]));
    const changed = changeIndex(files, (one) =>
      one === line ? one.replace(`"offset":"${offset}"`, `"offset":"${moved}"`) : one,
    );
    const path = await pack(settle(changed), join(folder, 'hidden.wacz'));
    const { findings } = await checkWacz(path, never);
    const faults = findings.filter(({ level }) => level === 'fault');
    expect(faults.map(({ box, message }) => `${box}: ${message}`)).toContain(
      `index-places: no record begins at ${moved}`,
    );
    expect(faults.filter(({ box }) => box.startsWith('warc'))).toEqual([]);
  });

  test('records that share an id, and files that share bytes, are counted for what they are', async () => {
    const files = await unpack(await fileOf(good));
    const same = gzipSync(warcinfo('urn:uuid:00000000-0000-4000-8000-000000000001'));
    files.set('archive/page.warc.gz', Buffer.concat(Array.from({ length: 30 }, () => same)));
    const path = await pack(settle(files), join(folder, 'same.wacz'));
    const { findings } = await checkWacz(path, never, { records: 20 });
    expect(findings.map(({ message }) => message).join()).toMatch(/more than 20 records/);

    const shared = await fileOf(withSharedBytes(await readFile(path)));
    const found = (await checkWacz(shared, never)).findings.map(({ message }) => message);
    expect(found.join()).toMatch(/claim more bytes than the zip has/);
  });

  test('a line of 16 MiB in small pieces costs what it is long', async () => {
    const piece = Buffer.alloc(512, 'a');
    const reader = new ByteReader(
      (async function* () {
        for (let count = 0; count < 2 ** 15; count += 1) yield piece;
        yield Buffer.from('b\nc\n');
      })(),
    );
    const { result: line, cpuMs } = await costOf(() => reader.until('\n', 2 ** 25));
    expect(cpuMs).toBeLessThan(10_000);
    expect(line?.byteLength).toBe(2 ** 24 + 2);
    expect(line?.subarray(0, -2).equals(Buffer.alloc(2 ** 24, 'a'))).toBe(true);
    expect((await reader.until('\n', 10))?.toString()).toBe('c\n');
  });

  test('a check can be stopped', async () => {
    await expect(checkWacz(await fileOf(good), AbortSignal.abort())).rejects.toThrow(/abort/i);
  });
});

describe('the verb verify-wacz', () => {
  const verify = (...args: string[]) =>
    run(process.execPath, [cli, '--json', 'verify-wacz', ...args], { cwd: folder }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
    );

  test('says ok with 0, names faults with 5, and a missing file with 3', async () => {
    const sound = await verify(await fileOf(good));
    expect(sound.code).toBe(0);
    expect(JSON.parse(sound.stdout)).toMatchObject({
      schema: 'holdfast.wacz-verification/1',
      ok: true,
      faults: 0,
    });
    const broken = await verify(await fileOf(good.subarray(0, -40)));
    expect(broken.code).toBe(5);
    expect(JSON.parse(broken.stdout)).toMatchObject({
      ok: false,
      findings: [{ box: 'zip', level: 'fault' }],
    });
    expect((await verify(join(folder, 'nothing.wacz'))).code).toBe(3);
  });
});

describe('files that others made', () => {
  test.skipIf(pythonJudges === null)(
    'are accepted: SHA-1 in Base32, chunks, revisits, compressed indexes (skipped where PyPI does not answer)',
    async () => {
      await writeFile(join(folder, 'make.py'), othersRecords);
      await run(`${pythonJudges}/python`, ['make.py'], { cwd: folder });
      await writeFile(
        join(folder, 'pages.jsonl'),
        '{"format":"json-pages-1.0","id":"pages","title":"Pages"}\n{"id":"1","url":"http://example.com/","title":"x","ts":"2026-01-02T03:04:05Z"}\n',
      );
      await run(
        `${pythonJudges}/wacz`,
        ['create', '-o', 'others.wacz', '-p', 'pages.jsonl', 'others.warc.gz'],
        { cwd: folder },
      );
      const { findings, boxes } = await checkWacz(join(folder, 'others.wacz'), never);
      expect(findings.filter(({ level }) => level === 'fault')).toEqual([]);
      const examined = Object.fromEntries(boxes.map((one) => [one.box, one.examined]));
      expect(examined['warc-payload-digests']).toBeGreaterThan(3);
      expect(examined['index-places']).toBeGreaterThan(2);
    },
  );
});

const othersRecords = `
from io import BytesIO
from warcio.warcwriter import WARCWriter
from warcio.statusandheaders import StatusAndHeaders

with open('others.warc.gz', 'wb') as out:
    w = WARCWriter(out, gzip=True, warc_version='1.1')
    w.write_record(w.create_warcinfo_record('others.warc.gz', {'software': 'warcio'}))
    def answer(url, body, headers):
        http = StatusAndHeaders('200 OK', headers, protocol='HTTP/1.1')
        response = w.create_warc_record(url, 'response', payload=BytesIO(body), http_headers=http,
            warc_headers_dict={'WARC-Date': '2026-01-02T03:04:05Z'})
        ask = StatusAndHeaders('GET / HTTP/1.1', [('Host', 'example.com')], is_http_request=True)
        w.write_request_response_pair(w.create_warc_record(url, 'request', http_headers=ask,
            warc_headers_dict={'WARC-Date': '2026-01-02T03:04:05Z'}), response)
        return response.rec_headers.get_header('WARC-Payload-Digest')
    digest = answer('http://example.com/', b'<h1>hello</h1>', [('Content-Type', 'text/html')])
    answer('http://www.example.com:8080/chunked?b=1&A=2', b'5\\r\\nhello\\r\\n0\\r\\n\\r\\n',
        [('Content-Type', 'text/plain'), ('Transfer-Encoding', 'chunked')])
    w.write_record(w.create_revisit_record('http://example.com/again', digest,
        'http://example.com/', '2026-01-02T03:04:05Z'))
    w.write_record(w.create_warc_record('urn:note:1', 'resource', payload=BytesIO(b'note'),
        warc_content_type='text/plain'))
`;

function warcinfo(id: string): string {
  const fields = [
    'WARC-Type: warcinfo',
    `WARC-Record-ID: <${id}>`,
    'WARC-Date: 2026-01-02T03:04:05Z',
    'WARC-Filename: page.warc.gz',
    'Content-Type: application/warc-fields',
    'Content-Length: 0',
  ];
  return `WARC/1.1\r\n${fields.join('\r\n')}\r\n\r\n\r\n\r\n`;
}

/** The largest file of a zip, listed many times more under other names that lead to the same place. */
function withSharedBytes(zip: Buffer): Buffer {
  const end = zip.length - 22;
  const at = zip.readUInt32LE(end + 16);
  const entries: Buffer[] = [];
  for (let from = at; from < end; from += entries.at(-1)?.byteLength ?? end) {
    const [name, extra, comment] = [28, 30, 32].map((place) => zip.readUInt16LE(from + place));
    entries.push(
      Buffer.from(zip.subarray(from, from + 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0))),
    );
  }
  const [largest] = entries.toSorted((a, b) => b.readUInt32LE(20) - a.readUInt32LE(20));
  for (let count = 10; count < 40 && largest !== undefined; count += 1) {
    const again = Buffer.from(largest);
    again.write(String(count), 46);
    entries.push(again);
  }
  const list = Buffer.concat(entries);
  const tail = Buffer.from(zip.subarray(end));
  for (const place of [8, 10]) tail.writeUInt16LE(entries.length, place);
  tail.writeUInt32LE(list.byteLength, 12);
  return Buffer.concat([zip.subarray(0, at), list, tail]);
}

async function contentOf(path: string): Promise<Map<string, string>> {
  const files = await unpack(path);
  return new Map([...files].map(([name, bytes]) => [name, bytes.toString('base64')]));
}
