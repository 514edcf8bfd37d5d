/** Many links at once: written in batches, all of them or none. */
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beat } from '../src/catalog/heartbeats.ts';
import type { FoundLink } from '../src/links/read-links.ts';
import { underWay } from '../src/pipeline/answers/under-way.ts';
import { submitLinks } from '../src/pipeline/intake/submit.ts';
import { type TestArchive, testArchive } from './support/archive.ts';

let archive: TestArchive;
beforeAll(async () => {
  archive = await testArchive();
});
afterAll(() => archive?.[Symbol.asyncDispose]());

function links(count: number, of: string): FoundLink[] {
  return Array.from({ length: count }, (_, place) => ({
    ...{
      link: `https://example.org/${of}/${place}`,
      key: `web:https://example.org/${of}/${place}`,
    },
    facts: {},
  }));
}

async function counts(): Promise<Record<string, number>> {
  const { rows } = await archive.parts.database.query<Record<string, number>>(
    `select (select count(*) from submissions) as submissions, (select count(*) from captures) as captures,
       (select count(*) from unfinished_captures) as waiting,
       (select count(*) from unlogged_records) as records`,
  );
  let kept = 0;
  for await (const _ of archive.parts.vault.records('submissions')) kept += 1;
  return { ...rows[0], kept };
}

test('each is told in order, and what comes twice opens one capture, whichever batch it is in', async () => {
  const before = await counts();
  const asked: FoundLink[] = [
    ...links(2_400, 'a'),
    { link: 'mailto:nobody@example.org', rejected: 'scheme' },
    ...links(1, 'a'),
  ];
  const submitted = await submitLinks(archive.parts, asked, { case: 'many' });
  expect(submitted.map(({ link }) => link)).toEqual(asked.map(({ link }) => link));
  expect(submitted.filter(({ opened }) => opened)).toHaveLength(2_400);
  expect(submitted.at(-1)).toMatchObject({ opened: false, captureId: submitted[0]?.captureId });
  expect(await counts()).toEqual({
    submissions: (before.submissions ?? 0) + 2_402,
    captures: (before.captures ?? 0) + 2_400,
    waiting: (before.waiting ?? 0) + 2_400,
    records: (before.records ?? 0) + 3,
    kept: (before.kept ?? 0) + 3,
  });
  const again = await submitLinks(archive.parts, asked);
  expect(again.map(({ captureId }) => captureId)).toEqual(
    submitted.map(({ captureId }) => captureId),
  );
});

test('status names those that wait, and why: nobody works, or others go first', async () => {
  await submitLinks(archive.parts, links(30, 'c'));
  const { captures, workers } = await underWay(archive.parts);
  expect(workers).toEqual([]);
  expect(captures).toHaveLength(20);
  expect(captures[0]).toMatchObject({
    ...{ link: expect.stringMatching(/^https:/), source: expect.stringMatching(/^web:/) },
    ...{ state: 'waiting', why: 'no-worker', since: expect.any(Date) },
  });
  const worker = { id: uuidv7(), host: 'desk', processId: 7, startedAt: new Date() };
  await beat(archive.parts.database, worker);
  const worked = await underWay(archive.parts);
  expect(worked.workers).toMatchObject([worker]);
  expect(worked.captures[0]).toMatchObject({ state: 'waiting', why: 'turn' });
});

test('where one batch can not be written, nothing of the others is left', async () => {
  const before = await counts();
  const bad = { link: 'https://example.org/b', key: 'web:https://example.org/b', facts: {} };
  const asked = [...links(2_400, 'b'), { ...bad, submission: { note: 1n as unknown as string } }];
  await expect(submitLinks(archive.parts, asked)).rejects.toThrow('BigInt');
  expect(await counts()).toEqual(before);
});
