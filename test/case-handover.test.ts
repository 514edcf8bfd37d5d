/** A case handed over: every capture of its sources, vouched for, and nothing of any other case. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closedCapturesOfCase } from '../src/catalog/cases.ts';
import { entriesOfCase, entriesOfType, type LogEntryRow } from '../src/catalog/log-entries.ts';
import { recordStep } from '../src/catalog/steps.ts';
import { readLinks } from '../src/links/read-links.ts';
import { findNamed } from '../src/pipeline/answers/find.ts';
import { removeByOrder } from '../src/pipeline/custody/removal.ts';
import { deriveCapture } from '../src/pipeline/derive/derive-capture.ts';
import { exportBundle } from '../src/pipeline/export/bundle.ts';
import { exportFiles } from '../src/pipeline/export/files.ts';
import { submitLinks, type Terms } from '../src/pipeline/intake/submit.ts';
import { storePlan } from '../src/pipeline/plan-file.ts';
import { fileNamed } from '../src/pipeline/requests/file.ts';
import { writeBundle } from '../src/seal/bundle/write-bundle.ts';
import { publicKeys } from '../src/seal/keys.ts';
import { readManifest } from '../src/seal/manifest.ts';
import { pseudonymFor } from '../src/seal/pseudonyms.ts';
import { paths } from '../src/seal/verify/bundle/paths.ts';
import { stageRun, type TestArchive, testArchive } from './support/archive.ts';
import { copyOf, listAnew, verified } from './support/bundles.ts';
import { attempt } from './support/catalog.ts';
import { MadeUpLog } from './support/made-up-log.ts';

const signal = new AbortController().signal;
const link = (name: string) => `https://example.org/${name}`;
const plain = { by: 'Bridge Person', restricted: false, roles: [], since: [] };

let archive: TestArchive;
let folder: string;
let bundle: string;
let shared: string;
let own: string;
let secret: string;
let vkeys: string[];

beforeAll(async () => {
  archive = await testArchive();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-case-'));
  const { parts } = archive;
  const harbour: Terms = {
    case: 'harbour',
    by: 'Harbour Person',
    tags: ['lighthouse'],
    note: 'ask the pilot',
  };
  secret = await ask('secret', 0, harbour);
  shared = await ask('shared', 1, harbour);
  const note = {
    kind: 'note',
    change: 'added',
    value: 'moored at night',
    by: 'Harbour Person',
  } as const;
  await fileNamed(parts, { ...note, about: [link('shared'), link('secret')] });
  await exportBundle(
    parts,
    [secret],
    join(folder, 'harbour'),
    { ...plain, by: 'Harbour Person' },
    signal,
  );
  await ask('shared', 1, { case: 'bridge', by: 'Bridge Person', tags: ['span'] });
  // The same picture as the secret one: what is made of it says where it was seen before.
  own = await ask('own', 0, { case: 'bridge', by: 'Bridge Person' });
  await fileNamed(parts, {
    ...note,
    value: 'rivets count',
    by: 'Bridge Person',
    about: [link('own')],
  });
  const texts = await Promise.all(
    ['shared', 'secret'].map((name) => parts.vault.put(`the text of ${link(name)}`)),
  );
  const order = { authority: 'a court', reference: '7', reason: null, by: 'Jane Roe' };
  await removeByOrder(parts, {
    ...order,
    captureIds: [],
    sha256s: texts.map(({ sha256 }) => sha256),
  });
  bundle = join(folder, 'bridge');
  const ids = await closedCapturesOfCase(parts.database, 'bridge');
  await exportBundle(parts, ids, bundle, { ...plain, ofCase: 'bridge' }, signal);
  vkeys = (await publicKeys(parts.vault)).map(({ vkey }) => vkey);
}, 120_000);
afterAll(async () => {
  await archive?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Asks for a link; where nobody did before, captures it with a picture, and makes what is made of one. */
async function ask(name: string, picture: number, terms: Terms): Promise<string> {
  const { parts } = archive;
  const [asked] = await submitLinks(parts, readLinks(link(name)), terms);
  const captureId = asked?.captureId ?? '';
  if (asked?.opened !== true) return captureId;
  const text = await parts.vault.put(`the text of ${link(name)}`);
  const bytes = await pictureOf(picture);
  const image = await parts.vault.put(bytes);
  const media = { width: 320, height: 200 };
  await recordStep(parts.database, attempt(captureId, { step: 'page' }), {
    artifacts: [
      await storePlan(parts, {
        ...{ schema: 'holdfast.plan/1', source: asked.key ?? '', platform: 'web', shape: 'page' },
        ...{ steps: [{ name: 'page', required: true }], pages: [], media: [] },
      }),
      { role: 'text', name: 'text.txt', mediaType: 'text/plain', derivedFrom: null, ...text },
      {
        role: 'media.original',
        name: 'media/1.png',
        mediaType: 'image/png',
        derivedFrom: null,
        media,
        ...image,
      },
    ],
  });
  await archive.seal(captureId);
  await deriveCapture(parts, stageRun(captureId));
  return captureId;
}

/** Shapes that nobody would take for each other. */
function pictureOf(number: number): Promise<Buffer> {
  const shapes =
    number === 0
      ? '<circle cx="90" cy="90" r="70" fill="#c33"/><rect x="190" y="30" width="100" height="40" fill="#36c"/>'
      : '<path d="M0 200 L160 10 L320 200Z" fill="#393"/><rect x="10" y="10" width="60" height="30" fill="#fc3"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" height="200" fill="#fff"/>${shapes}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function filesOf(root: string): Promise<string[]> {
  const all = await readdir(root, { recursive: true });
  const kept: string[] = [];
  for (const path of all) if ((await stat(join(root, path))).isFile()) kept.push(path);
  return kept;
}

/** Whatever the log, the catalog and people have of a case: ids, digests, names, words. */
async function everythingOf(name: string, captureIds: string[]): Promise<Set<string>> {
  const { parts } = archive;
  const { database } = parts;
  const caseId = await pseudonymFor(parts, 'case', name);
  const found = new Set([caseId, name]);
  const entries = await entriesOfCase(database, caseId);
  for (const { body, leafHash, detailSha256 } of entries) {
    found.add(leafHash.toString('hex'));
    const detail = detailSha256 && (await parts.vault.readRecord('log-details', detailSha256));
    for (const text of [body.toString(), detail?.toString() ?? ''])
      for (const one of namesIn(text)) found.add(one);
  }
  for (const captureId of captureIds) {
    found.add(captureId);
    const manifest = (await parts.vault.readRecord('manifests', captureId))?.toString() ?? '';
    for (const one of namesIn(manifest)) found.add(one);
  }
  const { rows } = await database.query<{ word: string }>(
    `select unnest(array[id::text, batch_id::text, submitted_by, note] || tags) as word
     from submissions where case_name = $1
     union
     select unnest(array[id::text, by_whom, value]) from filings where case_name = $1`,
    [name],
  );
  for (const { word } of rows) if (word !== null) found.add(word);
  return found;
}

function namesIn(text: string): string[] {
  return text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|[0-9a-f]{32}/g) ?? [];
}

describe('a case that is handed over', () => {
  test('holds every source that find names, and is valid to a stranger', async () => {
    const { parts } = archive;
    const { rows } = await findNamed(parts, { case: 'bridge' });
    const handed = await readdir(join(bundle, 'data/captures'));
    expect(handed.sort()).toEqual(rows.map(({ id }) => id).sort());
    const sources = await Promise.all(
      handed.map(
        async (id) => readManifest(await readFile(join(bundle, paths.manifest(id)))).source,
      ),
    );
    expect(sources.sort()).toEqual(['own', 'shared'].map((name) => `web:${link(name)}`));
    const { faults, verdict, findings } = await verified(bundle, { vkeys });
    expect(faults).toEqual([]);
    expect(verdict).toBe('valid');
    const said = findings.map(({ message }) => message).join('\n');
    expect(said).toMatch(
      /1 capture first kept outside of the case .* nothing is said about the rest of that chain/,
    );
    expect(said).toMatch(/removed by order, as the export says/);
    const made = await readdir(join(bundle, 'data/derivations'));
    expect(made.length).toBeGreaterThan(2);
  });

  test('holds nothing that belongs to another case alone, whatever file one looks into', async () => {
    const { parts } = archive;
    const manifest = await readFile(join(bundle, paths.manifest(shared)), 'utf8');
    const entry = (await readFile(join(bundle, paths.entries), 'utf8'))
      .split('\n')
      .find((line) => line.includes(sha256(Buffer.from(manifest))));
    const foreign = await everythingOf('harbour', [secret]);
    foreign.add(secret);
    foreign.add(link('secret'));
    // Not what details of ours name: where a picture was seen before is not ours.
    for (const ours of await everythingOf('bridge', [own]))
      if (ours !== secret) foreign.delete(ours);
    // Files that both cases hold are both cases'; so are digests that everything has.
    const { rows } = await parts.database.query<{ sha256: string }>(
      `select sha256 from artifacts where capture_id = any($1)
       union select record_sha256 from derivations where subject in (
         select sha256 from artifacts where capture_id = any($1))
       union select derived_files.sha256 from derived_files join derivations on derivations.id = derivation_id
         where subject in (select sha256 from artifacts where capture_id = any($1))`,
      [[own, shared]],
    );
    for (const { sha256: held } of rows) foreign.delete(held);
    const sealed = [...foreign].filter((one) => manifest.includes(one) || entry?.includes(one));
    const isSealed = new Set(sealed);
    const leaked: string[] = [];
    for (const path of await filesOf(bundle)) {
      const text = await readFile(join(bundle, path), 'latin1');
      for (const one of foreign)
        if (!isSealed.has(one) && text.includes(one)) leaked.push(`${path}: ${one}`);
    }
    expect(foreign.size).toBeGreaterThan(20);
    expect(leaked).toEqual([]);
    // What the capture's own manifest and entry say can't be taken out of them.
    const entryJson = JSON.parse(entry ?? '{}') as { case: string; case_prev: string; id: string };
    const { submission, collector } = readManifest(Buffer.from(manifest));
    const known = [
      ...[
        entryJson.case,
        entryJson.case_prev,
        entryJson.id,
        'harbour',
        sha256(Buffer.from(manifest)),
      ],
      ...[submission.id, submission.by, ...submission.tags, submission.note ?? '', shared],
      ...[collector?.id ?? '', 'Harbour Person'],
    ];
    expect(
      sealed.filter((one) => !known.includes(one) && !namesIn(manifest).includes(one)),
    ).toEqual([]);
    expect(sealed).toContain('harbour');
  });

  test('says in words what of it was first kept elsewhere, and what people said of it for this case', async () => {
    for (const path of [paths.readme, paths.report]) {
      const text = (await readFile(join(bundle, path), 'utf8')).replace(/\s+/g, ' ');
      expect(text).toMatch(/1 capture of its sources was first kept outside of this case/);
      expect(text).toMatch(/not for that chain/);
    }
    const report = await readFile(join(bundle, paths.report), 'utf8');
    expect(report).toContain('rivets count');
    expect(report).toContain('tag span');
    expect(report).not.toContain('cases that are not handed over');
    expect(report).not.toMatch(/harbour|lighthouse|pilot|moored/i);
  });

  test('says nothing of other cases in plain files either', async () => {
    const to = join(folder, 'files');
    await exportFiles(archive.parts, shared, to, { ofCase: 'bridge' });
    const record = await readFile(join(to, shared, 'capture.json'), 'utf8');
    expect(JSON.parse(record)).toMatchObject({ cases: ['bridge'], tags: ['span'] });
    expect(record).not.toMatch(/harbour|lighthouse|pilot|moored/i);
  });
});

describe('a case that was cut', () => {
  /** A copy without these files, its lists made to fit. */
  async function without(name: string, cut: (root: string) => Promise<void>): Promise<string> {
    const copy = await copyOf(bundle, name);
    await cut(copy);
    await listAnew(copy);
    return copy;
  }

  const entryAt = async (
    root: string,
    wanted: (entry: LogEntryRow & { case: string }) => boolean,
  ) => {
    const lines = (await readFile(join(root, paths.entries), 'utf8')).split('\n').filter(Boolean);
    const proofs = (await readdir(join(root, 'data/log/proofs'))).sort();
    const at = lines.findIndex((line) => wanted(JSON.parse(line)));
    return { lines, proof: join(root, 'data/log/proofs', proofs[at] ?? ''), at };
  };

  async function cutEntry(root: string, wanted: Parameters<typeof entryAt>[1]): Promise<void> {
    const { lines, proof, at } = await entryAt(root, wanted);
    await rm(proof);
    await writeFile(
      join(root, paths.entries),
      lines
        .toSpliced(at, 1)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  test('is found out by the entry that lacks in its chain', async () => {
    const copy = await without('note', (root) => cutEntry(root, ({ type }) => type === 'noted'));
    const { verdict, faults } = await verified(copy, { vkeys });
    expect(verdict).toBe('invalid');
    expect(faults.map(({ message }) => message).join()).toMatch(/entries were left out/);
  });

  test('is found out where a capture lacks that was first kept elsewhere', async () => {
    const manifest = await readFile(join(bundle, paths.manifest(shared)));
    const copy = await without('shared', async (root) => {
      await rm(join(root, 'data/captures', shared), { recursive: true });
      await cutEntry(root, (entry) => JSON.stringify(entry).includes(sha256(manifest)));
    });
    const { verdict, faults } = await verified(copy, { vkeys });
    expect(verdict).not.toBe('valid');
    expect(faults.map(({ message }) => message).join()).toMatch(
      /1 of its 2 captures not in this bundle/,
    );
  });

  test('is found out where something lacks that was made of such a capture', async () => {
    const { parts } = archive;
    const { rows } = await parts.database.query<{ record: string }>(
      'select unnest(records) as record from derive_jobs where capture_id = $1',
      [shared],
    );
    const copy = await without('derived', (root) =>
      rm(join(root, 'data/derivations', rows[0]?.record ?? ''), { recursive: true }),
    );
    const { verdict, faults } = await verified(copy, { vkeys });
    expect(verdict).toBe('incomplete');
    expect(faults.map(({ message }) => message).join()).toMatch(/its record .* is not supplied/);
  });
});

test('an entry of a case that no export here names has no place in a bundle', async () => {
  const log = new MadeUpLog();
  await log.append('viewed', { case: null });
  await log.checkpoint();
  await log.capture();
  await log.append('viewed', { case: 'f'.repeat(32) });
  const path = join(folder, 'stray');
  await writeBundle(path, await log.content());
  const { verdict, faults } = await verified(path, { vkeys: [log.vkey] });
  expect(verdict).toBe('invalid');
  expect(faults.map(({ message }) => message)).toContainEqual(
    'is of a case that was not handed over, and no export here names it',
  );
});

test('an order over captures of several cases is entered in the chain of none of them', async () => {
  const { parts } = archive;
  const captureIds = [
    await ask('gone', 0, { case: 'harbour' }),
    await ask('gone-too', 1, { case: 'pier' }),
  ];
  const order = { authority: 'a court', reference: '8', reason: null, by: 'Jane Roe' };
  await removeByOrder(parts, { ...order, captureIds, sha256s: [] });
  const entries = await entriesOfType(parts.database, 'removal');
  expect(entries.slice(-2).map(({ caseId }) => caseId)).toEqual([null, null]);
});
