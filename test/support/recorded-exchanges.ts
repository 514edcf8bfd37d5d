/** Exchanges as the recorder hands them over, with their bodies in a folder. */
import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordedBody, RecordedExchange, RecordedResponse } from '../../src/warc/exchange.ts';
import type { WarcPart, WarcPartFiles } from '../../src/warc/part.ts';

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function bodyIn(folder: string, bytes: Uint8Array | string): Promise<RecordedBody> {
  const path = join(folder, randomUUID());
  await writeFile(path, bytes);
  return { path, sizeBytes: Buffer.byteLength(bytes), sha256: sha256(bytes) };
}

export function exchange(
  facts: Partial<Omit<RecordedExchange, 'response'>> & {
    response?: Partial<RecordedResponse> | null;
  } = {},
): RecordedExchange {
  return {
    id: randomUUID(),
    method: 'GET',
    url: 'https://news.example/story?b=2&a=1',
    startedAt: '2026-03-04T05:06:07.089Z',
    finishedAt: '2026-03-04T05:06:07.500Z',
    resourceType: 'document',
    request: { headers: [['Accept', '*/*']], body: null },
    protocol: 'h2',
    tls: 'TLS 1.3, AES_128_GCM',
    remoteAddress: '93.184.216.34',
    class: 'recorded',
    reason: null,
    refetched: false,
    comparedBytes: null,
    cache: null,
    view: 'page',
    pageUrl: 'https://news.example/story?b=2&a=1',
    ...facts,
    response:
      facts.response === null
        ? null
        : {
            status: 200,
            statusText: '',
            headers: [['Content-Type', 'text/html; charset=utf-8']],
            body: null,
            decoded: true,
            truncated: null,
            ...facts.response,
          },
  };
}

export function part(facts: Partial<WarcPart> = {}): WarcPart {
  return {
    step: 'page',
    captureId: '0198c0de-0000-7000-8000-000000000001',
    info: { software: 'holdfast/test' },
    startedAt: '2026-03-04T05:06:00.000Z',
    exchanges: [],
    resources: [],
    pages: [
      {
        view: 'page',
        url: 'https://news.example/story?b=2&a=1',
        startedAt: '2026-03-04T05:06:07.089Z',
        title: 'A story',
      },
    ],
    withhold: false,
    ...facts,
  };
}

export function filesIn(folder: string, step = 'page'): WarcPartFiles {
  return {
    warc: join(folder, `${step}.warc.gz`),
    index: join(folder, `${step}.cdxj`),
    large: join(folder, `${step}.large.json`),
    restricted: join(folder, `${step}.restricted.warc.gz`),
  };
}
