/** The document of a visit as its server sent it. */
import { createReadStream } from 'node:fs';
import type { MainDocument } from '../recorder/page-record.ts';
import type { RecordedExchange } from '../warc/exchange.ts';
import type { VisitInHand } from './page-visit.ts';

/** @param folder of a page that led on, with its slash */
export async function storeReceived(
  { artifacts, visit }: Pick<VisitInHand, 'artifacts' | 'visit'>,
  answer: MainDocument,
  folder = '',
): Promise<void> {
  if (!answer.finished || (answer.failure !== null && !answer.isWhole)) return;
  const body = await answer.body();
  if (body === null) return;
  const named = answer.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const mediaType = named?.split(';')[0]?.trim().toLowerCase() || 'application/octet-stream';
  const name = mediaType.includes('html') ? 'html.received.html' : 'html.received.bin';
  const bytes = createReadStream(body.path);
  await artifacts.add('html.received', folder + name, mediaType, bytes, {
    url: folder === '' ? visit.finalUrl : answer.url,
    bytes: 'the payload as Chromium decoded it from its transfer and content encodings',
  });
}

/** What is not in the coding that its server names can't be decoded: it is kept as it was sent. */
export async function storeAsSent(
  { artifacts, visit }: Pick<VisitInHand, 'artifacts' | 'visit'>,
  exchanges: RecordedExchange[],
): Promise<void> {
  const url = visit.finalUrl?.replace(/#.*$/s, '');
  const sent = exchanges.find((one) => one.refetched && one.url === url)?.response?.body ?? null;
  if (sent === null) return;
  const facts = { url: visit.finalUrl, bytes: 'as they were sent, in whatever coding' };
  const [name, type] = ['html.received.bin', 'application/octet-stream'];
  await artifacts.add('html.received', name, type, createReadStream(sent.path), facts);
}
