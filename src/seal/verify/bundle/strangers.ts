/**
 * What has no place in a bundle, and what has one without being covered by the log. A file that
 * nothing names could be anybody's; a link or a pipe is not what it seems once it is unpacked.
 */
import { type BundleFinding, finding } from '../findings.ts';
import type { BundleFiles } from './files.ts';
import type { TrustedCheckpoints } from './log.ts';
import type { LogFacts } from './log-facts.ts';
import { bagFiles, cosignedName, otsName, paths, tokenName } from './paths.ts';

export interface Vouched {
  facts: LogFacts;
  checkpoints: TrustedCheckpoints;
  /** Paths that manifests, records and proofs vouch for. */
  known: ReadonlySet<string>;
  /** Paths in the folder of keys and roots. */
  trust: ReadonlySet<string>;
  /** Whether any of it is a demonstration. */
  isDemo: boolean;
}

export function* verifyStrangers(files: BundleFiles, vouched: Vouched): Generator<BundleFinding> {
  for (const { path, what } of files.others())
    yield finding('file', path, 'invalid', `${what}: it has no place in a bundle`);
  const covered = pathsOfLog(vouched);
  for (const path of files.sizes().keys()) {
    if (covered.has(path) || isOverCheckpoint(path, vouched)) continue;
    const role = uncoveredRole(path, vouched);
    yield role === null
      ? finding('file', path, 'invalid', strangerIn(path))
      : finding('file', path, 'note', `${role}, not covered by the log`);
  }
}

/** What the log, or what it covers, vouches for. */
function pathsOfLog({ facts, checkpoints, known }: Vouched): ReadonlySet<string> {
  return new Set([
    ...known,
    ...bagFiles.filter((path) => path !== 'bag-info.txt'),
    paths.entries,
    ...facts.places.map(({ index }) => paths.proof(index)),
    ...[...facts.details].map(paths.detail),
    ...checkpoints.map(({ size }) => paths.checkpoint(size)),
  ]);
}

/** Tokens and proofs of time: what is in them was looked at, whether it was right or not. */
function isOverCheckpoint(path: string, { checkpoints }: Vouched): boolean {
  const size = (tokenName.exec(path) ?? otsName.exec(path))?.[1];
  return checkpoints.some((one) => one.size === Number(size));
}

/** In words, what an uncovered file is for; `null` for one that has no place here. */
function uncoveredRole(
  path: string,
  { checkpoints, known, trust, isDemo }: Vouched,
): string | null {
  if (path === 'bag-info.txt') return 'describes the bag';
  const forReading = [paths.readme, paths.report, paths.printedReport, paths.certificate];
  if (forReading.some((one) => one === path)) return 'made for reading';
  if (path === paths.demonstration && isDemo) return 'made for reading';
  const [, captureId = ''] = /^data\/captures\/([^/]+)\/capture\.wacz$/.exec(path) ?? [];
  if (captureId !== '' && known.has(paths.manifest(captureId))) return 'made for reading';
  if (trust.has(path)) return 'there for convenience';
  const size = Number(cosignedName.exec(path)?.[1] ?? Number.NaN);
  if (checkpoints.some((one) => one.size === size)) return 'signed by others, if at all';
  return null;
}

function strangerIn(path: string): string {
  return path === paths.demonstration
    ? 'calls this a demonstration, which nothing here is'
    : 'nothing here names this file: nothing vouches for it';
}
