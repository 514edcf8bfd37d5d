/**
 * The grammar of tamperings of a bundle: which file × which change × lists left or made to fit;
 * what is added where; and what an insider does who holds key and log.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { listAnew } from '../support/bundles.ts';
import type { Tampering } from './tampering.ts';

const run = promisify(execFile);

/** A copy of a bundle, and one of another log. */
export interface Attackable {
  folder: string;
  stranger: string;
}

export type BundleTampering = Tampering<Attackable>;

interface Place {
  name: string;
  /** Of the paths of the bundle: which one it is about. */
  pattern: RegExp;
  /** Why a change of it is not told where the lists fit. */
  notFindable?: string;
  /** The changes of which that holds; all of them where none is named. */
  only?: string[];
}

const reading = 'the log does not cover it, and verify lists it as not covered';
const lists = 'it is a list that was made anew';

/** Every kind of file that a bundle holds. */
const places: Place[] = [
  { name: 'bagit.txt', pattern: /^bagit\.txt$/ },
  { name: 'bag-info.txt', pattern: /^bag-info\.txt$/, notFindable: reading },
  { name: 'first list', pattern: /^manifest-sha256\.txt$/, notFindable: lists },
  { name: 'second list', pattern: /^manifest-sha512\.txt$/, notFindable: lists },
  { name: 'list of lists', pattern: /^tagmanifest-sha256\.txt$/, notFindable: lists },
  { name: 'README', pattern: /README\.txt$/, notFindable: reading },
  { name: 'report', pattern: /report\.html$/, notFindable: reading },
  { name: 'draft of a certificate', pattern: /902-draft\.txt$/, notFindable: reading },
  { name: 'web archive', pattern: /capture\.wacz$/, notFindable: reading },
  {
    name: 'names of keys',
    pattern: /vkey\.txt$/,
    notFindable: reading,
    only: ['dropped', 'emptied'],
  },
  {
    name: 'public key',
    pattern: /log-key-.*\.pem$/,
    notFindable: reading,
    only: ['dropped'],
  },
  { name: 'roots', pattern: /tsa-roots\.pem$/, notFindable: reading },
  { name: 'entries', pattern: /entries\.jsonl$/ },
  { name: 'proof of inclusion', pattern: /\.tlog-proof$/ },
  { name: 'first checkpoint', pattern: /checkpoints\/\d+\.note$/ },
  { name: 'timestamp', pattern: /\.tst$/ },
  { name: 'proof in a block', pattern: /\.ots$/ },
  { name: 'line of a witness', pattern: /\.cosigned$/ },
  { name: 'proof of consistency', pattern: /consistency\/.*\.txt$/ },
  { name: 'manifest', pattern: /captures\/[^/]+\/capture\.json$/ },
  { name: 'text of a page', pattern: /files\/page\/text\.txt$/ },
  { name: 'original', pattern: /files\/media\/1\.original\.mp4$/ },
  { name: 'restricted file', pattern: /\.restricted$/ },
  { name: 'record of a derivation', pattern: /derivation\.json$/ },
  { name: 'derived file', pattern: /derivations\/.*\/files\/words\.txt$/ },
];

/** Details have digests for names: which is which stands in them. */
const details = ['export', 'derivation', 'removal', 'timestamped', 'hold', 'key-rotated', 'viewed'];

interface Change {
  name: string;
  apply(path: string, target: Attackable): Promise<void>;
}

const changes: Change[] = [
  { name: 'dropped', apply: (path) => rm(path) },
  { name: 'one bit changed', apply: (path) => rewrite(path, flipped) },
  {
    name: 'cut in half',
    apply: (path) => rewrite(path, (bytes) => bytes.subarray(0, bytes.length >> 1)),
  },
  { name: 'emptied', apply: (path) => rewrite(path, () => Buffer.of()) },
  {
    name: 'a line appended',
    apply: (path) => rewrite(path, (bytes) => Buffer.concat([bytes, Buffer.from('one more\n')])),
  },
  { name: 'made a link', apply: linked },
];

/** In the middle, a low bit: a letter becomes another letter. */
function flipped(before: Buffer): Buffer {
  const bytes = Buffer.from(before);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

async function rewrite(path: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(path, change(await readFile(path)));
}

/** To the same bytes elsewhere, which may be exchanged later. */
async function linked(path: string, { folder }: Attackable): Promise<void> {
  const aside = join(dirname(folder), 'aside');
  await rename(path, aside);
  await symlink(aside, path);
}

export async function pathsIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  const files: string[] = [];
  for (const path of all.sort()) if ((await stat(join(folder, path))).isFile()) files.push(path);
  return files;
}

async function pathOf(
  { folder }: Attackable,
  { pattern }: Pick<Place, 'pattern'>,
): Promise<string> {
  const path = (await pathsIn(folder)).find((one) => pattern.test(one));
  if (path === undefined) throw new Error(`the bundle holds nothing like ${pattern}`);
  return path;
}

async function detailOf({ folder }: Attackable, what: string): Promise<string> {
  const type = what === 'export' ? 'exported' : what;
  const lines = (await readFile(join(folder, 'data/log/entries.jsonl'), 'utf8')).split('\n');
  const line = lines.filter(Boolean).findLast((one) => JSON.parse(one).type === type) ?? '{}';
  return `data/log/details/${JSON.parse(line).detail_sha256}.json`;
}

const fits = ['lists left as they were', 'lists made to fit'] as const;

/** Which file × which change × lists. */
function* changedFiles(): Generator<BundleTampering> {
  for (const fit of fits)
    for (const change of changes) {
      for (const place of places) {
        // What is made anew is as it was.
        if (place.notFindable === lists && fit === 'lists made to fit') continue;
        yield changed(place, change, fit);
      }
      for (const what of details)
        yield tampering(`detail of ${what}: ${change.name}`, fit, null, async (target) =>
          change.apply(join(target.folder, await detailOf(target, what)), target),
        );
    }
}

function changed(place: Place, change: Change, fit: (typeof fits)[number]): BundleTampering {
  const { notFindable = null, only = [change.name] } = place;
  const isUntold =
    fit === 'lists made to fit' && change.name !== 'made a link' && only.includes(change.name);
  const reason = isUntold ? notFindable : null;
  return tampering(`${place.name}: ${change.name}`, fit, reason, async (target) =>
    change.apply(join(target.folder, await pathOf(target, place)), target),
  );
}

function tampering(
  name: string,
  fit: (typeof fits)[number],
  notFindable: string | null,
  apply: (target: Attackable) => Promise<void>,
): BundleTampering {
  return {
    name: `${name}, ${fit}`,
    notFindable,
    async apply(target) {
      await apply(target);
      if (fit === 'lists made to fit') await listAnew(target.folder);
    },
  };
}

const folders = [
  '',
  'data',
  'data/log',
  'data/log/details',
  'data/log/proofs',
  'data/log/checkpoints',
  'data/log/consistency',
  'data/trust',
  'data/captures',
  'data/derivations',
];

/** Something that is not ours × where it is put. */
function* strangers(): Generator<BundleTampering> {
  for (const folder of folders) {
    const where = folder === '' ? 'the root' : folder;
    for (const name of ['index.html', 'opinion.pdf', 'more.pem', '.hidden'])
      yield added(
        `${name} in ${where}`,
        async (at) => writeFile(join(at, name), 'not ours'),
        folder,
      );
    yield added(`a folder in ${where}`, (at) => mkdir(join(at, 'see the annex')), folder);
    yield added(`a link in ${where}`, (at) => symlink('/etc/passwd', join(at, 'link')), folder);
    yield added(
      `a pipe in ${where}`,
      async (at) => void (await run('mkfifo', [join(at, 'pipe')])),
      folder,
    );
  }
}

function added(
  name: string,
  add: (at: string) => Promise<unknown>,
  folder: string,
): BundleTampering {
  return tampering(`added ${name}`, 'lists made to fit', null, async (target) => {
    await add(join(target.folder, folder));
  });
}

/** Files that are ours, and belong elsewhere. */
function* exchanged(): Generator<BundleTampering> {
  for (const { name, pattern, notFindable } of places) {
    if (name !== 'public key' && (notFindable !== undefined || name === 'bagit.txt')) continue;
    yield tampering(`${name}: that of another log`, 'lists made to fit', null, async (target) => {
      const path = await pathOf(target, { pattern });
      const other = (await pathsIn(target.stranger)).findLast((one) => pattern.test(one)) ?? '';
      await cp(join(target.stranger, other), join(target.folder, path));
    });
  }
  for (const [name, pattern] of [
    ['manifests', /captures\/[^/]+\/capture\.json$/],
    ['checkpoints', /checkpoints\/\d+\.note$/],
    ['timestamps', /\.tst$/],
    ['proofs of inclusion', /\.tlog-proof$/],
    ['details', /details\/.*\.json$/],
    ['proofs of consistency', /consistency\/.*\.txt$/],
  ] as const)
    yield tampering(`two ${name} exchanged`, 'lists made to fit', null, async ({ folder }) => {
      const [one = '', other = ''] = (await pathsIn(folder)).filter((path) => pattern.test(path));
      const bytes = await readFile(join(folder, one));
      await cp(join(folder, other), join(folder, one));
      await writeFile(join(folder, other), bytes);
    });
}

/** Lines of the entries, with their proofs where they have to go along. */
function* reordered(): Generator<BundleTampering> {
  const edits: [string, (lines: string[]) => string[]][] = [
    ['the first', (lines) => lines.slice(1)],
    ['the last', (lines) => lines.slice(0, -1)],
    ['one in the middle', (lines) => lines.filter((_, at) => at !== lines.length >> 1)],
    ['all but the first three', (lines) => lines.slice(0, 3)],
    ['every entry of the case', (lines) => lines.filter((line) => line.includes('"case":null'))],
  ];
  for (const [which, edit] of edits)
    yield tampering(
      `entries lost with their proofs: ${which}`,
      'lists made to fit',
      null,
      ({ folder }) => keepEntries(folder, edit),
    );
  yield tampering('two entries exchanged', 'lists made to fit', null, async ({ folder }) => {
    await rewrite(join(folder, 'data/log/entries.jsonl'), (bytes) => {
      const [first = '', second = '', ...rest] = bytes.toString().split('\n');
      return Buffer.from([second, first, ...rest].join('\n'));
    });
  });
  const untold = 'verify names the stamps that there are, and says what is not stamped';
  yield tampering(
    'a timestamp lost with all that records it',
    'lists made to fit',
    untold,
    loseStamp,
  );
  yield tampering('an entry twice', 'lists made to fit', null, async ({ folder }) => {
    await rewrite(join(folder, 'data/log/entries.jsonl'), (bytes) =>
      Buffer.concat([bytes.subarray(0, bytes.indexOf(10) + 1), bytes]),
    );
  });
}

async function loseStamp({ folder }: Attackable): Promise<void> {
  const token = (await pathsIn(folder)).find((path) => path.endsWith('.tst')) ?? '';
  const digest = createHash('sha256').update(await readFile(join(folder, token)));
  const sha256 = digest.digest('hex');
  await rm(join(folder, token));
  await keepEntries(folder, (lines) => lines.filter((line) => !line.includes(sha256)));
  const entries = await readFile(join(folder, 'data/log/entries.jsonl'), 'utf8');
  for (const name of await readdir(join(folder, 'data/log/details')))
    if (!entries.includes(name.replace('.json', '')))
      await rm(join(folder, 'data/log/details', name));
}

async function keepEntries(folder: string, keep: (lines: string[]) => string[]): Promise<void> {
  const path = join(folder, 'data/log/entries.jsonl');
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean);
  const kept = new Set(keep(lines));
  const proofs = (await readdir(join(folder, 'data/log/proofs'))).sort();
  for (const [at, line] of lines.entries())
    if (!kept.has(line)) await rm(join(folder, 'data/log/proofs', proofs[at] ?? ''));
  await writeFile(
    path,
    lines
      .filter((line) => kept.has(line))
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** Folders as a whole. */
function* moved(): Generator<BundleTampering> {
  const captures = 'data/captures';
  const idsOf = async ({ folder }: Attackable) => (await readdir(join(folder, captures))).sort();
  const on = (name: string, apply: (target: Attackable, ids: string[]) => Promise<unknown>) =>
    tampering(name, 'lists made to fit', null, async (target) => {
      await apply(target, await idsOf(target));
    });
  const at = ({ folder }: Attackable, id = '') => join(folder, captures, id);
  yield on('a capture dropped', (target, [id]) => rm(at(target, id), { recursive: true }));
  yield on('every capture dropped', ({ folder }) =>
    rm(join(folder, captures), { recursive: true }),
  );
  yield on('a capture under another id', (target, [id]) =>
    rename(at(target, id), at(target, '01890000-0000-7000-8000-000000000000')),
  );
  yield on('a capture twice', (target, [id]) =>
    cp(at(target, id), at(target, '01890000-0000-7000-8000-000000000000'), { recursive: true }),
  );
  yield on('a capture of another log', async (target) => {
    const stranger = { ...target, folder: target.stranger };
    const [id] = await idsOf(stranger);
    await cp(at(stranger, id), at(target, id), { recursive: true });
  });
  yield on('the files of two captures exchanged', async (target, [one, other]) => {
    await rename(join(at(target, one), 'files'), join(target.folder, 'aside'));
    await rename(join(at(target, other), 'files'), join(at(target, one), 'files'));
    await rename(join(target.folder, 'aside'), join(at(target, other), 'files'));
  });
  yield on('a folder of files under another name', (target, [id]) =>
    rename(join(at(target, id), 'files'), join(at(target, id), 'Files')),
  );
  yield on('derivations dropped', ({ folder }) =>
    rm(join(folder, 'data/derivations'), { recursive: true }),
  );
  yield on('the log of another bundle', async ({ folder, stranger }) => {
    await rm(join(folder, 'data/log'), { recursive: true });
    await cp(join(stranger, 'data/log'), join(folder, 'data/log'), { recursive: true });
  });
  yield on('the mark of a demonstration', ({ folder }) =>
    writeFile(join(folder, 'data/DEMONSTRATION.txt'), 'DEMONSTRATION\n'),
  );
  yield on('files elsewhere', ({ folder }) =>
    writeFile(join(folder, 'fetch.txt'), 'https://example.org/x 1 data/x\n'),
  );
}

export function bundleTamperings(): BundleTampering[] {
  return [...changedFiles(), ...strangers(), ...exchanged(), ...reordered(), ...moved()];
}

/** On six hundred captures: each kind of file dropped once, and captures that only the detail of the export names. */
export function tamperingsOfMany(): BundleTampering[] {
  const dropped = (name: string, drop: (target: Attackable) => Promise<unknown>) =>
    tampering(`of 600 captures: ${name} dropped`, 'lists made to fit', null, async (target) => {
      await drop(target);
    });
  const last = async ({ folder }: Attackable) =>
    join(
      folder,
      'data/captures',
      (await readdir(join(folder, 'data/captures'))).sort().at(-1) ?? '',
    );
  const detail = async (target: Attackable) =>
    rm(join(target.folder, await detailOf(target, 'export')));
  return [
    dropped('the last one', async (target) => rm(await last(target), { recursive: true })),
    dropped('the detail of the export', detail),
    dropped('the last one and the detail of the export', async (target) => {
      await rm(await last(target), { recursive: true });
      await detail(target);
    }),
    ...places
      .filter(({ name }) =>
        [
          'entries',
          'proof of inclusion',
          'first checkpoint',
          'timestamp',
          'manifest',
          'text of a page',
        ].includes(name),
      )
      .map((place) =>
        dropped(place.name, async (target) => rm(join(target.folder, await pathOf(target, place)))),
      ),
  ];
}
