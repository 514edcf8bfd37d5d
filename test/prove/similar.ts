/**
 * Copies are found again whatever was done to them, and nothing else is: the edits of
 * re-uploaders on sample videos, each looked for in an index full of strangers.
 *
 * Each second of each original is indexed as a shot frame is, and so is asked for the same
 * second of the edited copy. The trimmed clips are asked for as videos.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withoutKeys } from '../../scripts/bench/similar.ts';
import type { Database } from '../../src/catalog/database.ts';
import { hashesOf, indexFile, type NewFingerprint } from '../../src/catalog/fingerprints.ts';
import { matchRadius, nearHashes } from '../../src/catalog/similar.ts';
import {
  asWords,
  dihedralNames,
  hashFromHex,
  leastQuality,
  pdqOfLuma64,
  wordDistance,
} from '../../src/fingerprint/pdq.ts';
import {
  alongTrack,
  isQuarter,
  matchesAmong,
  type Near,
  shareOfIndexed,
} from '../../src/fingerprint/scoring.ts';
import type { ViewHash } from '../../src/fingerprint/view-hashes.ts';
import { framesToHash } from '../../src/media/keyframes/frames-to-hash.ts';
import { openPictures } from '../../src/media/pictures/pictures.ts';
import { type HashedFrame, hashFrames } from '../../src/pipeline/copies/picture-views.ts';
import { testDatabase } from '../support/database.ts';
import { havePdqFixtures, pdqFolder } from '../support/pdq-fixtures.ts';
import type { Proof, ProofRun } from './proof.ts';

export { havePdqFixtures };

const run = promisify(execFile);
const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const never = new AbortController().signal;
const encoder = ['-an', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const logo = 'drawbox=x=iw*0.76:y=ih*0.02:w=iw*0.22:h=ih*0.08:color=red:t=fill';

interface Edit {
  name: string;
  filter: string;
  crf?: number;
  /** Share of moments that must be found again. */
  least: number;
  /** Among those that are run when the proof is reduced. */
  reduced?: true;
}

const edits: Edit[] = [
  { name: 're-encoded, crf 35', filter: 'null', crf: 35, least: 0.95 },
  { name: 'half size', filter: 'scale=iw/2:ih/2', least: 0.95 },
  { name: 'brighter, more contrast', filter: 'eq=brightness=0.1:contrast=1.2', least: 0.95 },
  { name: 'mirrored', filter: 'hflip', least: 0.95 },
  ...[5, 10, 15, 20].map((percent) => centreCrop(percent)),
  ...[5, 10, 15, 20].flatMap((percent) => cornerCrops(percent)),
  { name: 'cut to 1:1', filter: "crop='min(iw,ih)':'min(iw,ih)'", least: 0.95 },
  { name: 'cut to 4:5', filter: "crop='min(iw,ih*4/5)':'min(ih,iw*5/4)'", least: 0.95 },
  { name: 'cut to 9:16', filter: "crop='min(iw,ih*9/16)':'min(ih,iw*16/9)'", least: 0.95 },
  { name: 'cut to 16:9', filter: "crop='min(iw,ih*16/9)':'min(ih,iw*9/16)'", least: 0.95 },
  {
    name: 'bars above and below',
    filter: 'pad=iw:ih*1.25:0:(oh-ih)/2',
    least: 0.95,
    reduced: true,
  },
  { name: 'bars on the sides', filter: 'pad=iw*1.6:ih:(ow-iw)/2:0', least: 0.95 },
  { name: 'logo 22 x 8 %', filter: logo, least: 0.85 },
  {
    name: 'caption below',
    filter: 'drawbox=y=ih*0.85:w=iw:h=ih*0.15:color=black:t=fill',
    least: 0.85,
  },
  { name: 'caption above', filter: 'drawbox=y=0:w=iw:h=ih*0.15:color=white:t=fill', least: 0.85 },
  {
    name: 'crop 10 %, logo, 360p, crf 34',
    filter: `crop=iw*.9:ih*.9,${logo},scale=-2:360`,
    crf: 34,
    least: 0.6,
    reduced: true,
  },
];

function centreCrop(percent: number): Edit {
  const keep = 1 - percent / 100;
  const edit = {
    name: `crop ${percent} % centre`,
    filter: `crop=iw*${keep}:ih*${keep}`,
    least: 0.95,
  };
  return percent === 10 ? { ...edit, reduced: true } : edit;
}

function cornerCrops(percent: number): Edit[] {
  const keep = 1 - percent / 100;
  return [
    { name: `crop ${percent} % top left`, filter: `crop=iw*${keep}:ih*${keep}:0:0`, least: 0.95 },
    {
      name: `crop ${percent} % bottom right`,
      filter: `crop=iw*${keep}:ih*${keep}:iw:ih`,
      least: 0.95,
    },
  ];
}

/** Two scenes by hand-held camera, three files. */
const samples = ['chair-orig-22-sd-bar', 'pattern-sd-grey-bar', 'pattern-hd-no-bar'];
/** What belongs to another scene: nothing of it may be found in the first. */
const scenes = [
  ['chair-orig-22-sd-bar', 'chair-19-sd-bar', 'chair-22-sd-grey-bar'],
  ['pattern-hd-no-bar', 'pattern-sd-grey-bar'],
];
const fullRandom = 1_000_000;

/** Size: percent of the full number of strangers; under 100 also fewer edits. */
export const proof: Proof = {
  fullSize: 100,
  async prove(run) {
    await using ground = await openGround(run);
    await withEdits(ground, run);
    await withTrimmedClips(ground, run);
    await withStrangers(ground, run);
  },
};

interface Ground extends AsyncDisposable {
  folder: string;
  /** Of each sample, so many. */
  seconds: number;
  database: Database;
  /** By video: its frames, one a second. */
  originals: Map<string, HashedFrame[]>;
  fileIds: Map<string, string>;
}

async function openGround({ size, say }: ProofRun): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-prove-similar-'));
  const { database, close } = await testDatabase();
  const ground: Ground = {
    folder,
    seconds: size < 100 ? 3 : 10,
    database,
    originals: new Map(),
    fileIds: new Map(),
    [Symbol.asyncDispose]: async () => {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await addStrangers(database, Math.round((fullRandom * size) / 100));
  const names = size < 100 ? samples.slice(1, 2) : samples;
  for (const name of names) {
    const frames = await everySecond(ground, join(pdqFolder, `vpdq/videos/${name}.mp4`), name);
    ground.originals.set(name, frames);
    const hashes = frames.flatMap(({ atMs, indexed }) =>
      indexed.map((hash) => ({ ...hash, atMs })),
    );
    ground.fileIds.set(name, await indexed(ground, hashes));
    say(`${name}: ${frames.length} moments, ${hashes.length} hashes of views`);
  }
  return ground;
}

async function addStrangers(database: Database, count: number): Promise<void> {
  await indexFile(database, { sha256: '0'.repeat(64), kind: 'video', trackSha256: null }, []);
  await withoutKeys(database, async () => {
    await database.query(
      `insert into fingerprints (file_id, at_ms, view, quality, hash)
       select 1, n, 'full', 100, ('x' || encode(sha256(('stranger' || n)::bytea), 'hex'))::bit(256)
       from generate_series(1, $1::integer) n`,
      [count],
    );
  });
}

async function indexed({ database }: Ground, hashes: NewFingerprint[]): Promise<string> {
  const digest = createHash('sha256');
  for (const { hash } of hashes) digest.update(hash);
  const sha256 = digest.digest('hex');
  await indexFile(database, { sha256, kind: 'video', trackSha256: null }, hashes);
  const { rows } = await database.query<{ id: string }>(
    'select id::text from fingerprinted_files where sha256 = $1',
    [sha256],
  );
  return rows[0]?.id ?? '';
}

/** The views of one frame in each second, at the same moments in an original and in its copy. */
async function everySecond(ground: Ground, path: string, name: string): Promise<HashedFrame[]> {
  const folder = join(ground.folder, name.replaceAll(/\W+/g, '-'));
  await mkdir(folder, { recursive: true });
  const select = "select='isnan(prev_selected_t)+gt(floor(t),floor(prev_selected_t))'";
  await run('ffmpeg', [
    '-v',
    'error',
    '-t',
    String(ground.seconds),
    '-i',
    path,
    '-vf',
    select,
    '-fps_mode',
    'passthrough',
    join(folder, '%04d.png'),
  ]);
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'format=duration',
    '-of',
    'csv=p=0',
    path,
  ]);
  const files = Array.from(
    { length: Math.min(Math.ceil(Number(stdout)), ground.seconds) },
    (_, second) => ({
      path: join(folder, `${String(second + 1).padStart(4, '0')}.png`),
      atMs: second * 1000,
    }),
  );
  await using pictures = openPictures(never);
  return await hashFrames(pictures, await present(files), never);
}

async function present(files: { path: string; atMs: number }[]) {
  const found = await Promise.all(
    files.map((file) =>
      readFile(file.path).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}

async function withEdits(ground: Ground, { size, say }: ProofRun): Promise<void> {
  for (const edit of edits.filter(({ reduced }) => size >= 100 || reduced)) {
    let [found, of, strange] = [0, 0, 0];
    for (const [name, original] of ground.originals) {
      const path = await edited(ground, name, edit);
      const copy = await everySecond(ground, path, `${name} ${edit.name}`);
      for (const frame of copy.slice(0, original.length)) {
        const matches = await matchesOf(ground.database, frame.asked);
        of += 1;
        const own = new Set([...ground.fileIds.values()]);
        if (
          matches.some(
            ({ fileId, atMs }) => fileId === ground.fileIds.get(name) && near(atMs, frame.atMs),
          )
        )
          found += 1;
        strange += matches.filter(({ fileId }) => !own.has(fileId)).length;
      }
    }
    const share = found / of;
    say(
      `${edit.name.padEnd(32)} ${(share * 100).toFixed(0).padStart(3)} % of ${of} moments found again, ${strange} strangers`,
    );
    assert.ok(share >= edit.least, `${edit.name}: ${share} is less than ${edit.least}`);
    assert.equal(strange, 0, `${edit.name}: found ${strange} that are no copies`);
  }
}

function near(a: number | null, b: number | null): boolean {
  return Math.abs((a ?? 0) - (b ?? 0)) <= 1000;
}

async function edited(
  { folder, seconds }: Ground,
  name: string,
  { name: words, filter, crf = 26 }: Edit,
): Promise<string> {
  const path = join(folder, `${name}-${words.replaceAll(/\W+/g, '-')}.mp4`);
  const even = "scale='trunc(iw/2)*2':'trunc(ih/2)*2',setsar=1";
  const input = join(pdqFolder, `vpdq/videos/${name}.mp4`);
  await run('ffmpeg', [
    '-v',
    'error',
    '-t',
    String(seconds),
    '-i',
    input,
    '-vf',
    `${filter},${even}`,
    ...encoder,
    '-crf',
    String(crf),
    path,
  ]);
  return path;
}

/** The thorough search, as for a picture: every view, and the whole ones turned too. */
async function matchesOf(database: Database, views: ViewHash[]) {
  const questions = views
    .filter(({ quality }) => quality >= leastQuality)
    .flatMap(({ view, dihedral }) =>
      (isQuarter(view) ? dihedralNames.slice(0, 1) : dihedralNames).map((turned) => ({
        view,
        turned,
        hash: dihedral[turned],
      })),
    );
  const found = await nearHashes(
    database,
    questions.map(({ hash }) => hash),
    'all',
  );
  const byFile = Map.groupBy(found, ({ fileId }) => fileId);
  return [...byFile].flatMap(([fileId, hits]) => {
    const nears: Near[] = hits.map(({ asked, fileId: _, ...hit }) => ({
      ...hit,
      askedAtMs: 0,
      askedView: questions[asked]?.view ?? '',
      turned: questions[asked]?.turned ?? 'original',
    }));
    return matchesAmong(nears).map((match) => ({ ...match, fileId }));
  });
}

/** A piece from the middle, at another phase and re-encoded, compared frame by frame. */
async function withTrimmedClips(ground: Ground, { say }: ProofRun): Promise<void> {
  for (const name of ground.originals.keys()) {
    const input = join(pdqFolder, `vpdq/videos/${name}.mp4`);
    const path = join(ground.folder, `${name}-trimmed.mp4`);
    const [fromSeconds, seconds] = [1.37, 4];
    await run('ffmpeg', [
      '-v',
      'error',
      '-i',
      input,
      '-ss',
      String(fromSeconds),
      '-t',
      String(seconds),
      ...encoder,
      '-crf',
      '30',
      path,
    ]);
    const indexedFrames = (await track(ground, input, `${name}-all`)).filter(
      (frame, index, all) =>
        Math.floor(frame.atMs / 1000) !== Math.floor((all[index - 1]?.atMs ?? -1) / 1000),
    );
    const within = indexedFrames
      .filter(
        ({ atMs }) => atMs >= fromSeconds * 1000 && atMs <= (fromSeconds + seconds) * 1000 - 40,
      )
      .map((frame) => ({ ...frame, view: 'full' }));
    const matches = await alongTrack(
      within,
      await track(ground, path, `${name}-trim`),
      'original',
      matchRadius,
    );
    const { share, found, of } = shareOfIndexed(within, matches);
    say(`${name} trimmed, other phase: ${found} of ${of} indexed frames found again`);
    assert.ok(share >= 0.95, `${name}: ${share} of indexed frames`);
  }
}

async function track({ folder }: Ground, path: string, name: string) {
  const scratch = join(folder, name);
  await mkdir(scratch, { recursive: true });
  const frames: { atMs: number; quality: number; hash: Uint8Array }[] = [];
  const { track: blocks } = await framesToHash(tools, path, scratch, never);
  for await (const { atMs, luma } of blocks()) frames.push({ atMs, ...pdqOfLuma64(luma) });
  return frames;
}

/** Real-shaped strangers: every view of frames of one scene against every view of another, and hashes shuffled. */
async function withStrangers(ground: Ground, { size, say }: ProofRun): Promise<void> {
  let [pairs, nearest] = [0, 256];
  const viewsOf = (name: string) =>
    (ground.originals.get(name) ?? []).flatMap(({ indexed: views }) => views);
  const [chairs = [], patterns = []] = scenes.map((names) => names.flatMap(viewsOf));
  const telling = (views: ViewHash[]) =>
    views.filter(({ quality }) => quality >= leastQuality).map(({ hash }) => hash);
  const [some, others] = [asWords(telling(chairs)), asWords(telling(patterns))];
  for (let i = 0; i < some.length / 8; i++) {
    for (let j = 0; j < others.length / 8; j++)
      nearest = Math.min(nearest, wordDistance(some, i, others, j));
    pairs += others.length / 8;
  }
  if (pairs > 0) {
    say(`${pairs} pairs of views of different scenes: the nearest lie ${nearest} apart`);
    assert.ok(nearest > matchRadius, `two different scenes lie ${nearest} apart`);
  }
  await amongRealShapes(ground, Math.round(100_000 * (size / 100)), say);
}

/**
 * Real hashes are not spread evenly. These have the bits of real ones: each joins the rows
 * of two different frames, so that it is the hash of neither.
 */
async function amongRealShapes(
  ground: Ground,
  count: number,
  say: (line: string) => void,
): Promise<void> {
  const lines = (await readFile(join(pdqFolder, 'hashlists/haystack.txt'), 'utf8'))
    .trim()
    .split('\n');
  const real = lines.map((line) => hashFromHex(line.slice(0, 64)));
  const shaped = Array.from({ length: count }, (_, n) => {
    const [a, b] = [
      real[n % real.length],
      real[Math.floor(n / real.length + n * 7 + 1) % real.length],
    ];
    return {
      atMs: n,
      view: 'full',
      quality: 100,
      hash: joined(a ?? new Uint8Array(32), b ?? new Uint8Array(32)),
    };
  });
  const shapedId = await indexed(ground, shaped);
  let [asked, strange] = [0, 0];
  const own = new Set(ground.fileIds.values());
  for (const frames of ground.originals.values()) {
    for (const { asked: views } of frames) {
      const matches = await matchesOf(ground.database, views);
      asked += 1;
      strange += matches.filter(({ fileId }) => !own.has(fileId)).length;
    }
  }
  const { length } = await hashesOf(ground.database, shapedId);
  say(
    `${asked} pictures asked among ${length} real-shaped and ${await strangers(ground)} random hashes: ${strange} strangers found`,
  );
  assert.equal(strange, 0);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => (index % 4 < 2 ? byte : (b[index] as number)));
}

async function strangers({ database }: Ground): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    'select count(*)::integer as count from fingerprints where file_id = 1',
  );
  return rows[0]?.count ?? 0;
}
