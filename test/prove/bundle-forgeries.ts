/** What an insider hands over who holds the key of the log, and what a zip can hide. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleEntry } from '../../src/seal/bundle/bundle-content.ts';
import { writeBundle } from '../../src/seal/bundle/write-bundle.ts';
import type { BundleQuestion } from '../../src/seal/verify/verify-bundle.ts';
import type { MadeUpLog } from '../support/made-up-log.ts';
import type { TimeStamps } from '../support/timestamps.ts';
import { type Kind, made } from './bundle-kinds.ts';
import type { Tampering } from './tampering.ts';

/** Where a forgery is made, and what it is made with. */
export interface Workshop {
  folder: string;
  stamps: TimeStamps;
  /** A zip file of a bundle with everything, and what is asked of it. */
  zip: { path: string; question: Partial<BundleQuestion> };
}

export interface Forged {
  path: string;
  question: Partial<BundleQuestion>;
}

export interface Forgery extends Pick<Tampering<unknown>, 'name' | 'notFindable'> {
  make(workshop: Workshop): Promise<Forged>;
}

const dayMs = 24 * 3_600_000;
const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString();

/** A log of which one thing is a lie from the beginning. */
function lie(name: string, fill: (log: MadeUpLog) => Promise<unknown>): Forgery {
  const kind: Kind = { name, fill: async (log) => void (await fill(log)) };
  return { name, notFindable: null, make: ({ folder, stamps }) => made(folder, stamps, kind) };
}

const lies: Forgery[] = [
  lie('by the key: an entry of three days before', async (log) => {
    await log.append('hold', { at: inDays(-3) });
    await log.capture();
  }),
  lie('by the key: an entry of two days from now', async (log) => {
    await log.capture();
    await log.append('hold', { at: inDays(2) });
  }),
  lie('by the key: a capture of a year ago', (log) =>
    log.capture({ startedAt: inDays(-365), finishedAt: inDays(-365) }),
  ),
  lie('by the key: a capture of tomorrow', (log) =>
    log.capture({ startedAt: inDays(1), finishedAt: inDays(1) }),
  ),
  lie('by the key: a capture that ended before it began', (log) =>
    log.capture({ startedAt: inDays(0), finishedAt: inDays(-1) }),
  ),
  lie('by the key: a checkpoint that this log never had', (log) =>
    log.capture({
      priorCheckpoint: { origin: log.origin, size: 2, root: 'AAAA', sha256: 'a'.repeat(64) },
    }),
  ),
];

/** An export of one capture, then one of two: only the first is shown. */
async function putBack({ folder, stamps }: Workshop, name: string) {
  let older: Awaited<ReturnType<MadeUpLog['content']>> | undefined;
  const kind: Kind = {
    name: `newer for ${name}`,
    async fill(log) {
      await log.capture();
      await log.checkpoint();
      await log.stamp(stamps);
      older = structuredCloneOf(await log.content(log.captures, stamps.rootPem));
      await log.capture();
      return undefined;
    },
  };
  const { log, question } = await made(folder, stamps, kind);
  if (older === undefined) throw new Error('there was no older export');
  const path = join(folder, `older for ${name}`);
  await writeBundle(path, older);
  return { path, log, question };
}

/** Its lists go on growing in the log. */
function structuredCloneOf<Content extends { captures: unknown; checkpoints: unknown[] }>(
  content: Content,
): Content {
  return {
    ...content,
    captures: [...(content.captures as unknown[])],
    checkpoints: [...content.checkpoints],
  };
}

const older: Forgery[] = [
  {
    name: 'put back to an older export of the case',
    notFindable: 'it is what was handed over then; --earlier or --not-older-than tells it',
    make: (workshop) => putBack(workshop, 'nobody asking'),
  },
  {
    name: 'put back to an older export, against a later checkpoint',
    notFindable: null,
    async make(workshop) {
      const { path, log, question } = await putBack(workshop, 'a checkpoint');
      return {
        path,
        question: { ...question, earlier: [log.checkpoints.at(-1)?.note ?? Buffer.of()] },
      };
    },
  },
  {
    name: 'put back to an older export, against a day',
    notFindable: null,
    async make(workshop) {
      const { path, question } = await putBack(workshop, 'a day');
      return { path, question: { ...question, notOlderThan: new Date(Date.now() + dayMs) } };
    },
  },
  {
    name: 'put back to an older export, under the newest checkpoint',
    notFindable: null,
    async make({ folder, stamps }) {
      const whole = await made(folder, stamps, {
        name: 'whole before the cut',
        async fill(log) {
          await log.capture();
          await log.content();
          await log.capture();
          return undefined;
        },
      });
      const { log, question } = whole;
      const content = await log.assemble(
        log.captures.slice(0, 1),
        stamps.rootPem,
        log.entries.length - 1,
      );
      const entries = content.entries as BundleEntry[];
      const cut = entries.findLastIndex(({ bytes }) => String(bytes).includes('"capture"'));
      const path = join(folder, 'cut under the newest checkpoint');
      await writeBundle(path, { ...content, entries: entries.slice(0, cut) });
      return { path, question };
    },
  },
];

/** The zip file of a bundle, whose list at the end stays a good one. */
function inZip(name: string, change: (bytes: Buffer) => Buffer): Forgery {
  return {
    name: `zip file: ${name}`,
    notFindable: null,
    async make({ folder, zip }) {
      const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.zip`);
      await writeFile(path, change(await readFile(zip.path)));
      return { path, question: zip.question };
    },
  };
}

const endBytes = 22;
const listOf = (bytes: Buffer) => bytes.readUInt32LE(bytes.length - endBytes + 16);

/** Something between the last file and the list, which moves. */
function hidden(bytes: Buffer, more: Buffer): Buffer {
  const list = listOf(bytes);
  const changed = Buffer.concat([bytes.subarray(0, list), more, bytes.subarray(list)]);
  changed.writeUInt32LE(list + more.length, changed.length - endBytes + 16);
  return changed;
}

/** In the entry of the list for README.txt. */
function inList(bytes: Buffer, change: (bytes: Buffer, at: number) => void): Buffer {
  const changed = Buffer.from(bytes);
  const name = changed.lastIndexOf(Buffer.from('/data/README.txt'));
  change(changed, changed.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'), name));
  return changed;
}

const zips: Forgery[] = [
  inZip('the whole file twice', (bytes) => Buffer.concat([bytes, bytes])),
  inZip('bytes before it', (bytes) => Buffer.concat([Buffer.from('#!/bin/sh\n'), bytes])),
  inZip('bytes behind it', (bytes) => Buffer.concat([bytes, Buffer.from('more')])),
  inZip('another file that the list does not name', (bytes) =>
    hidden(bytes, bytes.subarray(0, 200)),
  ),
  inZip('a comment behind it', (bytes) => {
    const changed = Buffer.concat([bytes, Buffer.from('a comment')]);
    changed.writeUInt16LE(9, bytes.length - 2);
    return changed;
  }),
  inZip('a file that unpacks as a link', (bytes) =>
    inList(bytes, (list, at) => list.writeUInt32LE(0o120777 * 2 ** 16, at + 38)),
  ),
  inZip('a file that unpacks as a pipe', (bytes) =>
    inList(bytes, (list, at) => list.writeUInt32LE(0o010644 * 2 ** 16, at + 38)),
  ),
  inZip('another name in the header of a file', (bytes) => {
    const changed = Buffer.from(bytes);
    changed.write('/data/README.exe', changed.indexOf(Buffer.from('/data/README.txt')));
    return changed;
  }),
  inZip('a file that claims more bytes', (bytes) =>
    inList(bytes, (list, at) => list.writeUInt32LE(list.readUInt32LE(at + 24) + 1, at + 24)),
  ),
];

export const forgeries: Forgery[] = [...lies, ...older, ...zips];
