/** What our own client asked, as WARC: the record and the media of a capture. */

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { journalEntries, journalled } from '../src/egress/journal.ts';
import type { CaptureRecord } from '../src/model/capture-record.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { addFoundingStory, clipCode } from './internet/founding-story.ts';
import { type TestHoldfast, testHoldfast } from './support/holdfast.ts';

let held: TestHoldfast;
let record: CaptureRecord | undefined;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-client-warc-'));
  held = await testHoldfast({ backend: 'postgres' });
  await addFoundingStory(held.internet.world);
  [record] = await held.seal(`https://pic.twitter.com/${clipCode}`);
});

afterAll(async () => {
  await held?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function warcText(step: string): Promise<string> {
  const artifact = record?.artifacts.find(({ name }) => name === `warc/${step}.warc.gz`);
  const bytes = await held.app.parts.vault.read(artifact?.sha256 ?? '');
  return gunzipSync(bytes).toString('latin1');
}

test('the record part holds every answer of every route, redirects of t.co included', async () => {
  expect(record?.state).toBe('complete');
  const text = await warcText('record');
  const asked = held.internet
    .log()
    .filter(({ userAgent }) => !userAgent?.includes('Chrome/'))
    .filter(({ url }) => /^https:\/\/(t\.co|cdn\.syndication|publish\.|api\.)/.test(url));
  expect(asked.length).toBeGreaterThan(1);
  for (const { url } of asked) expect(text).toContain(`WARC-Target-URI: ${url}\r\n`);
  const raw = record?.artifacts.find(({ role }) => role === 'record.raw');
  expect(text).toContain(`WARC-Payload-Digest: sha256:${raw?.sha256}`);
});

test('the media part names the clip by digest, and its body lies in the vault once', async () => {
  const clip = record?.artifacts.find(({ role }) => role === 'media.original');
  const large = record?.artifacts.find(({ name }) => name === 'warc/media.large.json');
  const text = await warcText('media');
  const entries = large ? await held.app.parts.vault.read(large.sha256) : Buffer.from('');
  expect(text + entries.toString()).toContain(clip?.sha256);
});

test('of a capture just made nothing differs: catalog, manifests and log agree', async () => {
  const faults: string[] = [];
  for await (const check of verifyAll(held.app.parts))
    if (!check.ok) faults.push(`${check.subject}: ${check.message}`);
  expect(faults).toEqual([]);
});

test('a journal tells bodies that were read whole from those that were not', async () => {
  held.internet.world.addPage('https://files.example.net/a', { bytes: Buffer.alloc(300_000, 7) });
  const { client, entries } = journalled(held.app.parts.egress.client);
  const signal = new AbortController().signal;
  const whole = await client.request({ url: 'https://files.example.net/a', signal });
  const hash = createHash('sha256');
  for await (const chunk of whole.body) hash.update(chunk);
  const left = await client.request({ url: 'https://files.example.net/a', signal });
  left.body.destroy();
  await client.request({ url: 'https://nowhere.invalid/', signal }).catch(() => {});
  expect(journalEntries.parse(JSON.parse(JSON.stringify(entries)))).toMatchObject([
    { response: { status: 200, whole: true, bodyBytes: 300_000, bodySha256: hash.digest('hex') } },
    { response: { status: 200, whole: false } },
    { response: null, failure: 'dns' },
  ]);
});
