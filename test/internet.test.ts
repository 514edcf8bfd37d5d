import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright';
import { ProxyAgent, request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readConfig, toolEnvironment } from '../src/config/config.ts';
import { twoSecondClip } from './internet/content.ts';
import { lies } from './internet/faults.ts';
import {
  addFoundingStory,
  clipCode,
  reportUrl,
  statementCode,
  storyText,
  syntheticIds,
} from './internet/founding-story.ts';
import { idAfter, postedAt } from './internet/post.ts';
import { syndicationToken } from './internet/sites/syndication.ts';
import { type SmallInternet, startSmallInternet } from './internet/small-internet.ts';

const run = promisify(execFile);
const browserAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36';
const author = { id: '90000009', handle: 'stand_in', name: 'Stand-in' };
const fixtures = new URL('../../shared/fixtures/tweets/', import.meta.url);

let internet: SmallInternet;
let client: ProxyAgent;
let nextId = '1700000000000000000';

beforeAll(async () => {
  internet = await startSmallInternet();
  await addFoundingStory(internet.world);
  const ca = await readFile(internet.caFile);
  client = new ProxyAgent({ uri: internet.proxyUrl, requestTls: { ca } });
});

afterAll(async () => {
  await client.close();
  await internet[Symbol.asyncDispose]();
});

beforeEach(() => {
  nextId = idAfter(nextId, 60);
});

interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  text: string;
}

async function get(
  url: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'POST' = 'GET',
): Promise<Got> {
  const answer = await request(url, { dispatcher: client, method, headers });
  const body = Buffer.from(await answer.body.arrayBuffer());
  return { status: answer.statusCode, headers: answer.headers, body, text: body.toString() };
}

function syndication(id: string): Promise<Got> {
  return get(
    `https://cdn.syndication.twimg.com/tweet-result?id=${id}&token=${syndicationToken(id)}&lang=en`,
  );
}

async function graphql(id: string, queryId = '2ICDjqPd81tulZcYrtpTuQ'): Promise<Got> {
  const authorization = 'Bearer public';
  const activated = await get(
    'https://api.x.com/1.1/guest/activate.json',
    { authorization },
    'POST',
  );
  const token = JSON.parse(activated.text).guest_token;
  const variables = encodeURIComponent(JSON.stringify({ tweetId: id }));
  return get(
    `https://api.x.com/graphql/${queryId}/TweetResultByRestId?variables=${variables}&features=%7B%7D`,
    { authorization, 'x-guest-token': token },
  );
}

function oembed(id: string): Promise<Got> {
  return get(
    `https://publish.x.com/oembed?url=${encodeURIComponent(`https://x.com/i/status/${id}`)}`,
  );
}

/** A post with a two-second clip, its own for each test. */
function addPost(text = 'Fish & chips for @somebody, see https://news.example.org/gone #fish') {
  return internet.world.addPost({
    id: nextId,
    author,
    text,
    media: [{ kind: 'video', clip: twoSecondClip }],
  });
}

describe('the founding story', () => {
  test('is a text with both links as pasted, one glued to the word before', () => {
    expect(storyText).toContain(` pic.twitter.com/${clipCode}\n`);
    expect(storyText).toContain(`@CJTFOIRpic.twitter.com/${statementCode}`);
  });

  test('has synthetic ids of 12 February 2020 and posts that say what they are', async () => {
    for (const id of Object.values(syntheticIds)) {
      expect(BigInt(id)).toBeGreaterThanOrEqual(1227381802398646272n);
      expect(BigInt(id)).toBeLessThanOrEqual(1227744190264246271n);
      const record = JSON.parse((await syndication(id)).text);
      expect(record.text).toMatch(/^Demonstration\. .*it is not what the author posted/);
      expect(record.user.name).toContain('[demonstration]');
    }
  });

  test('leads from each code to its post, by redirect or by page', async () => {
    const redirected = await get(`https://t.co/${clipCode}`, { 'user-agent': 'curl/8.0' });
    expect(redirected.status).toBe(301);
    expect(redirected.headers.location).toBe(
      `https://x.com/BabakTaghvaee/status/${syntheticIds.clip}/video/1`,
    );
    const page = await get(`https://t.co/${statementCode}`, { 'user-agent': browserAgent });
    expect(page.status).toBe(200);
    expect(page.text).toContain(
      `http-equiv="refresh" content="0;URL=https://x.com/OIRSpox/status/${syntheticIds.statement}/photo/1"`,
    );
    expect((await get('https://t.co/nothing')).status).toBe(404);
  });

  test('has a clip of twelve seconds in three sizes and as HLS, and a picture at full size', async () => {
    const clip = JSON.parse((await syndication(syntheticIds.clip)).text);
    const { variants, duration_millis } = clip.mediaDetails[0].video_info;
    expect(duration_millis).toBe(12_000);
    const bitrates = variants.map((one: { bitrate?: number }) => one.bitrate);
    expect(bitrates).not.toEqual(bitrates.toSorted());
    const best = variants.find((one: { url: string }) => one.url.includes('/1280x720/'));
    const probed = await probe((await get(best.url)).body);
    expect(probed).toMatchObject({ width: 1280, height: 720 });
    expect(probed.seconds).toBeCloseTo(12, 1);
    const master = variants.find((one: { content_type: string }) =>
      one.content_type.includes('mpegURL'),
    );
    const rendition = (await get(master.url)).text
      .split('\n')
      .findLast((line) => line.startsWith('/'));
    const playlistUrl = new URL(rendition ?? '', master.url);
    const segment = (await get(playlistUrl.href)).text
      .split('\n')
      .find((line) => line.endsWith('.ts'));
    expect((await get(new URL(segment ?? '', playlistUrl).href)).body[0]).toBe(0x47);

    const statement = JSON.parse((await syndication(syntheticIds.statement)).text);
    const url = statement.mediaDetails[0].media_url_https.replace('.jpg', '?format=jpg&name=orig');
    const picture = await get(url);
    expect(picture.headers['content-type']).toBe('image/jpeg');
    expect(await probe(picture.body)).toMatchObject({ width: 1200, height: 1500 });
    const small = await get(url.replace('orig', 'small'));
    expect(await probe(small.body)).toMatchObject({ width: 544, height: 680 });
  });

  test('loads in Chromium with the extra authority in its profile and no exception made', async () => {
    const home = await mkdtemp(join(tmpdir(), 'internet-test-'));
    const database = `sql:${home}/.pki/nssdb`;
    await mkdir(`${home}/.pki/nssdb`, { recursive: true });
    await run('certutil', ['-N', '-d', database, '--empty-password']);
    await run('certutil', [
      '-A',
      '-d',
      database,
      '-n',
      'extra',
      '-t',
      'C,,',
      '-i',
      internet.caFile,
    ]);
    const browser = await chromium.launch({
      executablePath: readConfig().tools.chromium ?? '/usr/bin/chromium',
      chromiumSandbox: process.getuid?.() !== 0,
      proxy: { server: internet.proxyUrl },
      env: toolEnvironment({ HOME: home }),
    });
    try {
      const page = await browser.newPage();
      await page.goto(`https://platform.twitter.com/embed/Tweet.html?id=${syntheticIds.clip}`);
      const poster = 'article[data-testid=tweet] [data-testid=videoPlayer] img';
      await page.waitForSelector(poster);
      const width = () => page.evaluate(`document.querySelector('${poster}').naturalWidth`);
      await expect.poll(width).toBe(1280);
      await page.goto(`https://x.com/OIRSpox/status/${syntheticIds.statement}`);
      const time = page.locator(`article a[href$="/status/${syntheticIds.statement}"] time`);
      expect(await time.getAttribute('datetime')).toBe('2020-02-12T18:13:24.000Z');
      expect(await page.locator('#layers [data-testid=BottomBar]').textContent()).toContain(
        'Log in',
      );
      await page.goto(reportUrl);
      await page.locator('iframe#twitter-widget-1').waitFor();
      expect(await page.evaluate('isSecureContext')).toBe(true);
      internet.world.failTls('news.example.org');
      await expect(page.goto('https://news.example.org/')).rejects.toThrow(
        'ERR_CERT_AUTHORITY_INVALID',
      );
    } finally {
      internet.world.heal('news.example.org');
      await browser.close();
      await rm(home, { recursive: true, force: true });
    }
  });
});

describe('one description, every route', () => {
  test('gives the same post by syndication, GraphQL and oEmbed', async () => {
    const post = addPost();
    const record = JSON.parse((await syndication(post.id)).text);
    const { result } = JSON.parse((await graphql(post.id)).text).data.tweetResult;
    expect(result.legacy.full_text).toBe(record.text);
    expect(result.core.user_results.result.core.screen_name).toBe(record.user.screen_name);
    expect(result.legacy.extended_entities.media[0].video_info).toEqual(
      record.mediaDetails[0].video_info,
    );
    expect(Date.parse(result.legacy.created_at)).toBe(Date.parse(record.created_at));
    expect(Math.abs(Date.parse(record.created_at) - postedAt(post.id).getTime())).toBeLessThan(
      1000,
    );
    expect(JSON.parse((await oembed(post.id)).text)).toMatchObject({ author_name: author.name });
  });

  test('counts entities in code points of the escaped text', async () => {
    const post = addPost('🎵 Fish & chips for @somebody, see https://news.example.org/gone #fish');
    const record = JSON.parse((await syndication(post.id)).text);
    expect(record.text).toContain('Fish &amp; chips');
    const cut = ([from, to]: [number, number]) => [...record.text].slice(from, to).join('');
    expect(cut(record.entities.user_mentions[0].indices)).toBe('@somebody');
    expect(cut(record.entities.hashtags[0].indices)).toBe('#fish');
    expect(cut(record.entities.urls[0].indices)).toBe(record.entities.urls[0].url);
    expect(cut(record.mediaDetails[0].indices)).toBe(record.mediaDetails[0].url);
    const followed = await get(record.entities.urls[0].url, { 'user-agent': 'curl/8' });
    expect(followed.headers.location).toBe('https://news.example.org/gone');
  });

  test('answers an empty object to a wrong token and 404 to an unknown id', async () => {
    const { id } = addPost();
    const wrong = await get(`https://cdn.syndication.twimg.com/tweet-result?id=${id}&token=a`);
    expect([wrong.status, wrong.text]).toEqual([200, '{}']);
    expect(await syndication('1700000000000000999')).toMatchObject({ status: 404 });
    expect((await graphql('1700000000000000999')).text).toBe('{"data":{"tweetResult":{}}}');
    expect((await graphql(id, 'staleQueryId')).body).toHaveLength(0);
  });

  const states = [
    ['delete', 'This Post was deleted by the Post author. Learn more', {}, 404],
    ['removeAccount', 'This Post is from an account that no longer exists. Learn more', {}, 404],
    ['protect', expect.stringContaining('limits who can view'), { reason: 'Protected' }, 403],
    ['suspend', null, { reason: 'Suspended' }, 404],
    ['ageGate', undefined, { reason: 'NsfwLoggedOut' }, 404],
  ] as const;
  test.each(states)(
    'says what %s means on each route, and restores',
    async (command, text, unavailable, oembedStatus) => {
      const { id } = addPost();
      internet.world[command](id);
      const record = await syndication(id);
      if (text === null) expect(record.status).toBe(404);
      else expect(JSON.parse(record.text).tombstone?.text?.text).toEqual(text);
      const { result = {} } = JSON.parse((await graphql(id)).text).data.tweetResult;
      expect(result).toMatchObject(unavailable);
      expect((await oembed(id)).status).toBe(oembedStatus);
      internet.world.restore(id);
      expect(JSON.parse((await syndication(id)).text).__typename).toBe('Tweet');
    },
  );

  test('edits by a new id and marks the old one stale', async () => {
    const { id } = addPost();
    const edited = internet.world.edit(id, 'Only chips');
    const old = JSON.parse((await syndication(id)).text);
    expect(old).toMatchObject({ isEdited: true, isStaleEdit: true });
    expect(old.edit_control.edit_tweet_ids).toEqual([id, edited.id]);
    const next = JSON.parse((await syndication(edited.id)).text);
    expect(next).toMatchObject({ isEdited: true, isStaleEdit: false });
    expect(next.text).toContain('Only chips');
  });

  test('withholds the files while the post stays', async () => {
    const { id } = addPost();
    internet.world.withholdMedia(id, 'Dmcaed');
    const record = JSON.parse((await syndication(id)).text);
    expect(record.mediaDetails[0].ext_media_availability.reason).toBe('Dmcaed');
    const answer = await get(record.mediaDetails[0].video_info.variants[0].url);
    expect([answer.status, answer.text]).toEqual([
      403,
      '{"error_code":2,"error_response":"Dmcaed"}',
    ]);
  });

  test.skipIf(!existsSync(fixtures))(
    'serves recorded bytes under their own addresses (needs the shared fixtures)',
    async () => {
      const bytes = readFileSync(new URL('syndication/mbedfx_video.json', fixtures));
      internet.world.raw('1491475671058681863', 'syndication', bytes);
      const record = await syndication('1491475671058681863');
      expect(record.body.equals(bytes)).toBe(true);
      for (const { url } of JSON.parse(record.text).mediaDetails[0].video_info.variants) {
        expect((await get(url)).status).toBe(200);
      }
      const poster = await get(JSON.parse(record.text).mediaDetails[0].media_url_https);
      expect(poster.headers['content-type']).toBe('image/jpeg');
    },
  );
});

describe('files', () => {
  let url: string;
  beforeAll(async () => {
    const record = JSON.parse((await syndication(syntheticIds.clip)).text);
    url = record.mediaDetails[0].video_info.variants.at(-1).url;
  });
  const plain = () => url.replace(/\?.*/, '');

  test('have an exact length, a strong tag and honour ranges', async () => {
    const whole = await get(url);
    expect(whole.headers['content-length']).toBe(String(whole.body.length));
    const etag = String(whole.headers.etag);
    expect(etag).toMatch(/^"\w+"$/);
    const part = await get(url, { range: 'bytes=100-199', 'if-range': etag });
    expect(part.status).toBe(206);
    expect(part.headers['content-range']).toBe(`bytes 100-199/${whole.body.length}`);
    expect(part.body.equals(whole.body.subarray(100, 200))).toBe(true);
    expect((await get(url, { range: 'bytes=-10' })).body).toHaveLength(10);
    expect((await get(url, { range: 'bytes=100-', 'if-range': '"other"' })).status).toBe(200);
    expect((await get(url, { range: 'bytes=999999999-' })).status).toBe(416);
    expect((await get(url, { 'if-none-match': etag })).status).toBe(304);
  });

  test('break off where told, keeping or changing their tag', async () => {
    const before = (await get(url)).headers.etag;
    internet.world.truncate(plain(), 5000, { etag: 'keeps' });
    await expect(get(url)).rejects.toThrow();
    const cut = internet.log().findLast((entry) => entry.url === url);
    expect(cut).toMatchObject({ fault: 'truncated', bodyBytes: 5000, status: 200 });
    expect((await get(url, { range: 'bytes=5000-', 'if-range': String(before) })).status).toBe(206);
    internet.world.truncate(plain(), 5000, { etag: 'changes' });
    await expect(get(url)).rejects.toThrow();
    expect((await get(url, { range: 'bytes=5000-', 'if-range': String(before) })).status).toBe(200);
    internet.world.heal(plain());
    expect((await get(url)).headers.etag).toBe(before);
  });
});

describe('trouble on command', () => {
  test('limits the rate for some requests', async () => {
    internet.world.rateLimit('publish.x.com', { times: 1, retryAfterSeconds: 7 });
    const { id } = addPost();
    const refused = await oembed(id);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '7']);
    expect((await oembed(id)).status).toBe(200);
  });

  test('fails by name, by connection and by certificate, and heals', async () => {
    const url = 'https://trouble.example.org/';
    internet.world.addPage(url, { html: 'fine' });
    internet.world.failDns('trouble.example.org');
    await expect(get(url)).rejects.toThrow('Proxy response (502)');
    internet.world.refuse('trouble.example.org');
    await expect(get(url)).rejects.toThrow('Proxy response (502)');
    internet.world.failTls('trouble.example.org');
    await expect(get(url)).rejects.toThrow(/self-signed certificate/);
    internet.world.heal('trouble.example.org');
    expect((await get(url)).text).toBe('fine');
    await expect(get('https://unknown.example.com/')).rejects.toThrow('Proxy response (502)');
    const faults = internet
      .log()
      .filter((entry) => entry.method === 'CONNECT')
      .map((entry) => entry.fault);
    expect(faults.slice(-4)).toEqual(['dns', 'refused', 'tls', 'dns']);
  });

  test('lies, drips and is slow', async () => {
    const url = 'https://lying.example.org/picture.png';
    internet.world.addPage(url, { bytes: Buffer.from('1234567890'), mediaType: 'image/png' });
    internet.world.drip(url, { bytes: 4, everyMs: 5 });
    internet.world.slow('lying.example.org', 30);
    const started = performance.now();
    expect((await get(url)).text).toBe('1234567890');
    expect(performance.now() - started).toBeGreaterThan(40);
    internet.world.lie(url, lies.interception());
    expect(await get(url)).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
    internet.world.lie(url, lies.changingBytes());
    expect((await get(url)).text).not.toBe((await get(url)).text);
  });

  test('shows a log-in wall, also on the plain-text port', async () => {
    internet.world.loginWall = true;
    const walled = await get(`https://x.com/OIRSpox/status/${syntheticIds.statement}`);
    internet.world.loginWall = false;
    expect(walled.headers.location).toBe('https://x.com/i/flow/login');
    expect((await get('http://news.example.org/gone')).status).toBe(404);
  });
});

test('the news site has the pages that make keeping hard', async () => {
  const statuses = await Promise.all(
    [
      'gone',
      'withdrawn',
      'withheld',
      'soft-404',
      'moved',
      'loop',
      'report.pdf',
      'huge',
      'dialogs',
    ].map(async (path) => (await get(`https://news.example.org/${path}`)).status),
  );
  expect(statuses).toEqual([404, 410, 451, 200, 302, 302, 200, 200, 200]);
});

test('an endless answer ends with its client', async () => {
  const url = 'https://hostile.example.net/endless';
  const answer = await request(url, { dispatcher: client });
  for await (const _ of answer.body) break;
  const logged = () => internet.log().findLast((entry) => entry.url === url);
  await expect.poll(() => logged()?.status).toBe(200);
  expect(logged()?.bodyBytes).toBeGreaterThan(0);
});

test('the log holds the digest of every body, as sent and unpacked', async () => {
  const url = 'https://logged.example.org/page';
  internet.world.addPage(url, { html: `<p>${'kept '.repeat(500)}</p>` });
  const { body, headers } = await get(url, {
    'accept-encoding': 'gzip',
    'user-agent': 'holdfast-test',
  });
  expect(headers['content-encoding']).toBe('gzip');
  const page = `<p>${'kept '.repeat(500)}</p>`;
  expect(internet.log().at(-1)).toMatchObject({
    method: 'GET',
    url,
    status: 200,
    bodySha256: sha256(body),
    bodyBytes: body.length,
    decodedSha256: sha256(Buffer.from(page)),
    userAgent: 'holdfast-test',
    fault: null,
  });
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function probe(bytes: Buffer): Promise<{ width: number; height: number; seconds: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'internet-test-'));
  try {
    await writeFile(join(folder, 'file'), bytes);
    const args = [
      '-v',
      'error',
      '-of',
      'json',
      '-show_entries',
      'stream=width,height:format=duration',
    ];
    const { stdout } = await run('ffprobe', [...args, join(folder, 'file')]);
    const { streams, format } = JSON.parse(stdout);
    return { width: streams[0].width, height: streams[0].height, seconds: Number(format.duration) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
