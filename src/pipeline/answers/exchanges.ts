/** Which requests of a capture are recorded, as the indexes of its WARC files list them. */
import type { CaptureRecord } from '../../model/capture-record.ts';
import type { Parts } from '../parts.ts';

export interface IndexedExchange {
  /** Step that recorded it: `record`, `page`, `media`, `wayback`. */
  step: string;
  url: string;
  at: string;
  status: number | null;
  mediaType: string | null;
  sha256: string | null;
}

const indexName = /^warc\/([a-z]+)\.cdxj$/;
const ownRecord = /^urn:/;

/** In the order of time. What Holdfast itself wrote into the WARC is no exchange and is left out. */
export async function exchangesOf(
  { vault }: Pick<Parts, 'vault'>,
  { artifacts }: Pick<CaptureRecord, 'artifacts'>,
): Promise<IndexedExchange[]> {
  const found: IndexedExchange[] = [];
  for (const { name, sha256 } of artifacts) {
    const [, step] = indexName.exec(name) ?? [];
    if (step === undefined || !(await vault.has(sha256))) continue;
    const text = (await vault.read(sha256)).toString('utf8');
    for (const line of text.split('\n')) {
      const exchange = exchangeIn(step, line);
      if (exchange !== null) found.push(exchange);
    }
  }
  return found.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function exchangeIn(step: string, line: string): IndexedExchange | null {
  const [, at, json] = /^.* (\d{14,17}) (\{.*\})$/.exec(line) ?? [];
  if (at === undefined || json === undefined) return null;
  const { url, status, mime, digest } = JSON.parse(json) as Record<string, unknown>;
  if (typeof url !== 'string' || ownRecord.test(url)) return null;
  const known = Number(status);
  return {
    step,
    url,
    at: at.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\d*$/, '$1-$2-$3T$4:$5:$6Z'),
    status: Number.isInteger(known) && known > 0 ? known : null,
    mediaType: typeof mime === 'string' && mime !== 'unk' ? mime : null,
    sha256: typeof digest === 'string' ? digest.replace(/^sha256:/, '') : null,
  };
}
