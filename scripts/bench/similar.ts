/**
 * Searching a million fingerprints on the embedded database, with the settings that it has,
 * against reading all of them and counting bits. And what hashing one picture costs,
 * against decoding and resizing it.
 *
 * BENCH_FINGERPRINTS sets how many are in the index.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { insertArtifacts } from '../../src/catalog/artifacts.ts';
import { type Database, openDatabase } from '../../src/catalog/database.ts';
import { indexFile } from '../../src/catalog/fingerprints.ts';
import { migrate } from '../../src/catalog/migrate.ts';
import { nearHashes, type Thoroughness } from '../../src/catalog/similar.ts';
import { ensureEmbedded } from '../../src/embedded/embedded.ts';
import { hashToHex, pdqOfRgb } from '../../src/fingerprint/pdq.ts';
import { openPictures } from '../../src/media/pictures/pictures.ts';
import { askedOf } from '../../src/pipeline/copies/asked.ts';
import { findSimilar } from '../../src/pipeline/copies/similar.ts';
import { open } from '../../test/support/catalog.ts';
import { silent } from '../../test/support/database.ts';
import { type Bench, type BenchRun, inWords, median, percentile, timePairs } from './bench.ts';

const fullSize = Number(process.env.BENCH_FINGERPRINTS ?? 1_000_000);
const batch = 100_000;
const framesInFile = 50;
const searches = 320;

export const bench: Bench = {
  async measure(run) {
    await measurePicture(run);
    await measureSearch(fullSize, run);
  },
};

/** @returns 95 % of searches are answered within so many ms, with this recall */
async function measureSearch(size: number, run: BenchRun) {
  await using opened = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'holdfast-bench-similar-'));
  opened.defer(() => rm(home, { recursive: true, force: true }));
  const server = await ensureEmbedded(home);
  opened.defer(() => server.release());
  const database = await openDatabase({
    connection: server.connection,
    schema: 'holdfast',
    max: 1,
  });
  opened.defer(() => database.close());
  await migrate(database, silent);
  await fill(database, size, run.say);
  await saySettings(database, run.say);
  const found = {
    all: await timeSearches(database, size, 'all', run),
    probe: await timeSearches(database, size, 'probe', run),
    exact: await timeSearches(database, size, 'exact', run),
  };
  await againstReadingAll(database, size, run);
  return { ...found, clip: await timeClip(database, run) };
}

async function fill(database: Database, size: number, say: (line: string) => void): Promise<void> {
  await database.query(
    `insert into fingerprinted_files (sha256, kind, method, made_at)
     select encode(sha256(('file' || n)::bytea), 'hex'), 'video', 'bench', now()
     from generate_series(1, $1::integer) n`,
    [Math.ceil(size / framesInFile)],
  );
  const startedAt = performance.now();
  await withoutKeys(database, async () => {
    for (let from = 0; from < size; from += batch) {
      await database.query(
        `insert into fingerprints (file_id, at_ms, view, quality, hash)
         select n / $3::integer + 1, n % $3::integer * 1000, 'full', 100, ${hashOfRow}
         from generate_series($1::integer, $2::integer) n`,
        [from, Math.min(from + batch, size) - 1, framesInFile],
      );
    }
  });
  const seconds = (performance.now() - startedAt) / 1000;
  say(`${size} random hashes with their keys in ${seconds.toFixed(0)} s`);
}

/** Keys are built after the rows, as a restore would: one by one they take longer. */
export async function withoutKeys(database: Database, work: () => Promise<void>): Promise<void> {
  const { rows: keys } = await database.query<{ name: string; made: string }>(
    `select indexname as name, indexdef as made from pg_indexes
     where schemaname = current_schema() and tablename = 'fingerprints'`,
  );
  for (const { name } of keys) await database.query(`drop index ${name}`);
  await work();
  for (const { made } of keys) await database.query(made);
  await database.query('vacuum (analyze) fingerprints');
}

/** Random, and known without asking: that of row n. */
const hashOfRow = `('x' || encode(sha256(('frame' || n)::bytea), 'hex'))::bit(256)`;

async function saySettings(database: Database, say: (line: string) => void): Promise<void> {
  const { rows } = await database.query<{ table: string; keys: string; settings: string }>(
    `select pg_size_pretty(pg_table_size('fingerprints')) as table,
       pg_size_pretty(pg_indexes_size('fingerprints')) as keys,
       (select string_agg(name || ' ' || current_setting(name), ', ')
        from unnest(array['server_version', 'shared_buffers', 'io_method', 'work_mem', 'jit',
          'max_parallel_workers_per_gather']) name) as settings`,
  );
  say(`table ${rows[0]?.table}, keys ${rows[0]?.keys}; embedded database: ${rows[0]?.settings}`);
}

/** A hash of the index with 0 to 31 bits changed, all distances alike often. */
async function planted(database: Database, size: number, count: number) {
  const numbers = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * size) / count));
  const { rows } = await database.query<{ hash: string }>(
    `select encode(sha256(('frame' || n)::bytea), 'hex') as hash
     from unnest($1::integer[]) with ordinality as row (n, place) order by place`,
    [numbers],
  );
  return rows.map(({ hash }, i) => ({
    hash: changed(Buffer.from(hash, 'hex'), i % 32),
    fileId: String(Math.floor((numbers[i] ?? 0) / framesInFile) + 1),
  }));
}

function changed(hash: Uint8Array, bits: number): Uint8Array {
  const result = Uint8Array.from(hash);
  const places = new Set<number>();
  while (places.size < bits) places.add((randomBytes(1)[0] as number) & 255);
  for (const bit of places) result[bit >> 3] = (result[bit >> 3] as number) ^ (1 << (bit & 7));
  return result;
}

async function timeSearches(
  database: Database,
  size: number,
  thoroughness: Thoroughness,
  { say }: BenchRun,
) {
  const questions = await planted(database, size, searches);
  for (const { hash } of questions.slice(0, 32)) await nearHashes(database, [hash], thoroughness);
  const times: number[] = [];
  const processor: number[] = [];
  let found = 0;
  const processorMs = await serverClock(database);
  for (const { hash, fileId } of questions) {
    const [startedAt, before] = [performance.now(), processorMs()];
    const near = await nearHashes(database, [hash], thoroughness);
    times.push(performance.now() - startedAt);
    processor.push(processorMs() - before);
    if (near.some((hit) => hit.fileId === fileId)) found += 1;
  }
  const [p50Ms, p95Ms] = [median(times), percentile(times, 0.95)];
  const p95ProcessorMs = percentile(processor, 0.95);
  const recall = found / questions.length;
  say(
    `${thoroughness.padEnd(5)} within 31: median ${p50Ms.toFixed(2)} ms, 95 % below ${p95Ms.toFixed(2)} ms (processor time of the server: ${median(processor).toFixed(2)}, ${p95ProcessorMs.toFixed(2)} ms), recall ${recall.toFixed(3)} of ${questions.length}`,
  );
  return { p50Ms, p95Ms, p95ProcessorMs, recall };
}

/** Processor time of the one connection's server process: on a busy machine, waiting is not work. */
async function serverClock(database: Database): Promise<() => number> {
  const { rows } = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
  const path = `/proc/${rows[0]?.pid}/schedstat`;
  if (!existsSync(path)) return () => Number.NaN;
  return () => Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6;
}

async function againstReadingAll(database: Database, size: number, { pairs, say }: BenchRun) {
  const [question] = await planted(database, size, 1);
  const hash = question?.hash ?? new Uint8Array(32);
  const readAll = () =>
    database.query(
      `select file_id, at_ms from fingerprints where bit_count(hash # ('x' || $1)::bit(256)) <= 31`,
      [hashToHex(hash)],
    );
  const times = await timePairs(pairs, readAll, () => nearHashes(database, [hash], 'all'));
  say(`all, against reading all hashes: ${inWords(times)}`);
}

/** A clip of 60 s at 30 frames a second: one that is held, and one that is not. */
async function timeClip(database: Database, { pairs, say }: BenchRun) {
  const seconds = 60;
  const held = Array.from({ length: seconds }, () => Uint8Array.from(randomBytes(32)));
  const sha256 = randomBytes(32).toString('hex');
  const indexed = held.map((hash, i) => ({ atMs: i * 1000, view: 'full', quality: 100, hash }));
  await indexFile(database, { sha256, kind: 'video', trackSha256: null }, indexed);
  const [captureId = ''] = await open(database, {});
  const original = { role: 'media.original' as const, name: 'media/1.mp4', mediaType: 'video/mp4' };
  await insertArtifacts(database, captureId, 'media', [
    { ...original, sizeBytes: 1, sha256, derivedFrom: null },
  ]);
  const copy = await timeAsked(database, trackLike(held), pairs, 1);
  const stranger = held.map(() => Uint8Array.from(randomBytes(32)));
  const none = await timeAsked(database, trackLike(stranger), pairs, 0);
  const inMs = (time: typeof copy) =>
    `${time.ms.toFixed(0)} ms (processor time ${time.processorMs.toFixed(0)} ms)`;
  say(
    `a clip of ${seconds} s, 1800 frames: ${inMs(copy)} where it is held, ${inMs(none)} where not`,
  );
  return { copy, none };
}

/** A moving camera: each frame some bits further from the one that is in the index. */
function trackLike(seconds: Uint8Array[]) {
  return seconds.flatMap((hash, second) =>
    Array.from({ length: 30 }, (_, frame) => ({
      atMs: second * 1000 + Math.round((frame * 1000) / 30),
      quality: 100,
      hash: changed(hash, Math.min(8 + frame * 6, 120)),
    })),
  );
}

async function timeAsked(
  database: Database,
  track: ReturnType<typeof trackLike>,
  pairs: number,
  expected: number,
): Promise<{ ms: number; processorMs: number }> {
  const processor: number[] = [];
  const times: number[] = [];
  const processorMs = await serverClock(database);
  for (let i = 0; i < pairs; i++) {
    const [startedAt, own, before] = [performance.now(), process.cpuUsage(), processorMs()];
    const found = await findSimilar(database, askedOf([], track));
    const { user, system } = process.cpuUsage(own);
    times.push(performance.now() - startedAt);
    processor.push(processorMs() - before + (user + system) / 1000);
    if (found.length !== expected) throw new Error(`${found.length} files found, not ${expected}`);
  }
  return { ms: median(times), processorMs: median(processor) };
}

/** A photograph-sized JPEG: decoding and resizing it, against its fingerprint from file to hash. */
async function measurePicture({ pairs, say }: BenchRun): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-picture-'));
  try {
    const path = join(folder, 'picture.jpg');
    await sharp(noisyRaster(1920, 1080), { raw: { width: 1920, height: 1080, channels: 3 } })
      .blur(2)
      .jpeg({ quality: 88 })
      .toFile(path);
    const resize = () =>
      sharp(path).resize(512, 512, { fit: 'fill', fastShrinkOnLoad: false }).raw().toBuffer();
    await using pictures = openPictures(new AbortController().signal);
    const fingerprint = async () => pdqOfRgb(await pictures.pixels(path));
    await resize();
    for (let i = 0; i < 10; i++) await fingerprint();
    say(
      `fingerprint of a 1920x1080 JPEG, against decoding and resizing it: ${inWords(await timePairs(pairs * 4, resize, fingerprint))}`,
    );
    const pixels = await pictures.pixels(path);
    const hash = () => Promise.resolve(pdqOfRgb(pixels));
    say(`hashing alone, against the same: ${inWords(await timePairs(pairs * 4, resize, hash))}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function noisyRaster(width: number, height: number): Buffer {
  const raster = randomBytes(width * height * 3);
  for (let i = 0; i < raster.length; i++) raster[i] = ((raster[i] as number) + (i >> 12)) & 255;
  return raster;
}
