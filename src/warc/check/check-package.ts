/** `datapackage.json`, its digest and signature, the hashes in it, and the list of pages. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Trust } from './domain-signature.ts';
import type { Findings } from './findings.ts';
import { jsonIn, linesOf } from './index-lines.ts';
import { type CheckLimits, OverLimit } from './limits.ts';
import { checkSignature } from './signature.ts';
import type { ZipEntry } from './zip.ts';

const packagePath = 'datapackage.json';
const digestPath = 'datapackage-digest.json';

const resource = z.object({
  name: z.string(),
  path: z.string(),
  hash: z.string(),
  bytes: z.number().int().nonnegative(),
});
const datapackage = z.looseObject({
  profile: z.string(),
  wacz_version: z.string().optional(),
  created: z.string().optional(),
  mainPageUrl: z.string().optional().catch(undefined),
  mainPageDate: z.string().optional().catch(undefined),
  resources: z.array(z.unknown()),
});
const digestFile = z.object({
  path: z.string(),
  hash: z.string(),
  signedData: z.unknown().optional(),
});

export interface PackageCheck {
  entries: Map<string, ZipEntry>;
  limits: CheckLimits;
  trust: Trust;
  findings: Findings;
  signal: AbortSignal;
}

/** The page that a replayer opens first, as the package tells it. */
export interface MainPage {
  url: string;
  date: string | null;
}

/** @returns the main page, where one is named */
export async function checkPackage(check: PackageCheck): Promise<MainPage | null> {
  const { entries, findings } = check;
  findings.examined('package');
  const bytes = await document(packagePath, 'package', check);
  if (bytes === null) return null;
  const parsed = datapackage.safeParse(json(bytes));
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join('.') || 'the JSON itself');
    findings.fault('package', packagePath, `missing or malformed: ${names.join(', ')}`);
    return null;
  }
  checkDescription(parsed.data, findings);
  requireFolders(entries, findings);
  await checkResources(parsed.data.resources, check);
  await checkDigest(bytes, parsed.data.created ?? null, check);
  const { mainPageUrl, mainPageDate } = parsed.data;
  return mainPageUrl === undefined ? null : { url: mainPageUrl, date: mainPageDate ?? null };
}

function checkDescription(
  { profile, wacz_version, created, software }: z.infer<typeof datapackage>,
  findings: Findings,
): void {
  if (profile !== 'data-package') {
    findings.fault(
      'package',
      packagePath,
      `profile is ${JSON.stringify(profile)}, not "data-package"`,
    );
  }
  if (wacz_version === undefined) findings.fault('package', packagePath, 'no wacz_version');
  else if (!/^1\.(0|1)\.\d+$/.test(wacz_version)) {
    findings.note(
      'package',
      packagePath,
      `wacz_version ${wacz_version} is not one that is known here`,
    );
  }
  for (const [name, value] of [
    ['created', created],
    ['software', software],
  ]) {
    if (value === undefined) findings.note('package', packagePath, `no ${name}`);
  }
  if (created !== undefined && Number.isNaN(Date.parse(created))) {
    findings.note('package', packagePath, `created is not a valid time: ${created}`);
  }
}

function requireFolders(entries: Map<string, ZipEntry>, findings: Findings): void {
  const paths = [...entries.keys()];
  const known: [folder: string, files: RegExp, needed: RegExp, what: string][] = [
    ['archive/', /^archive\/[^/]+\.warc(\.gz)?$/, /\.warc(\.gz)?$/, 'a WARC'],
    ['indexes/', /^indexes\/[^/]+\.(cdxj?(\.gz)?|cdxj?\.idx|idx)$/, /\.cdxj?(\.gz)?$/, 'an index'],
    ['pages/', /^pages\/[^/]+\.jsonl$/, /^pages\/pages\.jsonl$/, 'pages.jsonl'],
  ];
  for (const [folder, files, needed, what] of known) {
    const inside = paths.filter((path) => path.startsWith(folder));
    if (!inside.some((path) => needed.test(path))) {
      findings.fault('package', folder, `there is no ${what.replace(/^an? /, '')} in ${folder}`);
    }
    for (const path of inside.filter((one) => !files.test(one))) {
      findings.fault('package', path, `nothing of its kind belongs into ${folder}`);
    }
  }
}

async function checkResources(resources: unknown[], check: PackageCheck): Promise<void> {
  const { entries, findings, signal } = check;
  const listed = new Set<string>();
  const names = new Set<string>();
  for (const [index, one] of resources.entries()) {
    signal.throwIfAborted();
    findings.examined('package-files');
    const parsed = resource.safeParse(one);
    if (!parsed.success) {
      const fields = parsed.error.issues.map(({ path }) => path.join('.'));
      const message = `resource ${index + 1}: missing or malformed: ${fields.join(', ')}`;
      findings.fault('package-files', packagePath, message);
      continue;
    }
    const { name, path, hash, bytes } = parsed.data;
    if (!/^[-a-z0-9._/]+$/.test(name)) {
      findings.note(
        'package-files',
        path,
        `its name ${JSON.stringify(name)} has other characters than a-z 0-9 - . _ /`,
      );
    }
    if (listed.has(path)) {
      // And hashed once: a list can name one large file a million times.
      findings.fault('package-files', path, 'it is listed twice');
      continue;
    }
    if (names.has(name)) findings.note('package-files', path, `another file is named ${name} too`);
    listed.add(path);
    names.add(name);
    const entry = entries.get(path);
    if (entry === undefined) {
      findings.fault('package-files', path, 'it is listed and not there');
      continue;
    }
    await checkHash(entry, hash, bytes, findings);
  }
  for (const path of entries.keys()) {
    if (listed.has(path) || path === packagePath || path === digestPath) continue;
    findings.fault('package-files', path, 'it is there and not listed');
  }
}

async function checkHash(
  entry: ZipEntry,
  claimed: string,
  claimedBytes: number,
  findings: Findings,
): Promise<void> {
  const { path } = entry;
  findings.examined('package-hashes');
  const algorithm = /^(sha256|md5):[0-9a-f]+$/.exec(claimed)?.[1];
  if (algorithm === undefined) {
    findings.fault('package-hashes', path, `its hash is none of sha256: ${claimed}`);
    return;
  }
  const hash = createHash(algorithm);
  let sizeBytes = 0;
  try {
    for await (const chunk of entry.content()) {
      hash.update(chunk);
      sizeBytes += chunk.byteLength;
    }
  } catch (error) {
    if (error instanceof OverLimit) throw error;
    findings.fault('zip', path, `it can't be read (${(error as Error).message})`);
    return;
  }
  const found = `${algorithm}:${hash.digest('hex')}`;
  if (found !== claimed) findings.fault('package-hashes', path, `it has ${found}, not ${claimed}`);
  if (sizeBytes !== claimedBytes) {
    findings.fault('package-hashes', path, `it has ${sizeBytes} bytes, not ${claimedBytes}`);
  }
}

async function checkDigest(
  packageBytes: Buffer,
  created: string | null,
  check: PackageCheck,
): Promise<void> {
  const { entries, findings } = check;
  if (!entries.has(digestPath)) {
    findings.note('package-digest', digestPath, 'there is none: nothing covers datapackage.json');
    return;
  }
  findings.examined('package-digest');
  const bytes = await document(digestPath, 'package-digest', check);
  const parsed = digestFile.safeParse(bytes === null ? null : json(bytes));
  if (!parsed.success) {
    findings.fault('package-digest', digestPath, 'it has no path and hash');
    return;
  }
  const hash = `sha256:${createHash('sha256').update(packageBytes).digest('hex')}`;
  if (parsed.data.path !== packagePath) {
    findings.fault('package-digest', digestPath, `it is about ${parsed.data.path}`);
  }
  if (parsed.data.hash !== hash) {
    findings.fault(
      'package-digest',
      digestPath,
      `datapackage.json has ${hash}, not ${parsed.data.hash}`,
    );
  }
  if (parsed.data.signedData === undefined) {
    findings.note('signature', digestPath, 'it is not signed');
    return;
  }
  await checkSignature(parsed.data.signedData, { hash, created }, check.trust, findings);
}

const pagesHead = z.object({
  format: z.literal('json-pages-1.0'),
  id: z.string(),
  title: z.string(),
});
const page = z.object({ url: z.string().min(1), ts: z.string() });

export interface ListedPage {
  subject: string;
  url: string;
  /** As it stands; a time that can be read. */
  ts: string;
}

/** @returns the pages, for the index to be asked about */
export async function checkPages({
  entries,
  limits,
  findings,
}: PackageCheck): Promise<ListedPage[]> {
  const pages: ListedPage[] = [];
  for (const entry of entries.values()) {
    if (!/^pages\/[^/]+\.jsonl$/.test(entry.path)) continue;
    let first = true;
    try {
      for await (const { subject, bytes } of linesOf(entry.path, entry.content(), limits)) {
        findings.examined('pages');
        const value = json(bytes);
        if (first) {
          first = false;
          if (!pagesHead.safeParse(value).success) {
            findings.fault(
              'pages',
              subject,
              'the first line is not {"format":"json-pages-1.0","id":…,"title":…}',
            );
          }
          continue;
        }
        const parsed = page.safeParse(value);
        if (!parsed.success) {
          findings.fault('pages', subject, 'a page without url and ts');
        } else if (Number.isNaN(Date.parse(parsed.data.ts))) {
          findings.fault('pages', subject, `ts is not a valid time: ${parsed.data.ts}`);
        } else {
          pages.push({ ...parsed.data, subject });
          if (pages.length > limits.records)
            throw new OverLimit(`more than ${limits.records} pages`);
        }
      }
    } catch (error) {
      if (error instanceof OverLimit) throw error;
      findings.fault('zip', entry.path, `it can't be read (${(error as Error).message})`);
    }
    if (first) findings.fault('pages', entry.path, 'it is empty');
  }
  return pages;
}

async function document(
  path: string,
  box: 'package' | 'package-digest',
  { entries, limits, findings }: PackageCheck,
): Promise<Buffer | null> {
  const entry = entries.get(path);
  if (entry === undefined) {
    findings.fault(box, path, 'it is not there');
    return null;
  }
  if (entry.sizeBytes > limits.documentBytes)
    throw new OverLimit(`${path} has ${entry.sizeBytes} bytes`);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of entry.content()) chunks.push(Buffer.from(chunk));
  } catch (error) {
    if (error instanceof OverLimit) throw error;
    findings.fault('zip', path, `it can't be read (${(error as Error).message})`);
    return null;
  }
  return Buffer.concat(chunks);
}

function json(bytes: Buffer): unknown {
  return jsonIn(bytes.toString('utf8'));
}
