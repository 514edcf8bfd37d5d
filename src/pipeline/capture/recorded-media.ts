/** The media of a page that its recorder holds whole: kept as they came, so that nobody asks for them again. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { headerOf } from '../../media/fetch/exchange.ts';
import { sniff, sniffBytes } from '../../media/fetch/sniff.ts';
import type { MediaRef, RecordedFile } from '../../model/plan.ts';
import type { RecordedBody, RecordedExchange } from '../../warc/exchange.ts';
import { sortOut } from '../../warc/withheld.ts';
import type { Parts } from '../parts.ts';

type Hops = RecordedFile['hops'];

const mostHops = 10;

/**
 * Marks the best candidate of each medium where the visit recorded its file whole. Lower rungs
 * are left alone: most often they are not needed, and then nothing would name their bytes.
 * @param withhold secrets of a logged-in profile are left out of the headers
 */
export async function markRecorded(
  { vault }: Pick<Parts, 'vault'>,
  refs: MediaRef[],
  exchanges: RecordedExchange[],
  { withhold, signal }: { withhold: boolean; signal: AbortSignal },
): Promise<MediaRef[]> {
  const byUrl = Map.groupBy(exchanges, ({ url }) => url);
  const marked: MediaRef[] = [];
  for (const ref of refs) {
    const [best, ...others] = ref.candidates;
    const found = best === undefined ? null : followed(byUrl, best.url);
    if (best === undefined || found === null || !(await isMedia(vault, found.body))) {
      marked.push(ref);
      continue;
    }
    // A large body lies there already, as a part of the WARC.
    const { path, sha256 } = found.body;
    if (!(await vault.has(sha256))) await vault.put(createReadStream(path), { signal });
    marked.push({
      ...ref,
      candidates: [{ ...best, recorded: fileOf(found, withhold) }, ...others],
    });
  }
  return marked;
}

interface Found {
  exchange: RecordedExchange;
  response: NonNullable<RecordedExchange['response']>;
  body: RecordedBody;
  hops: Hops;
}

/** The whole file at the end of the recorded redirects from this address. */
function followed(byUrl: Map<string, RecordedExchange[]>, asked: string): Found | null {
  const hops: Hops = [];
  let url = asked.replace(/#.*$/s, '');
  while (hops.length <= mostHops) {
    const here = byUrl.get(url) ?? [];
    for (const exchange of here) {
      const { response } = exchange;
      if (response === null || response.body === null || !isWhole(exchange)) continue;
      hops.push({ url, status: response.status, location: null });
      return { exchange, response, body: response.body, hops };
    }
    const hop = here.map(redirectOf).find((one) => one !== null);
    if (hop?.location == null || !URL.canParse(hop.location, url)) return null;
    hops.push(hop);
    url = new URL(hop.location, url).href.replace(/#.*$/s, '');
  }
  return null;
}

/** Every byte that the origin sent, as it sent them: a coded body is held decoded, and so is another file. */
function isWhole({ method, class: ended, response }: RecordedExchange): boolean {
  if (method !== 'GET' || ended !== 'recorded' || response?.status !== 200) return false;
  if (response.body === null || response.body.sizeBytes === 0) return false;
  const coding = headerOf(response, 'content-encoding')?.trim().toLowerCase() ?? '';
  const length = headerOf(response, 'content-length')?.trim() ?? '';
  const agrees = length === '' || Number(length) === response.body.sizeBytes;
  return ['', 'identity'].includes(coding) && response.truncated === null && agrees;
}

function redirectOf({
  method,
  url,
  class: ended,
  response,
}: RecordedExchange): Hops[number] | null {
  if (method !== 'GET' || ended !== 'recorded' || response === null) return null;
  if (![301, 302, 303, 307, 308].includes(response.status)) return null;
  return { url, status: response.status, location: headerOf(response, 'location') };
}

/** What is something else, or a list of pieces, is left to whoever fetches. */
async function isMedia(vault: Pick<Parts['vault'], 'has' | 'path'>, body: RecordedBody) {
  const taken = await vault.has(body.sha256);
  const { kind } = await sniff(await headOf(taken ? await vault.path(body.sha256) : body.path));
  return kind !== 'other' && kind !== 'hls-playlist';
}

async function headOf(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffBytes), 0, sniffBytes, 0);
  return buffer.subarray(0, bytesRead);
}

function fileOf({ exchange, response, body, hops }: Found, withhold: boolean): RecordedFile {
  const { id, view, startedAt, refetched } = exchange;
  return {
    sha256: body.sha256,
    sizeBytes: body.sizeBytes,
    url: exchange.url,
    status: response.status,
    headers: sortOut(response.headers, withhold).open,
    remoteAddress: exchange.remoteAddress,
    hops,
    exchange: { id, view, startedAt, refetched },
  };
}
