/**
 * Whether the files of a zip are all that it holds. Bytes that its directory does not lead to are
 * seen by readers that go without it: another package could lie there.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Findings } from './findings.ts';

/** Where one file of the zip begins, with its header, and ends. */
export interface Span {
  start: number;
  end: number;
  path: string;
  /** Its lengths follow its bytes, in a descriptor. */
  described: boolean;
}

/** Where the directory lies, and where what ends the zip begins. */
interface Directory {
  start: number;
  end: number;
  endRecords: number;
}

const endRecordBytes = 22;
const locatorBytes = 20;
/** With or without a signature, with lengths of four or eight bytes. */
const descriptorBytes = new Set([12, 16, 20, 24]);

/** @param commentBytes of the comment behind the end record */
export async function checkGaps(
  file: FileHandle,
  spans: Span[],
  { sizeBytes, commentBytes }: { sizeBytes: number; commentBytes: number },
  findings: Findings,
): Promise<void> {
  const { start, end, endRecords } = await directoryOf(file, sizeBytes - commentBytes);
  const directory = { start, end, path: '', described: false };
  let covered = 0;
  let described = false;
  for (const span of [...spans.toSorted((a, b) => a.start - b.start), directory]) {
    const isDescriptor = described && descriptorBytes.has(span.start - covered);
    if (span.start > covered && !isDescriptor) fault(covered, span.start, findings);
    covered = Math.max(covered, span.end);
    described = span.described;
  }
  if (endRecords !== end) fault(end, endRecords, findings);
  if (commentBytes > 0)
    findings.note('zip', 'the zip itself', `it has a comment of ${commentBytes} bytes`);
}

async function directoryOf(file: FileHandle, end: number): Promise<Directory> {
  const at = end - endRecordBytes;
  const plain = await readAt(file, at, endRecordBytes);
  const [size, start] = [plain.readUInt32LE(12), plain.readUInt32LE(16)];
  if (size !== 0xffffffff && start !== 0xffffffff && plain.readUInt16LE(10) !== 0xffff)
    return { start, end: start + size, endRecords: at };
  // APPNOTE 4.3.14 and 4.3.15: a larger record, and where to find it.
  const locator = await readAt(file, at - locatorBytes, locatorBytes);
  const place = Number(locator.readBigUInt64LE(8));
  const wide = await readAt(file, place, 56);
  const from = Number(wide.readBigUInt64LE(48));
  const isWhole = place + 12 + Number(wide.readBigUInt64LE(4)) + locatorBytes === at;
  const endOfIt = from + Number(wide.readBigUInt64LE(40));
  return { start: from, end: endOfIt, endRecords: isWhole ? place : at };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  if (position >= 0) await file.read(bytes, 0, length, position);
  return bytes;
}

function fault(from: number, to: number, findings: Findings): void {
  const message = `bytes ${from} to ${to} belong to no file that its directory names; readers that go without it see them`;
  findings.fault('zip', 'the zip itself', message);
}
