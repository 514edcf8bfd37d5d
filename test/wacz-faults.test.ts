/** The checker names each fault: one thing at a time is broken in a good file, all else made to fit. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkWacz } from '../src/warc/check/check-wacz.ts';
import type { Box, Finding } from '../src/warc/check/findings.ts';
import { type KeptCapture, never } from './support/kept-capture.ts';
import { sampleCapture } from './support/sample-capture.ts';
import {
  blockOf,
  changeIndex,
  changeRecords,
  type Files,
  json,
  pack,
  resign,
  settle,
  sha256,
  unpack,
  withBlock,
} from './support/wacz-surgery.ts';

let capture: KeptCapture;
let good: Files;
let count = 0;

beforeAll(async () => {
  capture = await sampleCapture();
  good = await unpack(await capture.export());
});
afterAll(() => capture[Symbol.asyncDispose]());

async function check(files: Files, deflate?: (path: string) => boolean) {
  const path = await pack(files, join(capture.folder, `broken-${count++}.wacz`), deflate);
  try {
    return await checkWacz(path, never);
  } finally {
    await rm(path);
  }
}

function faultsIn(findings: Finding[]): Box[] {
  return [...new Set(findings.filter(({ level }) => level === 'fault').map(({ box }) => box))];
}

/** Changes the text of the one record that matches. */
function record(matching: RegExp, change: (text: string) => string | null) {
  return (files: Files) => {
    let found = 0;
    changeRecords(files, 'page.warc.gz', (text) => {
      if (!matching.test(text)) return text;
      found += 1;
      return change(text);
    });
    expect(found, 'records that match').toBe(1);
    return settle(files);
  };
}

const storyResponse = /WARC-Type: response(.|\r\n)*<h1>A story/;
const storyRequest = /WARC-Type: request(.|\r\n)*GET \/story/;
const pageInfo = /WARC-Target-URI: urn:pageinfo:/;
const index = (change: (line: string, index: number) => string | null) => (files: Files) =>
  settle(changeIndex(files, change));
const storyLine = (change: (line: string) => string | null) =>
  index((line) => (line.startsWith('example,news)/story') ? change(line) : line));
const description = (change: (description: ReturnType<typeof json>) => void) => (files: Files) => {
  const content = json(files, 'datapackage.json');
  change(content);
  files.set('datapackage.json', Buffer.from(JSON.stringify(content)));
  return resign(files);
};
const signature = (change: (signedData: Record<string, string>) => void) => (files: Files) => {
  const content = json(files, 'datapackage-digest.json');
  change(content.signedData);
  files.set('datapackage-digest.json', Buffer.from(JSON.stringify(content)));
  return files;
};
const pages = (text: string) => (files: Files) =>
  settle(files.set('pages/pages.jsonl', Buffer.from(text)));
const gone = (path: string) => (files: Files) => {
  files.delete(path);
  return files;
};

type Surgery = [name: string, box: Box, message: RegExp, operate: (files: Files) => Files];

const surgeries: Surgery[] = [
  // The package.
  ['no datapackage.json', 'package', /not there/, gone('datapackage.json')],
  [
    'datapackage.json of no JSON',
    'package',
    /malformed/,
    (files) => files.set('datapackage.json', Buffer.from('{')),
  ],
  [
    'another profile',
    'package',
    /profile/,
    description((one) => {
      one.profile = 'wacz';
    }),
  ],
  [
    'no wacz_version',
    'package',
    /no wacz_version/,
    description((one) => {
      delete one.wacz_version;
    }),
  ],
  [
    'no resources',
    'package',
    /resources/,
    description((one) => {
      delete one.resources;
    }),
  ],
  [
    'a resource without a hash',
    'package-files',
    /hash/,
    description((one) => {
      delete one.resources[0].hash;
    }),
  ],
  [
    'a file that is not listed',
    'package-files',
    /not listed/,
    (files) => files.set('extra.txt', Buffer.from('x')),
  ],
  [
    'a listed file that is not there',
    'package-files',
    /listed and not there/,
    gone('pages/pages.jsonl'),
  ],
  [
    'a file listed twice',
    'package-files',
    /listed twice/,
    description((one) => {
      one.resources.push(one.resources[0]);
    }),
  ],
  ['no pages', 'package', /no pages\.jsonl/, (files) => settle(gone('pages/pages.jsonl')(files))],
  ['no index', 'package', /no index/, (files) => settle(gone('indexes/index.cdxj')(files))],
  [
    'a file of ours in archive/',
    'package',
    /belongs into archive/,
    (files) => settle(files.set('archive/note.txt', Buffer.from('x'))),
  ],
  [
    'a wrong hash',
    'package-hashes',
    /it has sha256/,
    description((one) => {
      one.resources[0].hash = `sha256:${'0'.repeat(64)}`;
    }),
  ],
  [
    'a wrong length',
    'package-hashes',
    /bytes, not 1/,
    description((one) => {
      one.resources[0].bytes = 1;
    }),
  ],
  [
    'one byte of the index changed',
    'package-hashes',
    /index\.cdxj|it has/,
    (files) => changeIndex(files, (line) => line.replace('"200"', '"204"')),
  ],
  [
    'datapackage.json changed afterwards',
    'package-digest',
    /datapackage\.json has/,
    (files) =>
      files.set(
        'datapackage.json',
        Buffer.concat([files.get('datapackage.json') ?? Buffer.alloc(0), Buffer.from(' ')]),
      ),
  ],
  [
    'a digest about another file',
    'package-digest',
    /about other/,
    (files) =>
      files.set(
        'datapackage-digest.json',
        Buffer.from(JSON.stringify({ ...json(files, 'datapackage-digest.json'), path: 'other' })),
      ),
  ],
  // The signature.
  [
    'a signature by another key',
    'signature',
    /not a signature/,
    signature((one) => {
      one.signature = Buffer.alloc(96, 1).toString('base64');
    }),
  ],
  [
    'a signature over another package',
    'signature',
    /was signed/,
    signature((one) => {
      one.hash = `sha256:${'1'.repeat(64)}`;
    }),
  ],
  [
    'a signature of another time',
    'signature',
    /one string/,
    signature((one) => {
      one.created = '2020-01-01T00:00:00.000Z';
    }),
  ],
  [
    'a public key that is none',
    'signature',
    /public key/,
    signature((one) => {
      one.publicKey = 'AAAA';
    }),
  ],
  [
    'a signature without a key',
    'signature',
    /neither/,
    signature((one) => {
      delete one.publicKey;
    }),
  ],
  // Pages.
  [
    'pages without a first line',
    'pages',
    /first line/,
    pages('{"url":"https://news.example/story","ts":"2026-03-04T05:06:07Z"}\n'),
  ],
  ['an empty list of pages', 'pages', /empty/, pages('')],
  [
    'a page without an address',
    'pages',
    /url and ts/,
    pages('{"format":"json-pages-1.0","id":"pages","title":"x"}\n{"ts":"2026-03-04T05:06:07Z"}\n'),
  ],
  [
    'a page of no time',
    'pages',
    /not a valid time/,
    pages(
      '{"format":"json-pages-1.0","id":"pages","title":"x"}\n{"url":"https://a.example/","ts":"soon"}\n',
    ),
  ],
  // The form of records.
  [
    'another version',
    'warc-form',
    /version/,
    record(storyResponse, (text) => text.replace('WARC/1.1', 'WARC/2.0')),
  ],
  [
    'no version line',
    'warc-form',
    /no record begins/,
    record(storyResponse, (text) => text.replace('WARC/1.1', 'WARX/1.1')),
  ],
  [
    'no record id',
    'warc-form',
    /Record-ID is missing/,
    record(storyRequest, (text) => text.replace(/WARC-Record-ID: .*\r\n/, '')),
  ],
  [
    'a record id that is no URI',
    'warc-form',
    /angle brackets/,
    record(storyRequest, (text) =>
      text.replace(/WARC-Record-ID: .*\r\n/, 'WARC-Record-ID: 12\r\n'),
    ),
  ],
  [
    'no date',
    'warc-form',
    /WARC-Date is missing/,
    record(storyRequest, (text) => text.replace(/WARC-Date: .*\r\n/, '')),
  ],
  [
    'a date of another zone',
    'warc-form',
    /not a valid UTC time/,
    record(storyRequest, (text) => text.replace(/(WARC-Date: .*)Z\r\n/, '$1+01:00\r\n')),
  ],
  [
    'no type',
    'warc-form',
    /WARC-Type is missing/,
    record(storyRequest, (text) => text.replace(/WARC-Type: .*\r\n/, '')),
  ],
  [
    'no address',
    'warc-form',
    /Target-URI is missing/,
    record(storyRequest, (text) => text.replace(/WARC-Target-URI: .*\r\n/, '')),
  ],
  [
    'no length',
    'warc-form',
    /Content-Length/,
    record(storyRequest, (text) => text.replace(/Content-Length: .*\r\n/, '')),
  ],
  [
    'a length that is too short',
    'warc-form',
    /CR LF CR LF/,
    record(storyRequest, (text) =>
      text.replace(/Content-Length: (\d+)/, (_, n) => `Content-Length: ${Number(n) - 1}`),
    ),
  ],
  [
    'a length that is too long',
    'warc-form',
    /lacks|CR LF/,
    record(storyRequest, (text) =>
      text.replace(/Content-Length: (\d+)/, (_, n) => `Content-Length: ${Number(n) + 9}`),
    ),
  ],
  ['no end', 'warc-form', /CR LF CR LF/, record(storyRequest, (text) => text.slice(0, -2))],
  [
    'bytes that are no UTF-8',
    'warc-form',
    /UTF-8/,
    record(storyRequest, (text) => text.replace('WARC-Type', 'X-Note: \xff\r\nWARC-Type')),
  ],
  [
    'a line that is no field',
    'warc-form',
    /not a named field/,
    record(storyRequest, (text) => text.replace('WARC-Type', 'nonsense\r\nWARC-Type')),
  ],
  [
    'two records of one id',
    'warc-form',
    /second record/,
    (files) =>
      settle(
        changeRecords(files, 'page.warc.gz', (text) =>
          text.replace(
            /WARC-Record-ID: .*\r\n/,
            'WARC-Record-ID: <urn:uuid:0198c0de-0000-7000-8000-00000000aaaa>\r\n',
          ),
        ),
      ),
  ],
  // Fields in their places.
  [
    'angle brackets',
    'warc-fields',
    /angle brackets/,
    record(storyRequest, (text) =>
      text.replace(/WARC-Target-URI: (.*)\r\n/, 'WARC-Target-URI: <$1>\r\n'),
    ),
  ],
  [
    'a field twice',
    'warc-fields',
    /twice/,
    record(storyRequest, (text) => text.replace(/(WARC-Date: .*\r\n)/, '$1$1')),
  ],
  [
    'a file name on a response',
    'warc-fields',
    /warcinfo only/,
    record(storyResponse, (text) => text.replace('WARC-Type', 'WARC-Filename: x\r\nWARC-Type')),
  ],
  [
    'a reference that only a revisit has',
    'warc-fields',
    /revisit only/,
    record(storyResponse, (text) =>
      text.replace('WARC-Type', 'WARC-Refers-To-Target-URI: https://a.example/\r\nWARC-Type'),
    ),
  ],
  [
    'a response that refers to another',
    'warc-fields',
    /WARC-Refers-To is for/,
    record(storyResponse, (text) =>
      text.replace('WARC-Type', 'WARC-Refers-To: <urn:uuid:1>\r\nWARC-Type'),
    ),
  ],
  [
    'an unknown reason of truncation',
    'warc-fields',
    /Truncated/,
    record(storyResponse, (text) => text.replace('WARC-Type', 'WARC-Truncated: whim\r\nWARC-Type')),
  ],
  [
    'an address that is none',
    'warc-fields',
    /IP-Address/,
    record(storyResponse, (text) =>
      text.replace(/WARC-IP-Address: .*/, 'WARC-IP-Address: 300.1.1.1'),
    ),
  ],
  [
    'a revisit without a profile',
    'warc-fields',
    /without WARC-Profile/,
    record(storyResponse, (text) => text.replace('WARC-Type: response', 'WARC-Type: revisit')),
  ],
  // HTTP.
  [
    'a response from a file',
    'warc-http',
    /only HTTP/,
    record(storyResponse, (text) =>
      text.replace(/WARC-Target-URI: .*/, 'WARC-Target-URI: file:///screenshot.png'),
    ),
  ],
  [
    'a response of another type',
    'warc-http',
    /not application\/http/,
    record(storyResponse, (text) =>
      text.replace('Content-Type: application/http;msgtype=response', 'Content-Type: text/html'),
    ),
  ],
  [
    'a request that says response',
    'warc-http',
    /msgtype/,
    record(storyRequest, (text) => text.replace('msgtype=request', 'msgtype=response')),
  ],
  [
    'no status line',
    'warc-http',
    /does not begin/,
    record(storyResponse, (text) =>
      withBlock(text, blockOf(text).replace('HTTP/1.1 200 ', 'hello')),
    ),
  ],
  [
    'no request line',
    'warc-http',
    /does not begin/,
    record(storyRequest, (text) => withBlock(text, blockOf(text).replace(' HTTP/1.1', ''))),
  ],
  [
    'no end of the HTTP header',
    'warc-http',
    /no end/,
    record(storyRequest, (text) => withBlock(text, blockOf(text).replace(/\r\n\r\n$/, '\r\n'))),
  ],
  [
    'a body cut and not said to be',
    'warc-http',
    /no WARC-Truncated/,
    record(storyResponse, (text) => cutBody(text)),
  ],
  [
    'a plain body that keeps its chunks',
    'warc-http',
    /Transfer-Encoding/,
    record(storyResponse, (text) =>
      withBlock(
        text,
        blockOf(text).replace('X-Orig-Content-Encoding: gzip', 'Transfer-Encoding: chunked'),
      ),
    ),
  ],
  // Digests.
  [
    'one byte of a body changed',
    'warc-block-digests',
    /the bytes have/,
    record(storyResponse, (text) => text.replace('A story', 'A  tory')),
  ],
  [
    'a body changed, its block digest made to fit',
    'warc-payload-digests',
    /the bytes have/,
    record(storyResponse, (text) => withBlock(text, blockOf(text).replace('A story', 'A  tory'))),
  ],
  // Links and lists.
  [
    'a list that tells another status than the record',
    'page-info',
    /has status 200, not 404/,
    listed((list) => {
      Object.assign(list.requests.find(({ status }) => status === 200) ?? {}, { status: 404 });
    }),
  ],
  [
    'a list that tells another body than the record',
    'page-info',
    /has a body of SHA-256 [0-9a-f]{64}, not 0{64}/,
    listed((list) => {
      Object.assign(list.requests.find(({ status }) => status === 200) ?? {}, {
        bodySha256: '0'.repeat(64),
      });
    }),
  ],
  [
    'a listed response that is not there',
    'page-info',
    /not there/,
    record(storyResponse, () => null),
  ],
  [
    'a list that is no JSON',
    'page-info',
    /no JSON/,
    record(pageInfo, (text) => withBlock(text, 'nothing')),
  ],
  [
    'a request called recorded and not kept',
    'page-info',
    /names no record/,
    listed((list) => {
      Object.assign(list.requests[0] ?? {}, { record: null });
    }),
  ],
  [
    'a request left out of the list',
    'page-info',
    /counts/,
    listed((list) => {
      list.requests.pop();
    }),
  ],
  [
    'a record of another address',
    'page-info',
    /not of/,
    listed((list) => {
      Object.assign(list.requests[0] ?? {}, { url: 'https://other.example/' });
    }),
  ],
  // Members.
  [
    'two records in one member',
    'warc-members',
    /several records/,
    (files) => {
      const records: string[] = [];
      changeRecords(new Map(files), 'page.warc.gz', (text) => {
        records.push(text);
        return text;
      });
      return settle(
        files.set('archive/page.warc.gz', gzipSync(Buffer.from(records.join(''), 'latin1'))),
      );
    },
  ],
  [
    'a broken checksum of a member',
    'warc-members',
    /CRC/,
    (files) => {
      const bytes = Buffer.from(files.get('archive/page.warc.gz') ?? '');
      bytes.writeUInt32LE(7, bytes.byteLength - 8);
      return settle(files.set('archive/page.warc.gz', bytes));
    },
  ],
  [
    'an archive cut at its end',
    'warc-members',
    /broken|no end/,
    (files) =>
      settle(
        files.set(
          'archive/page.warc.gz',
          (files.get('archive/page.warc.gz') ?? Buffer.alloc(0)).subarray(0, -20),
        ),
      ),
  ],
  [
    'bytes behind the last record',
    'warc-members',
    /no gzip member/,
    (files) =>
      settle(
        files.set(
          'archive/page.warc.gz',
          Buffer.concat([
            files.get('archive/page.warc.gz') ?? Buffer.alloc(0),
            Buffer.from('rest'),
          ]),
        ),
      ),
  ],
  // The index.
  [
    'lines out of order',
    'index-order',
    /above/,
    (files) => {
      const lines = (files.get('indexes/index.cdxj') ?? '')
        .toString()
        .trimEnd()
        .split('\n')
        .reverse();
      return settle(files.set('indexes/index.cdxj', Buffer.from(`${lines.join('\n')}\n`)));
    },
  ],
  ['a line without JSON', 'index-form', /JSON/, storyLine((line) => line.replace('{', '('))],
  [
    'a line without an offset',
    'index-form',
    /offset/,
    storyLine((line) => line.replace('"offset"', '"offsex"')),
  ],
  [
    'a line without a digest',
    'index-form',
    /digest/,
    storyLine((line) => line.replace('"digest"', '"digesx"')),
  ],
  [
    'a time of 12 digits',
    'index-form',
    /digits/,
    storyLine((line) => line.replace(/ \d{17} /, ' 202603040506 ')),
  ],
  [
    'a key of another site',
    'index-form',
    /the key/,
    storyLine((line) => line.replace('example,news)', 'example,newt)')),
  ],
  [
    'an archive that is not there',
    'index-places',
    /there is no/,
    storyLine((line) => line.replace('page.warc.gz', 'none.warc.gz')),
  ],
  [
    'an offset beside the record',
    'index-places',
    /no record begins/,
    storyLine((line) => line.replace(/"offset":"(\d+)"/, (_, n) => `"offset":"${Number(n) + 1}"`)),
  ],
  [
    'an offset beyond the archive',
    'index-places',
    /beyond/,
    storyLine((line) => line.replace(/"offset":"\d+"/, '"offset":"99999999"')),
  ],
  [
    'a wrong length',
    'index-places',
    /bytes long/,
    storyLine((line) => line.replace(/"length":"(\d+)"/, (_, n) => `"length":"${Number(n) - 1}"`)),
  ],
  [
    'another address',
    'index-places',
    /not of/,
    storyLine((line) =>
      line.replace('"url":"https://news.example/story', '"url":"https://news.example/glory'),
    ),
  ],
  ['another time', 'index-places', /not of/, storyLine((line) => line.replace(' 2026', ' 2025'))],
  [
    'another status',
    'index-places',
    /status/,
    storyLine((line) => line.replace('"status":"200"', '"status":"404"')),
  ],
  [
    'another payload digest',
    'index-places',
    /payload digest/,
    storyLine((line) =>
      line.replace(/"digest":"sha256:\w+"/, `"digest":"sha256:${'2'.repeat(64)}"`),
    ),
  ],
  [
    'another digest of the stored record',
    'index-places',
    /the bytes there/,
    storyLine((line) =>
      line.replace(/"recordDigest":"sha256:\w+"/, `"recordDigest":"sha256:${'2'.repeat(64)}"`),
    ),
  ],
  ['an answer without a line', 'index-whole', /no index line/, storyLine(() => null)],
];

/** Files of other makers are so: worth knowing, and no fault. */
const oddities: Surgery[] = [
  ['no warcinfo first', 'warc-form', /not warcinfo/, record(/WARC-Type: warcinfo/, () => null)],
  [
    'a request of a response that is not there',
    'warc-links',
    /not there/,
    record(storyRequest, (text) =>
      text.replace(
        /WARC-Concurrent-To: .*/,
        'WARC-Concurrent-To: <urn:uuid:0198c0de-0000-7000-8000-00000000bbbb>',
      ),
    ),
  ],
  [
    'a request put under the answer of another address',
    'warc-links',
    /belongs to .* not of https:\/\/other\.example/,
    record(storyRequest, (text) =>
      text.replace(/WARC-Target-URI: .*/, 'WARC-Target-URI: https://other.example/\r'),
    ),
  ],
  [
    'a request of another moment than its answer',
    'warc-links',
    /belongs to .* not of 2019-01-01T00:00:00Z/,
    record(storyRequest, (text) =>
      text.replace(/WARC-Date: .*/, 'WARC-Date: 2019-01-01T00:00:00Z\r'),
    ),
  ],
];

function cutBody(text: string): string {
  const block = blockOf(text).slice(0, -3);
  const body = block.slice(block.indexOf('\r\n\r\n') + 4);
  const digest = `WARC-Payload-Digest: sha256:${sha256(Buffer.from(body, 'latin1'))}`;
  return withBlock(text.replace(/WARC-Payload-Digest: \S+/, digest), block);
}

function listed(change: (list: { requests: { status?: number | null }[] }) => void) {
  return record(pageInfo, (text) => {
    const list = JSON.parse(Buffer.from(blockOf(text), 'latin1').toString('utf8'));
    change(list);
    const block = Buffer.from(JSON.stringify(list)).toString('latin1');
    const digest = `WARC-Payload-Digest: sha256:${sha256(Buffer.from(block, 'latin1'))}`;
    return withBlock(text.replace(/WARC-Payload-Digest: \S+/, digest), block);
  });
}

describe('verify-wacz', () => {
  test('finds nothing in a good file, whether packed by us or put together again', async () => {
    expect((await check(new Map(good))).findings).toEqual([]);
    expect((await check(settle(new Map(good)))).findings).toEqual([]);
    const untouched = changeRecords(new Map(good), 'page.warc.gz', (text) => text);
    expect((await check(settle(untouched))).findings).toEqual([]);
  });

  test.each(surgeries)('names %s', async (_name, box, message, operate) => {
    const { findings } = await check(operate(new Map(good)));
    const named = findings.filter((one) => one.level === 'fault' && one.box === box);
    expect(named.map((one) => `${one.subject}: ${one.message}`).join('\n')).toMatch(message);
  });

  test.each(oddities)('notes %s', async (_name, box, message, operate) => {
    const { findings } = await check(operate(new Map(good)));
    const ofBox = findings.filter((one) => one.box === box);
    expect(ofBox.every(({ level }) => level === 'note')).toBe(true);
    expect(ofBox.map((one) => `${one.subject}: ${one.message}`).join('\n')).toMatch(message);
  });

  test('notes what is odd and no fault', async () => {
    const kept = record(storyResponse, (text) =>
      withBlock(text, blockOf(text).replace('X-Orig-Content-Encoding', 'Content-Encoding')),
    );
    const unlinked = record(storyRequest, (text) => text.replace(/WARC-Concurrent-To: .*\r\n/, ''));
    const undigested = record(pageInfo, (text) => text.replace(/WARC-Payload-Digest: .*\r\n/, ''));
    for (const [operate, message] of [
      [undigested, /no WARC-Payload-Digest/],
      [kept, /Content-Encoding says gzip, and the body is not/],
      [unlinked, /no WARC-Concurrent-To/],
    ] as const) {
      const { findings } = await check(operate(new Map(good)));
      expect(findings.map(({ level }) => level)).toEqual(['note']);
      expect(findings[0]?.message).toMatch(message);
    }
  });

  test('notes a page that is listed at a time of which there is no record', async () => {
    const [head = '', line = ''] = String(good.get('pages/pages.jsonl')).split('\n');
    const told = (ts: string) =>
      check(pages(`${head}\n${JSON.stringify({ ...JSON.parse(line), ts })}\n`)(new Map(good)));
    const { findings } = await told('2019-01-01T00:00:00Z');
    expect(findings.every(({ box, level }) => box === 'pages' && level === 'note')).toBe(true);
    const messages = findings.map(({ message }) => message).join('\n');
    expect(messages).toContain('within a minute of 2019-01-01T00:00:00Z');
    expect(messages).toContain('no page of it is listed at mainPageDate');
    expect((await told(JSON.parse(line).ts)).findings).toEqual([]);
  });

  test.each([
    ['mainPageUrl', 'https://other.example/', /not among the pages/],
    ['mainPageDate', '2019-01-01T00:00:00Z', /mainPageDate, 2019/],
    ['created', 'yesterday', /created is not a valid time/],
  ])('notes a package whose %s is not what is in it', async (name, value, message) => {
    const change = description((one) => {
      one[name] = value;
    });
    const { findings } = await check(change(new Map(good)));
    expect(findings.map(({ level }) => level)).toEqual(['note']);
    expect(findings[0]?.message).toMatch(message);
  });

  test('names archives that are deflated', async () => {
    const { findings } = await check(new Map(good), (path) => path.startsWith('archive/page'));
    expect(faultsIn(findings)).toContain('zip-stored');
  });
});

/** The index in compressed blocks of two lines, with an `.idx` whose lines `change` may touch. */
function inBlocks(files: Files, change: (lines: string[]) => string[] = (lines) => lines): Files {
  const lines = String(files.get('indexes/index.cdxj')).trimEnd().split('\n');
  const members: Buffer[] = [];
  const places: string[] = [];
  let offset = 0;
  for (let at = 0; at < lines.length; at += 2) {
    const block = lines.slice(at, at + 2);
    const member = gzipSync(block.map((line) => `${line}\n`).join(''));
    const key = block[0]?.slice(0, block[0].indexOf('{')).trim();
    const place = { offset, length: member.byteLength, digest: `sha256:${sha256(member)}` };
    places.push(`${key} ${JSON.stringify({ ...place, filename: 'index.cdx.gz' })}`);
    members.push(member);
    offset += member.byteLength;
  }
  const head = '!meta 0 {"format":"cdxj-gzip-1.0","filename":"index.cdx.gz"}';
  files.delete('indexes/index.cdxj');
  files.set('indexes/index.cdx.gz', Buffer.concat(members));
  const idx = [head, ...change(places)].map((line) => `${line}\n`).join('');
  files.set('indexes/index.idx', Buffer.from(idx));
  return settle(files);
}

describe('a compressed index', () => {
  test('in blocks that follow each other has no fault', async () => {
    expect((await check(inBlocks(new Map(good)))).findings).toEqual([]);
  });

  const rows: [string, Box, RegExp, (lines: string[]) => string[]][] = [
    ['its first block', 'index-whole', /ended at 0$/, (lines) => lines.slice(1)],
    ['one between', 'index-whole', /the one before it ended/, (lines) => lines.toSpliced(1, 1)],
    [
      'its last block',
      'index-whole',
      /leaves out the last \d+ bytes/,
      (lines) => lines.slice(0, -1),
    ],
    ['all of them', 'index-whole', /leaves out the last/, () => []],
    ['their order', 'index-order', /before the line above/, (lines) => lines.toReversed()],
    [
      'where one is',
      'index-form',
      /no block begins/,
      (lines) => lines.map((line) => line.replace(/"offset":0/, '"offset":3')),
    ],
    [
      'what one holds',
      'index-form',
      /another digest/,
      (lines) => lines.map((line) => line.replace(/sha256:\w{4}/, 'sha256:0000')),
    ],
  ];
  test.each(rows)(
    'whose .idx leaves out or mistakes %s is a fault',
    async (_what, box, message, change) => {
      const { findings } = await check(inBlocks(new Map(good), change));
      const named = findings.filter((one) => one.level === 'fault' && one.box === box);
      expect(named.map((one) => one.message).join('\n')).toMatch(message);
    },
  );
});
