/** Hands a capture over as a web archive that others can read: WACZ 1.1.1, signed. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { IntegrityError, UsageError } from '../../base/errors.ts';
import { type Manifest, readManifest } from '../../seal/manifest.ts';
import { shiftLine, sortLines } from '../../warc/cdxj.ts';
import {
  datapackage,
  type PackageFacts,
  pagesJsonl,
  type WaczPage,
} from '../../warc/datapackage.ts';
import { largeWarc, largeWarcName, sizeOfLargePart } from '../../warc/large-warc.ts';
import type { LargePart } from '../../warc/part.ts';
import { type Closing, type WaczFile, type WaczResource, writeWacz } from '../../warc/wacz.ts';
import { hashOf, packageDigest, type SignedData, signPackage } from '../../warc/wacz-signature.ts';
import type { Parts } from '../parts.ts';
import { artifactNamed, largePartsOf, readWhole, warcNames, warcSteps } from '../warc-parts.ts';
import { refuseInsideBundle } from './target.ts';
import { waczKey } from './wacz-key.ts';

export interface ExportedWacz {
  path: string;
  sizeBytes: number;
  sha256: string;
  pages: number;
  /** Where it opens: the address of the page that was captured, and when that was answered. */
  mainPage: { url: string; at: string } | null;
}

/**
 * Writes one closed capture into a new file. The same capture gives the same bytes: the first
 * export's time and signature are kept in the vault and used again.
 * Only what the manifest names goes in, and never the restricted parts.
 * @throws UsageError `unfinished`, `no-warc`, `exists`, `inside-bundle`, IntegrityError `stored-bytes-differ`
 */
export async function exportWacz(
  parts: Parts,
  captureId: string,
  path: string,
  signal: AbortSignal,
): Promise<ExportedWacz> {
  await refuseInsideBundle(path);
  const manifestBytes = await parts.vault.readRecord('manifests', captureId);
  if (manifestBytes === null) {
    throw new UsageError(
      'unfinished',
      `the capture ${captureId} isn't closed yet: wait until it is (holdfast status), or cancel it`,
    );
  }
  const manifest = readManifest(manifestBytes);
  const warcs = await warcFiles(parts, manifest);
  const lines = await indexLines(parts, manifest, warcs.largeParts);
  const pages = await pagesFor(parts, manifest, lines);
  const files = [
    ...warcs.files,
    textFile('indexes/index.cdxj', lines.map((line) => `${line}\n`).join('')),
    textFile('pages/pages.jsonl', pagesJsonl(pages)),
  ];
  const facts = describe(manifest, sha256(manifestBytes), pages);
  const close = (resources: WaczResource[]) => closing(parts, facts, resources);
  try {
    const { sizeBytes, sha256 } = await writeWacz(path, files, close, signal);
    const [{ url, at } = { url: '', at: '' }] = pages;
    const mainPage = url === '' ? null : { url, at };
    return { path, sizeBytes, sha256, pages: pages.length, mainPage };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError('exists', `${path} exists already; nothing is ever overwritten`);
  }
}

/** Parts byte for byte, and the virtual `large.warc` where anything large was kept. */
async function warcFiles(
  parts: Parts,
  manifest: Manifest,
): Promise<{ files: WaczFile[]; largeParts: Map<string, LargePart> }> {
  const files: WaczFile[] = [];
  for (const step of warcSteps) {
    const warc = artifactNamed(manifest, warcNames(step).warc);
    if (warc === null) continue;
    files.push({
      path: `archive/${step}.warc.gz`,
      sha256: warc.sha256,
      open: () => parts.vault.open(warc.sha256),
    });
  }
  if (files.length === 0) {
    throw new UsageError(
      'no-warc',
      `the capture ${manifest.captureId} holds no WARC; export its files with --format files`,
    );
  }
  const largeParts = await largePartsOf(parts, manifest);
  if (largeParts.size > 0) {
    files.push({
      path: `archive/${largeWarcName}`,
      sha256: manifest.largeWarc?.sha256 ?? null,
      open: () => largeWarc([...largeParts.values()], (sha256) => parts.vault.open(sha256)),
    });
  }
  return { files, largeParts };
}

/** The index lines of every part, those of large bodies moved to where their part begins. */
async function indexLines(
  parts: Parts,
  manifest: Manifest,
  largeParts: Map<string, LargePart>,
): Promise<string[]> {
  const lines: string[] = [];
  let largeStart = 0;
  for (const step of warcSteps) {
    const index = artifactNamed(manifest, warcNames(step).index);
    const text = index === null ? '' : (await readWhole(parts, index.sha256)).toString('utf8');
    for (const line of text.split('\n')) {
      if (line !== '') lines.push(shiftLine(line, largeWarcName, largeStart));
    }
    const large = largeParts.get(step);
    if (large !== undefined) largeStart += sizeOfLargePart(large);
  }
  return sortLines(lines);
}

/** Pages that can be opened: those whose address has a record. */
async function pagesFor(parts: Parts, manifest: Manifest, lines: string[]): Promise<WaczPage[]> {
  const times = firstTimes(lines);
  const pages: WaczPage[] = [];
  for (const { view, finalUrl, title, textSha256 } of manifest.pages) {
    const url = [finalUrl, requestedUrl(manifest, view)]
      .map((one) => one?.replace(/#.*$/s, ''))
      .find((one) => one !== undefined && times.has(one));
    if (url === undefined) continue;
    const text = textSha256 === null ? null : (await readWhole(parts, textSha256)).toString('utf8');
    pages.push({ id: view, url, title, at: times.get(url) ?? manifest.startedAt, text });
  }
  // The view of the page itself before views that embed it.
  return pages.sort((one, other) => Number(other.id === 'page') - Number(one.id === 'page'));
}

/** When each address was first answered with something that is a page. */
function firstTimes(lines: string[]): Map<string, string> {
  const times = new Map<string, string>();
  for (const line of lines) {
    const { url, method } = indexFields.parse(JSON.parse(line.slice(line.indexOf('{'))));
    if (method !== undefined || times.has(url)) continue;
    const digits = /(\d{17}) \{/.exec(line)?.[1] ?? '';
    times.set(url, digits.replace(/(....)(..)(..)(..)(..)(..)(...)/, '$1-$2-$3T$4:$5:$6.$7Z'));
  }
  return times;
}

const indexFields = z.object({ url: z.string(), method: z.string().optional() });
const visitedViews = z.object({
  views: z.array(z.object({ view: z.string(), requestedUrl: z.string() })),
});

/** A page that changes its own address by script has a record under the first one only. */
function requestedUrl(manifest: Manifest, view: string): string | undefined {
  return manifest.steps
    .flatMap(({ detail }) => visitedViews.safeParse(detail).data?.views ?? [])
    .find((visited) => visited.view === view)?.requestedUrl;
}

function describe(manifest: Manifest, manifestSha256: string, pages: WaczPage[]): PackageFacts {
  const mainPage = pages[0] ?? null;
  const demo = manifest.environment === 'demo' ? 'Demonstration, not evidence: ' : '';
  const withheld = manifest.artifacts.some(({ role }) => role === 'warc.restricted');
  return {
    title: `${demo}${mainPage?.title ?? manifest.link}`,
    description: [
      `${demo}Capture \`${manifest.captureId}\` of \`${manifest.source}\`, begun ${manifest.startedAt}, state: ${manifest.state}.`,
      'Every request is listed in its class under `urn:pageinfo:`, those that were not kept too.',
      ...(withheld
        ? ['Cookies and authorisation headers of a logged-in profile are withheld; records say so.']
        : []),
      'The signature shows that the package is as its maker packed it, not who that was, nor that the site served it.',
    ].join('\n\n'),
    software: `holdfast/${String(manifest.tools.holdfast ?? 'unknown')}`,
    mainPage,
    holdfast: {
      captureId: manifest.captureId,
      source: manifest.source,
      link: manifest.link,
      environment: manifest.environment,
      state: manifest.state,
      startedAt: manifest.startedAt,
      finishedAt: manifest.finishedAt,
      manifestSha256,
    },
  };
}

const keptSignature = z.object({
  schema: z.literal('holdfast.wacz-signature/1'),
  created: z.string(),
  signedData: z.object({
    hash: z.string(),
    created: z.string(),
    software: z.string(),
    version: z.literal('0.1.0'),
    signature: z.string(),
    publicKey: z.string(),
  }),
});

/**
 * The package's last two files. An ECDSA signature comes out anew each time, and the time of
 * packing would too: both are kept under the digest of what is packed, and used again.
 */
async function closing(
  parts: Parts,
  facts: PackageFacts,
  resources: WaczResource[],
): Promise<Closing> {
  const name = sha256(datapackage(facts, resources, null));
  const kept =
    (await signatureOf(parts, name)) ?? (await firstSignature(parts, name, facts, resources));
  const text = datapackage(facts, resources, kept.created);
  if (hashOf(text) !== kept.hash) {
    throw new IntegrityError(
      'signature-differs',
      `the kept signature wacz-signatures/${name} is of another package; nothing was exported`,
    );
  }
  return { datapackage: text, digest: packageDigest(text, kept) };
}

async function signatureOf(parts: Pick<Parts, 'vault'>, name: string): Promise<SignedData | null> {
  const bytes = await parts.vault.readRecord('wacz-signatures', name);
  if (bytes === null) return null;
  return keptSignature.parse(JSON.parse(bytes.toString('utf8'))).signedData;
}

async function firstSignature(
  parts: Parts,
  name: string,
  facts: PackageFacts,
  resources: WaczResource[],
): Promise<SignedData> {
  const created = new Date().toISOString();
  const text = datapackage(facts, resources, created);
  const key = await waczKey(parts.home.folder);
  const signedData = signPackage(text, created, facts.software, key);
  const record = { schema: 'holdfast.wacz-signature/1', created, signedData };
  try {
    await parts.vault.keepRecord('wacz-signatures', name, `${JSON.stringify(record)}\n`);
    return signedData;
  } catch (error) {
    // Another process exported the same capture at the same moment: its signature is the kept one.
    const other = await signatureOf(parts, name);
    if (other === null) throw error;
    return other;
  }
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function textFile(path: string, text: string): WaczFile {
  return { path, sha256: sha256(text), open: () => Readable.from([Buffer.from(text)]) };
}
