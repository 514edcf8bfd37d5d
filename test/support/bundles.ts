/** Bundles in tests: written, checked, and altered by one who knows how to make the lists fit again. */
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStoredBundle } from '../../src/seal/verify/bundle/stored-bundle.ts';
import {
  type BundleFinding,
  count,
  newTally,
  type Verdict,
  verdictOf,
} from '../../src/seal/verify/findings.ts';
import {
  type BundleQuestion,
  plainQuestion,
  verifyBundle,
} from '../../src/seal/verify/verify-bundle.ts';

export interface Answer {
  verdict: Verdict;
  faults: BundleFinding[];
  findings: BundleFinding[];
  warnings: string[];
}

export async function verified(
  path: string,
  question: Partial<BundleQuestion> = {},
): Promise<Answer> {
  await using bundle = await openStoredBundle(path);
  const findings: BundleFinding[] = [];
  const tally = newTally();
  for await (const finding of verifyBundle(bundle.files, { ...plainQuestion, ...question })) {
    findings.push(finding);
    count(tally, finding);
  }
  const faults = findings.filter(({ result }) => result === 'invalid' || result === 'incomplete');
  return { verdict: verdictOf(tally), faults, findings, warnings: tally.warnings };
}

/** Makes the lists of a bag fit its files again, as a forger would. */
export async function listAnew(folder: string): Promise<void> {
  const payload = (await readdir(join(folder, 'data'), { recursive: true })).map(
    (path) => `data/${path}`,
  );
  const files: string[] = [];
  for (const path of payload.sort())
    if ((await stat(join(folder, path))).isFile()) files.push(path);
  for (const algorithm of ['sha256', 'sha512']) {
    const lines = await Promise.all(
      files.map(async (path) => `${await digest(join(folder, path), algorithm)}  ${path}\n`),
    );
    await writeFile(join(folder, `manifest-${algorithm}.txt`), lines.join(''));
  }
  const tags: string[] = [];
  for (const name of (await readdir(folder)).sort())
    if (name !== 'tagmanifest-sha256.txt' && (await stat(join(folder, name))).isFile())
      tags.push(name);
  const lines = await Promise.all(
    tags.map(async (path) => `${await digest(join(folder, path), 'sha256')}  ${path}\n`),
  );
  await writeFile(join(folder, 'tagmanifest-sha256.txt'), lines.join(''));
}

async function digest(path: string, algorithm: string): Promise<string> {
  return createHash(algorithm)
    .update(await readFile(path))
    .digest('hex');
}

/** A copy that may be altered. */
export async function copyOf(folder: string, name: string): Promise<string> {
  const copy = `${folder}-${name}`;
  await rm(copy, { recursive: true, force: true });
  await cp(folder, copy, { recursive: true });
  return copy;
}

export async function flipBit(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  const place = at % (bytes.length * 8);
  bytes[place >> 3] = (bytes[place >> 3] ?? 0) ^ (1 << (place & 7));
  await rm(path);
  await writeFile(path, bytes);
}

export async function edit(path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(path, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`nothing was changed in ${path}`);
  await writeFile(path, after);
}
