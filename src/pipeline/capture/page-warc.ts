/** What the visits of a capture recorded, as the WARC part of its page step. */
import { createReadStream } from 'node:fs';
import type { NewArtifact } from '../../model/artifact.ts';
import type { PageVisit } from '../../visit/visit-page.ts';
import type { RecordedBody } from '../../warc/exchange.ts';
import type { WarcResource } from '../../warc/part.ts';
import type { Parts } from '../parts.ts';
import { resourcesOf, storeWarcPart } from './store-warc.ts';

/** Artifacts of the step: the part with all that belongs to it, and the frames of WebSockets. */
export async function storePageWarc(
  parts: Parts,
  { captureId, startedAt, withhold }: { captureId: string; startedAt: string; withhold: boolean },
  visits: PageVisit[],
  signal: AbortSignal,
): Promise<NewArtifact[]> {
  if (visits.length === 0) return [];
  const sockets = await storeSocketLogs(parts, visits);
  const views: WarcResource[] = [];
  for (const { artifacts, startedAt } of visits) {
    // What was received is there as a response already.
    const ours = artifacts.filter(({ role }) => role !== 'html.received');
    views.push(...(await resourcesOf(parts, ours, startedAt)));
  }
  const kept = await storeWarcPart(
    parts,
    {
      step: 'page',
      captureId,
      startedAt,
      exchanges: visits.flatMap(({ exchanges }) => exchanges),
      resources: [...views, ...sockets.map(({ resource }) => resource)],
      pages: visits.map((made) => ({
        view: made.view,
        url: (made.finalUrl ?? made.requestedUrl).replace(/#.*$/s, ''),
        startedAt: made.startedAt,
        title: made.title,
      })),
      withhold,
    },
    signal,
  );
  return [...kept, ...sockets.map(({ artifact }) => artifact)];
}

const mediaType = 'application/jsonl';

/** A WebSocket is no exchange of HTTP: its frames are a file of ours, named by its address. */
async function storeSocketLogs(
  parts: Pick<Parts, 'vault'>,
  visits: PageVisit[],
): Promise<{ resource: WarcResource; artifact: NewArtifact }[]> {
  const found = visits.flatMap(({ view, exchanges }) =>
    exchanges
      .filter(({ resourceType }) => resourceType === 'websocket')
      .map((exchange, index) => ({ exchange, name: `${view}/websocket-${index + 1}.jsonl` })),
  );
  const kept: { resource: WarcResource; artifact: NewArtifact }[] = [];
  for (const { exchange, name } of found) {
    const frames = exchange.response?.body ?? null;
    if (frames === null) continue;
    const stored = await parts.vault.put(createReadStream(frames.path));
    const body: RecordedBody = { ...stored, path: await parts.vault.path(stored.sha256) };
    const target = `urn:websocket:${exchange.url}`;
    const facts = { url: exchange.url, view: exchange.view };
    kept.push({
      resource: { target, mediaType, at: exchange.startedAt, body },
      artifact: { role: 'websocket', name, mediaType, ...stored, derivedFrom: null, facts },
    });
  }
  return kept;
}
