/** One archive of the package, read from its first byte to its last. */
import { ByteReader } from './byte-reader.ts';
import { type ExaminedRecord, examineRecord } from './check-record.ts';
import type { Findings } from './findings.ts';
import { GzipError, GzipMember } from './gzip-member.ts';
import { type Budget, type CheckLimits, OverLimit } from './limits.ts';
import type { PackageFacts } from './package-facts.ts';
import { fieldOf, type RecordHead, WarcError } from './warc-record.ts';
import { inOrder, type StoredBytes } from './zip.ts';

export interface WarcFile {
  /** In the package: `archive/page.warc.gz`. */
  path: string;
  bytes: StoredBytes;
}

/** Reads every record; ends at the first place from which nothing more can be made out. */
export async function checkWarc(
  file: WarcFile,
  limits: CheckLimits,
  budget: Budget,
  facts: PackageFacts,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const reading = { file, limits, budget, facts, findings, signal };
  try {
    if ((await file.bytes.read(0, 2)).equals(Buffer.from([0x1f, 0x8b]))) await gzipped(reading);
    else await plain(reading);
  } catch (error) {
    if (!(error instanceof WarcError || error instanceof GzipError || error instanceof OverLimit)) {
      throw error;
    }
    const box = error instanceof GzipError ? 'warc-members' : 'warc-form';
    const last = facts.lastPlace(file.path);
    const where = last === null ? 'at its start' : `behind the record at byte ${last}`;
    findings.fault(box, file.path, `${error.message} (${where}); the rest was not looked at`);
  }
}

interface Reading {
  file: WarcFile;
  limits: CheckLimits;
  budget: Budget;
  facts: PackageFacts;
  findings: Findings;
  signal: AbortSignal;
}

async function gzipped(reading: Reading): Promise<void> {
  const { file, budget, findings, signal } = reading;
  for (let offset = 0; offset < file.bytes.sizeBytes; ) {
    signal.throwIfAborted();
    findings.examined('warc-members');
    const member = new GzipMember(file.bytes, offset, budget);
    const reader = new ByteReader(member.content());
    try {
      const first = await examine(reader, reading, offset);
      if (first === null) throw new WarcError('an empty gzip member');
      for (let count = 1; !(await reader.atEnd()); count += 1) {
        if (count === 1) {
          findings.fault('warc-members', at(file, offset), 'a gzip member holds several records');
        }
        await examine(reader, reading, null);
      }
      const { end } = member;
      if (end === null) throw new GzipError('the member has no end');
      listRecord(reading, first, offset, end - offset, true);
      offset = end;
    } finally {
      await reader.close();
    }
  }
}

async function plain(reading: Reading): Promise<void> {
  const reader = new ByteReader(inOrder(reading.file.bytes));
  try {
    for (;;) {
      reading.signal.throwIfAborted();
      const offset = reader.position;
      const record = await examine(reader, reading, offset);
      if (record === null) return;
      listRecord(reading, record, offset, reader.position - offset, false);
    }
  } finally {
    await reader.close();
  }
}

async function examine(
  reader: ByteReader,
  { file, limits, findings, facts }: Reading,
  offset: number | null,
): Promise<ExaminedRecord | null> {
  const subjectOf = (head: RecordHead) =>
    `${at(file, offset)} ${fieldOf(head, 'warc-type') ?? ''} ${fieldOf(head, 'warc-target-uri') ?? ''}`.trim();
  const record = await examineRecord(reader, subjectOf, limits, findings);
  if (record === null) return null;
  if (facts.records >= limits.records) throw new OverLimit(`more than ${limits.records} records`);
  if (offset === 0 && record.type !== 'warcinfo') {
    findings.note('warc-form', file.path, `the first record is ${record.type}, not warcinfo`);
  }
  const twice = facts.add(record, subjectOf(record.head));
  if (twice)
    findings.fault('warc-form', subjectOf(record.head), `a second record is called ${record.id}`);
  return record;
}

function listRecord(
  { file, facts }: Reading,
  record: ExaminedRecord,
  offset: number,
  length: number,
  compressed: boolean,
): void {
  facts.place(file.path, offset, {
    length,
    compressed,
    // An answer that came to nothing can stay out of the index without harm.
    mustBeIndexed:
      (record.type === 'response' && !(record.truncated && record.bodySizeBytes === 0)) ||
      record.type === 'revisit',
    indexed: false,
  });
}

function at(file: WarcFile, offset: number | null): string {
  return offset === null ? file.path : `${file.path}@${offset}`;
}
