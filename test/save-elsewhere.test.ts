/** Asking another archive to keep a copy: only where a case opted in, and to its end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeCapture } from '../src/catalog/captures.ts';
import { saveElsewhere } from '../src/pipeline/watching/save-elsewhere.ts';
import { readSaveAnswer } from '../src/watch/save-page-now.ts';
import type { Answer, SiteRequest } from './internet/answer.ts';
import { json } from './internet/answer.ts';
import { open } from './support/catalog.ts';
import { type TestHoldfast, testHoldfast } from './support/holdfast.ts';
import { fc } from './support/property.ts';

const never = new AbortController().signal;
let held: TestHoldfast;
let asked: SiteRequest[] = [];
/** What the archive answers next, in turn. */
let script: Answer[] = [];

beforeAll(async () => {
  held = await testHoldfast({
    backend: 'postgres',
    variables: { HOLDFAST_WAYBACK_SAVE_CASES: 'opted-in', HOLDFAST_WAYBACK_KEY: 'access:secret' },
  });
  const handler = (request: SiteRequest): Answer => {
    asked.push(request);
    return script.shift() ?? json({ status: 'pending', job_id: 'job-1' });
  };
  held.internet.world.addPage('https://web.archive.org/save', { handler });
  held.internet.world.addPage('https://web.archive.org/save/status/job-1', { handler });
});
afterAll(() => held?.[Symbol.asyncDispose]());

async function closed(caseName: string, link: string): Promise<string> {
  const { database } = held.app.parts;
  const now = new Date();
  const [captureId = ''] = await open(database, { caseName, link, sourceKey: `web:${link}` });
  await closeCapture(database, {
    captureId,
    sourceKey: `web:${link}`,
    state: 'complete',
    manifestSha256: 'a'.repeat(64),
    startedAt: now,
    finishedAt: now,
  });
  return captureId;
}

async function eventsAbout(captureId: string) {
  const { rows } = await held.app.parts.database.query<{ kind: string; detail: object }>(
    `select kind, detail from events where detail ->> 'captureId' = $1`,
    [captureId],
  );
  return rows;
}

/** Sweeps an hour later each time, so that whatever was put off is due. */
async function sweeps(count: number): Promise<void> {
  for (let hour = 0; hour < count; hour += 1)
    await saveElsewhere(held.app.parts, new Date(Date.now() + hour * 3_600_000), never);
}

test('a capture of an opted-in case is asked for once, followed, and its copy is named', async () => {
  // Captures of the demonstration helper are marked as such, and a demonstration never leaves.
  await held.app.parts.database.query('alter table captures disable trigger append_only');
  const other = await closed('not-opted-in', 'https://a.example.net/other');
  const captureId = await closed('opted-in', 'https://a.example.net/page');
  const demo = await closed('opted-in', 'https://a.example.net/demo');
  await held.app.parts.database.query(`update captures set environment = 'live' where id <> $1`, [
    demo,
  ]);
  script = [
    json({ job_id: 'job-1' }),
    json({ status: 'pending', job_id: 'job-1' }),
    { status: 429, headers: { 'retry-after': '60' } },
    json({ job_id: 'job-1' }),
    json({
      status: 'success',
      timestamp: '20261124110000',
      original_url: 'https://a.example.net/page',
    }),
  ];
  await sweeps(6);
  expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'POST', 'GET']);
  expect(asked[0]?.headers.authorization).toBe('LOW access:secret');
  expect(asked[0]?.body.toString()).toContain('a.example.net%2Fpage');
  expect(await eventsAbout(captureId)).toMatchObject([
    {
      kind: 'saved-elsewhere',
      detail: { copy: 'https://web.archive.org/web/20261124110000/https://a.example.net/page' },
    },
  ]);
  expect(await eventsAbout(other)).toEqual([]);
  expect(await eventsAbout(demo)).toEqual([]);
});

test('a refusal is the end, and says why', async () => {
  asked = [];
  const captureId = await closed('opted-in', 'https://a.example.net/blocked');
  await held.app.parts.database.query(`update captures set environment = 'live' where id = $1`, [
    captureId,
  ]);
  script = [json({ status: 'error', status_ext: 'error:blocked-url' })];
  await sweeps(3);
  expect(asked).toHaveLength(1);
  expect(await eventsAbout(captureId)).toMatchObject([
    { kind: 'not-saved-elsewhere', detail: { reason: 'error:blocked-url' } },
  ]);
});

test('any answer is read as something', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(['pending', 'saved', 'refused', 'later']).toContain(readSaveAnswer(text).kind);
    }),
  );
});
