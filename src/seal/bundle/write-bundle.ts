/**
 * Writes a bundle (`reference` in README.txt): the captures, the part of the log that
 * vouches for them, and what a stranger needs to check both. Same content, same bytes.
 */
import { createHash, createPublicKey } from 'node:crypto';
import { plural } from '../../base/plural.ts';
import { type Manifest, readManifest } from '../manifest.ts';
import { paths } from '../verify/bundle/paths.ts';
import { demonstration, demoOrigin } from '../verify/warnings.ts';
import { openBagTarget } from './bag-target.ts';
import { BagWriter } from './bag-writer.ts';
import type { BundleCheckpoint, BundleContent, BundleFile } from './bundle-content.ts';
import { certificateText } from './certificate.ts';
import { readmeText } from './readme.ts';
import { Report } from './report.ts';

export interface WrittenBundle {
  path: string;
  captures: number;
  files: number;
  sizeBytes: number;
  /** Why there is no `report.pdf`; `null` where there is one, or none was asked for. */
  unprinted: Error | null;
}

/** @throws UsageError `exists`, IntegrityError `stored-bytes-differ` */
export async function writeBundle(
  path: string,
  content: BundleContent,
  signal?: AbortSignal,
): Promise<WrittenBundle> {
  const target = await openBagTarget(path, content.exportedAt);
  try {
    const bag = new BagWriter(target);
    const report = new Report(content);
    const openers = new Map<string, BundleFile['open']>();
    const reading = { report, openers };
    const captures = await addCaptures(bag, content, reading, signal);
    await addDerivations(bag, content, reading, signal);
    await addLog(bag, content, report, signal);
    await addTrust(bag, content);
    const unprinted = await addForReading(bag, content, reading, captures);
    await bag.close(bagInfo(content, captures));
    await target.finish();
    return { path, captures: captures.count, ...bag.total, unprinted };
  } catch (error) {
    await target.abandon();
    throw error;
  }
}

interface Handed {
  count: number;
  demo: boolean;
  /** Digests of manifests, for the draft of a certificate. */
  manifests: { captureId: string; sha256: string; link: string }[];
  /** Ids of captures that were first kept outside of the case handed over. */
  shared: string[];
}

/** What is gathered on the way for whoever reads: the report, and how its pictures are opened. */
interface Reading {
  report: Report;
  openers: Map<string, BundleFile['open']>;
}

async function addCaptures(
  bag: BagWriter,
  content: BundleContent,
  { report, openers }: Reading,
  signal?: AbortSignal,
): Promise<Handed> {
  const handed: Handed = {
    count: 0,
    demo: content.origin === demoOrigin,
    manifests: [],
    shared: [],
  };
  for await (const capture of content.captures) {
    const { captureId, manifest: bytes, files, webArchive, order } = capture;
    signal?.throwIfAborted();
    const manifest: Manifest = readManifest(bytes);
    const { sha256 } = await bag.add(paths.manifest(captureId), bytes);
    for (const file of files) {
      const path = paths.file(captureId, file.name);
      openers.set(path, file.open);
      await bag.addKnown(path, await file.open(), file.sha256);
    }
    if (webArchive !== null) await bag.add(paths.webArchive(captureId), await webArchive());
    report.addCapture({
      ...{ manifest, sha256, order },
      handed: new Set(files.map(({ name }) => name)),
      webArchive: webArchive !== null,
    });
    if (order?.isShared) handed.shared.push(captureId);
    handed.count += 1;
    handed.demo ||= manifest.environment !== 'live';
    handed.manifests.push({ captureId, sha256, link: manifest.link });
  }
  return handed;
}

async function addDerivations(
  bag: BagWriter,
  content: BundleContent,
  { report, openers }: Reading,
  signal?: AbortSignal,
): Promise<void> {
  for await (const { sha256, bytes, derivation, files } of content.derivations) {
    signal?.throwIfAborted();
    await bag.add(paths.derivation(sha256), bytes);
    for (const file of files) {
      const path = paths.derivedFile(sha256, file.name);
      openers.set(path, file.open);
      await bag.addKnown(path, await file.open(), file.sha256);
    }
    report.addDerivation({ derivation, sha256, files: new Set(files.map(({ name }) => name)) });
  }
}

async function addLog(
  bag: BagWriter,
  content: BundleContent,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const lines: Uint8Array[] = [];
  for await (const { index, bytes, proof, checkpointSize } of content.entries) {
    signal?.throwIfAborted();
    lines.push(bytes, Buffer.from('\n'));
    report.addEntry(index, bytes);
    const { note } = checkpointOf(content, checkpointSize);
    await bag.add(paths.proof(index), proofFile(index, proof, note));
  }
  await bag.add(paths.entries, Buffer.concat(lines));
  for await (const { sha256, bytes } of content.details) {
    report.addDetail(sha256, bytes);
    await bag.add(paths.detail(sha256), bytes);
  }
  for (const { size, note, tokens, otsProofs, cosignatures } of content.checkpoints) {
    await bag.add(paths.checkpoint(size), note);
    if (cosignatures.length > 0)
      await bag.add(
        paths.cosigned(size),
        Buffer.concat([note, Buffer.from(cosignatures.join(''))]),
      );
    for (const { authority, bytes } of tokens) await bag.add(paths.token(size, authority), bytes);
    for (const { calendar, bytes } of otsProofs)
      await bag.add(paths.otsProof(size, calendar), bytes);
  }
  for (const { oldSize, size, proof } of content.consistency)
    await bag.add(paths.consistency(oldSize, size), hashLines(proof));
}

function checkpointOf({ checkpoints }: BundleContent, size: number): BundleCheckpoint {
  const found = checkpoints.find((one) => one.size === size);
  if (found === undefined)
    throw new RangeError(`no checkpoint over ${size} entries is handed over`);
  return found;
}

/** c2sp.org/tlog-proof@v1 */
function proofFile(index: number, proof: Uint8Array[], note: Uint8Array): Buffer {
  const head = `c2sp.org/tlog-proof@v1\nindex ${index}\n${hashLines(proof)}\n`;
  return Buffer.concat([Buffer.from(head), note]);
}

function hashLines(hashes: Uint8Array[]): string {
  return hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
}

async function addTrust(
  bag: BagWriter,
  { vkeys, tsaRoots, witnesses }: BundleContent,
): Promise<void> {
  await bag.add(paths.vkeys, vkeys.map((vkey) => `${vkey}\n`).join(''));
  for (const vkey of vkeys) await bag.add(paths.publicKey(keyId(vkey)), publicKeyPem(vkey));
  if (tsaRoots !== null) await bag.add(paths.roots, tsaRoots);
  if (witnesses.length > 0)
    await bag.add(paths.witnesses, witnesses.map((vkey) => `${vkey}\n`).join(''));
}

/** Eight hex digits in the middle of `name+id+key`. */
export function keyId(vkey: string): string {
  return vkey.split('+')[1] ?? '';
}

/** The Ed25519 key in a vkey, in the form that openssl reads. */
function publicKeyPem(vkey: string): string {
  const encoded = vkey.split('+').slice(2).join('+');
  const x = Buffer.from(encoded, 'base64').subarray(1).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

async function addForReading(
  bag: BagWriter,
  content: BundleContent,
  { report, openers }: Reading,
  handed: Handed,
): Promise<Error | null> {
  const html = report.html(handed.demo);
  await bag.add(paths.report, html);
  const printed = await print(content, html, openers);
  if (Buffer.isBuffer(printed)) await bag.add(paths.printedReport, printed);
  await bag.add(
    paths.certificate,
    certificateText(content, handed, createHash('sha256').update(html).digest('hex')),
  );
  await bag.add(paths.readme, readmeText(content, handed));
  if (handed.demo) await bag.add(paths.demonstration, `${demonstration}\n`);
  return printed instanceof Error ? printed : null;
}

/** The bundle is whole without it: where nothing can print, the page says the same. */
async function print(
  content: BundleContent,
  html: string,
  openers: Reading['openers'],
): Promise<Buffer | Error | null> {
  if (content.print === null) return null;
  const open = (path: string) => openers.get(`data/${path}`)?.();
  return content
    .print(html, open)
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

/** A line of bag-info.txt ends where it ends. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function bagInfo(content: BundleContent, handed: Handed): [string, string][] {
  const ofCase = content.ofCase === null ? '' : ` of the case ${oneLine(content.ofCase)}`;
  const what = `${plural(handed.count, 'capture')}${ofCase}, sealed in the log ${content.origin}`;
  return [
    ['Bag-Software-Agent', `holdfast ${content.version}`],
    ['Bagging-Date', content.exportedAt.toISOString().slice(0, 10)],
    ['External-Description', handed.demo ? `${demonstration}. ${what}` : what],
    ['External-Identifier', content.origin],
  ];
}
