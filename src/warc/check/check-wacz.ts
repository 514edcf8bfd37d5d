/**
 * Checks a web archive in the WACZ format, whoever made it: the package, its archives record by
 * record, its index line by line. Nothing here is shared with what writes such files, so a fault
 * of the writer can't hide in the checker.
 */
import { checkIndex, checkIndexed } from './check-index.ts';
import { checkLinks, checkPageLists } from './check-lists.ts';
import { checkPackage, checkPages } from './check-package.ts';
import { checkMainPage, checkPageTimes, timesOf } from './check-pages.ts';
import { checkWarc } from './check-warc.ts';
import { noTrust, type Trust } from './domain-signature.ts';
import { type BoxResult, type Finding, Findings } from './findings.ts';
import { GzipError } from './gzip-member.ts';
import { checkBlocks, inflated, linesOf } from './index-lines.ts';
import { Budget, type CheckLimits, limitsFor, OverLimit } from './limits.ts';
import { PackageFacts } from './package-facts.ts';
import { openFile, openZip, type StoredBytes, type ZipEntry, ZipError } from './zip.ts';

export interface WaczReport {
  /** Every box, in order. */
  boxes: BoxResult[];
  /** Faults and notes, at most 100 of each a box; `boxes` has the whole counts. */
  findings: Finding[];
  faults: number;
}

/** What a pass means, and what it does not. */
export const waczStatement =
  'A pass shows that the package is complete and unchanged since it was packed and, if it is signed, by which key; if a domain signed it, that an authority gave that key a certificate for the domain, and that the signature existed at the time of its time stamp. It does not show who holds a key that no certificate names, whether a certificate was revoked, or that any site served what is in it.';

/** Streams through the file; memory grows with the number of records, not with their size. */
export async function checkWacz(
  path: string,
  signal: AbortSignal,
  { trust = noTrust, ...limits }: Partial<CheckLimits> & { trust?: Trust } = {},
): Promise<WaczReport> {
  const findings = new Findings();
  const { file, sizeBytes } = await openFile(path);
  const allowed = { ...limitsFor(sizeBytes), ...limits };
  const budget = new Budget(allowed.inflatedBytes);
  try {
    await using zip = await openZip(file, sizeBytes, allowed, budget, findings);
    await look({ entries: zip.entries, limits: allowed, budget, trust, findings, signal });
  } catch (error) {
    if (!(error instanceof ZipError || error instanceof OverLimit)) throw error;
    findings.fault('zip', path, `${error.message}; it was not looked at further`);
  } finally {
    await file.close();
  }
  return { boxes: findings.results(), findings: findings.list, faults: findings.faults };
}

interface Look {
  entries: Map<string, ZipEntry>;
  limits: CheckLimits;
  budget: Budget;
  trust: Trust;
  findings: Findings;
  signal: AbortSignal;
}

async function look(check: Look): Promise<void> {
  const { entries, limits, budget, findings, signal } = check;
  const facts = new PackageFacts();
  const mainPage = await checkPackage(check);
  const pages = await checkPages(check);
  checkMainPage(mainPage, pages, findings);
  const archives = archivesOf(entries, findings);
  for (const [path, bytes] of archives) {
    await checkWarc({ path, bytes }, limits, budget, facts, findings, signal);
  }
  checkLinks(facts, findings);
  checkPageLists(facts, findings);
  const times = timesOf(pages);
  for (const entry of entries.values()) {
    if (!entry.path.startsWith('indexes/')) continue;
    await indexFile(entry, times, { ...check, archives, facts });
  }
  checkIndexed({ facts, findings });
  checkPageTimes(pages, times, findings);
}

/** Archives are read from any place, so they must not be deflated. */
function archivesOf(entries: Map<string, ZipEntry>, findings: Findings): Map<string, StoredBytes> {
  const archives = new Map<string, StoredBytes>();
  for (const entry of entries.values()) {
    if (!/^archive\/|\.cdxj?\.gz$/.test(entry.path)) continue;
    findings.examined('zip-stored');
    const bytes = entry.bytes();
    if (bytes === null) {
      findings.fault('zip-stored', entry.path, 'it is deflated; what is in it was not looked at');
    } else if (entry.path.startsWith('archive/')) {
      archives.set(entry.path, bytes);
    }
  }
  return archives;
}

async function indexFile(
  entry: ZipEntry,
  times: ReadonlyMap<string, number[]>,
  check: Look & { archives: Map<string, StoredBytes>; facts: PackageFacts },
): Promise<void> {
  const { entries, limits, budget, findings } = check;
  try {
    if (entry.path.endsWith('.idx')) {
      const compressed = (name: string) => entries.get(`indexes/${name}`)?.bytes() ?? null;
      await checkBlocks(entry, { compressed, limits, budget, findings });
    } else if (entry.path.endsWith('.gz')) {
      if (![...entries.keys()].some((path) => /^indexes\/.*\.idx$/.test(path))) {
        findings.fault('index-form', entry.path, 'a compressed index without an .idx beside it');
      }
      const bytes = entry.bytes();
      if (bytes === null) return;
      await checkIndex(linesOf(entry.path, inflated(bytes, budget), limits), times, check);
    } else if (/\.cdxj?$/.test(entry.path)) {
      await checkIndex(linesOf(entry.path, entry.content(), limits), times, check);
    }
  } catch (error) {
    if (!(error instanceof GzipError || error instanceof ZipError)) throw error;
    const box = error instanceof GzipError ? 'index-form' : 'zip';
    findings.fault(box, entry.path, `${error.message}; the rest was not looked at`);
  }
}
