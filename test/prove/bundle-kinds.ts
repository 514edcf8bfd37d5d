/** Bundles of every kind that Holdfast makes, made up cheaply: none of them may raise anything. */
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { uuidv7 } from 'uuidv7';
import type { Derivation } from '../../src/model/derivation.ts';
import { writeBundle } from '../../src/seal/bundle/write-bundle.ts';
import { writeDerivation } from '../../src/seal/derivation.ts';
import { checkpointText, cosign, signNote, vkeyOf } from '../../src/seal/note-signing.ts';
import type { BundleQuestion } from '../../src/seal/verify/verify-bundle.ts';
import { type MadeUpCapture, MadeUpLog, sha256 } from '../support/made-up-log.ts';
import { provedNote } from '../support/ots-proofs.ts';
import type { TimeStamps } from '../support/timestamps.ts';

export interface MadeBundle {
  path: string;
  log: MadeUpLog;
  question: Partial<BundleQuestion>;
}

export interface Kind {
  name: string;
  origin?: string;
  ending?: '.zip';
  /** Fills a log that has begun. */
  fill(log: MadeUpLog, stamps: TimeStamps): Promise<HandedOver | undefined>;
}

/** Where it is not all captures, with nothing special. */
interface HandedOver {
  captures?: MadeUpCapture[];
  /** More words in the detail of the export. */
  detail?: object;
  question?: Partial<BundleQuestion>;
}

const witness = { name: 'witness.example', key: generateKeyPairSync('ed25519').privateKey };

export async function made(folder: string, stamps: TimeStamps, kind: Kind): Promise<MadeBundle> {
  const log = new MadeUpLog(kind.origin);
  await log.append('viewed', { case: null }, { what: 'the list' });
  await stamped(log, stamps);
  await log.checkpoint();
  const handed = (await kind.fill(log, stamps)) ?? {};
  await stamped(log, stamps);
  const content = await log.content(handed.captures ?? log.captures, stamps.rootPem, handed.detail);
  const path = join(folder, `${kind.name.replaceAll(/\W+/g, '-')}${kind.ending ?? ''}`);
  await writeBundle(path, content);
  const question = { vkeys: [log.vkey], tsaRoots: stamps.rootPem, ...handed.question };
  return { path, log, question };
}

async function stamped(log: MadeUpLog, stamps: TimeStamps): Promise<void> {
  await log.checkpoint();
  await log.stamp(stamps);
}

/** Another key, by a statement that the old one signs. */
async function rotated(log: MadeUpLog): Promise<void> {
  const successor = { name: log.origin, key: generateKeyPairSync('ed25519').privateKey };
  const at = new Date().toISOString();
  const text = `holdfast key rotation\n${log.origin}\nold ${log.vkey}\nnew ${vkeyOf(successor)}\nat ${at}\n`;
  const statement = signNote(text, [log.signer, successor]);
  await log.append('key-rotated', { case: null }, { new: vkeyOf(successor), statement });
}

/** Something made of a capture's first file. */
async function derived(log: MadeUpLog, capture: MadeUpCapture): Promise<void> {
  const bytes = Buffer.from(`made of ${capture.captureId}`);
  const at = new Date().toISOString();
  const subject = capture.files[0]?.sha256 ?? '';
  const name = 'words.txt';
  const file = { name, sha256: sha256(bytes), sizeBytes: bytes.length };
  const written = writeDerivation({
    ...{ schema: 'holdfast.derivation/1', id: uuidv7(), environment: 'live', kind: 'ocr' },
    ...{ subject, inputs: [subject], key: 'a tool', state: 'done', reason: null },
    files: [{ ...file, role: 'ocr', mediaType: 'text/plain', derivedFrom: subject }],
    ...{ arguments: {}, detail: {}, tools: {}, startedAt: at, finishedAt: at },
  } as unknown as Derivation);
  const detail = { manifestSha256: capture.manifestSha256, records: [written.sha256] };
  await log.append('derivation', { targets: [written.sha256] }, detail);
  log.derivations.push({
    ...written,
    files: [{ name, sha256: file.sha256, open: async () => Readable.from([bytes]) }],
  });
}

interface Order {
  type?: 'removal' | 'tombstone';
  changes?: ('ordered' | 'done')[];
  ofCase?: boolean;
}

/** The last file of a capture is ordered to go, and is not handed over. */
async function removed(
  log: MadeUpLog,
  capture: MadeUpCapture,
  { type = 'removal', changes = ['ordered', 'done'], ofCase = true }: Order = {},
): Promise<void> {
  const targets = [capture.files.at(-1)?.sha256 ?? ''];
  for (const change of changes) {
    const detail = { authority: 'a court', reference: '1', change, targets };
    const index = await log.append(type, { targets, ...(ofCase ? {} : { case: null }) }, detail);
    // What belongs to no case may name captures of others, so its detail is never handed over.
    if (!ofCase) log.forgetDetail(index);
  }
  capture.files.pop();
}

/** A line of the witness under the newest checkpoint. */
async function cosigned(log: MadeUpLog): Promise<void> {
  const { origin } = log;
  const checkpoint = await log.checkpoint();
  const text = checkpointText({ ...checkpoint, origin });
  checkpoint.cosignatures.push(cosign(text, witness, new Date()));
}

async function proved(log: MadeUpLog): Promise<void> {
  const { note } = await log.checkpoint();
  await log.addOtsProof((await provedNote(note)).proof, 'a proof');
}

function secretive(log: MadeUpLog): Promise<MadeUpCapture> {
  const files = {
    'page/text.txt': `words of ${log.origin}`,
    'warc/page.restricted': `cookies of ${log.origin}`,
  };
  const contents = Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]);
  return log.capture({}, Object.fromEntries(contents) as Record<string, Buffer>);
}

/** As many captures as an entry has no room for, each of one small file. */
async function sixHundred(log: MadeUpLog): Promise<undefined> {
  for (let number = 0; number < 600; number += 1)
    await log.capture({}, { 'page/text.txt': Buffer.from(`words of ${number}`) });
}

/** Everything that a bundle can hold, in one: what the grammar is tried on. */
export const everything: Kind = {
  name: 'everything',
  async fill(log) {
    await rotated(log);
    const [first] = [await log.capture(), await log.capture()];
    first.webArchive = async () => Readable.from([Buffer.from('a web archive')]);
    await derived(log, first);
    await proved(log);
    await removed(log, await log.capture());
    await secretive(log);
    await log.append('hold', {}, { authority: 'a court' });
    await cosigned(log);
    const question = { witnesses: [vkeyOf(witness, 'witness')] };
    return { detail: { restricted: true, roles: [] }, question };
  },
};

export const manyCaptures: Kind = { name: 'six hundred captures', fill: sixHundred };

/** A kind whose log only lacks one capture, to which something happens. */
function withOne(
  name: string,
  then: (log: MadeUpLog, capture: MadeUpCapture) => Promise<unknown>,
  more: Pick<Kind, 'origin' | 'ending'> & { handed?: HandedOver } = {},
): Kind {
  return {
    name,
    ...more,
    async fill(log) {
      await then(log, await log.capture());
      return more.handed;
    },
  };
}

const nothing = async () => {};

export const untouchedKinds: Kind[] = [
  everything,
  manyCaptures,
  withOne('one capture', nothing),
  withOne('a zip file', (log) => log.capture(), { ending: '.zip' }),
  { ...everything, name: 'a zip file of everything', ending: '.zip' },
  withOne('a capture of nothing', (log) => log.capture({ state: 'failed' }, {})),
  withOne('an empty file', (log) => log.capture({}, { 'page/text.txt': Buffer.of() })),
  withOne('a name in other letters', (log) =>
    log.capture({}, { 'page/naïve 100% ﷺ.txt': Buffer.from('x') }),
  ),
  {
    name: 'a demonstration',
    origin: 'demo.invalid',
    fill: async (log) => void (await log.capture({ environment: 'demo' })),
  },
  withOne('a replaced key', rotated),
  withOne('a witness', cosigned, {
    handed: { question: { witnesses: [vkeyOf(witness, 'witness')] } },
  }),
  withOne('a witness whom nobody asks for', cosigned),
  withOne('a proof in a block', proved),
  withOne('a removal', (log, capture) => removed(log, capture)),
  withOne('a removal under way', (log, capture) => removed(log, capture, { changes: ['ordered'] })),
  withOne('a tombstone', (log, capture) => removed(log, capture, { type: 'tombstone' })),
  withOne('a removal of no case', (log, capture) => removed(log, capture, { ofCase: false })),
  withOne('a removal of no case under way', (log, capture) =>
    removed(log, capture, { ofCase: false, changes: ['ordered'] }),
  ),
  withOne('a derivation', derived),
  {
    name: 'restricted files left out',
    async fill(log) {
      const capture = await secretive(log);
      capture.files.pop();
      return { captures: [capture] };
    },
  },
  withOne('restricted files handed over', secretive, { handed: { detail: { restricted: true } } }),
  withOne('an export before', async (log) => {
    await log.content();
    await log.capture();
  }),
  {
    name: 'some captures of the case',
    async fill(log) {
      const chosen = await log.capture();
      await log.capture();
      return { captures: [chosen] };
    },
  },
  {
    name: 'a checkpoint that the reader kept',
    async fill(log) {
      await log.capture();
      return { question: { earlier: log.checkpoints.map(({ note }) => note) } };
    },
  },
];
