/** Who may import whom, stated once, in plain words. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { everyStage } from '../src/queue/jobs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Source {
  path: string;
  text: string;
  imports: string[];
}

const sources: Source[] = ['src', 'workers', 'scripts'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => read(join(folder, path))),
);

function read(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, target = '']) =>
    target.startsWith('.') ? relative(root, normalize(join(root, dirname(path), target))) : target,
  );
  return { path, text, imports };
}

/** `src/media/tools/probe.ts` → `media`; `src/app.ts` → `app.ts`; others by their top folder. */
function roomOf(path: string): string {
  const [top = '', room = ''] = path.split('/');
  return top === 'src' ? room : top;
}

/** What a file brings with it before it does anything: tools that take long to load, and who loads them. */
function heavy(entry: string): string[] {
  const seen = new Set([entry]);
  for (const path of seen) {
    const text = sources.find((source) => source.path === path)?.text ?? '';
    for (const [, names = '', target = ''] of text.matchAll(
      /^import (?!type)([^;]*?)'([^']+)';$/gms,
    )) {
      if (!/^\{(\s*type [^,}]+,?)+\s*\} from $/.test(names))
        seen.add(
          target.startsWith('.') ? relative(root, join(root, dirname(path), target)) : target,
        );
    }
  }
  const tools = [
    'sharp',
    'playwright',
    'fluent-ffmpeg',
    'file-type',
    'parse5',
    'pkijs',
    'node-pg-migrate',
  ];
  return [...seen].filter((name) => tools.includes(name));
}

/** Every import from one of `from` into one of `into`, as `importer -> imported`. */
function strays(from: string[], into: string[]): string[] {
  return sources
    .filter(({ path }) => from.includes(roomOf(path)))
    .flatMap(({ path, imports }) =>
      imports
        .filter(
          (target) =>
            target.startsWith('src/') ||
            target.startsWith('workers/') ||
            target.startsWith('scripts/'),
        )
        .filter((target) => into.includes(roomOf(target)) && roomOf(target) !== roomOf(path))
        .map((target) => `${path} -> ${target}`),
    );
}

const stageRooms = ['platforms', 'visit', 'recorder', 'browser', 'media', 'seal', 'watch'];
/** One look at a page: each of these only knows the ones before it. */
const pageRooms = ['browser', 'recorder', 'visit'];
const lowerRooms = [
  'egress',
  'vault',
  'catalog',
  'fingerprint',
  'warc',
  'links',
  'search',
  'embedded',
  'queue',
];
const pureRooms = ['links', 'fingerprint', 'search', 'warc'];

/** From custody, which nothing else in the pipeline is needed for, to rebuilding all of it; '' is what they share. */
const pipelineOrder = [
  '',
  'custody',
  'intake',
  'copies',
  'derive',
  'watching',
  'requests',
  'capture',
  'answers',
  'rebuild',
  'verify',
  'export',
];
const sharedFormats = [
  'src/seal/verify/bundle/paths.ts',
  'src/seal/verify/findings.ts',
  'src/seal/verify/formats/merkle.ts',
  'src/seal/verify/formats/note.ts',
  'src/seal/verify/formats/ots-proof.ts',
  'src/seal/verify/warnings.ts',
];

/** `src/pipeline/custody/stamp.ts` → `custody`, `src/pipeline/ask.ts` → ``; null outside the pipeline. */
function pipelineRoomOf(path: string): string | null {
  const [, room] = /^src\/pipeline\/(?:([a-z]+)\/)?[^/]+$/.exec(path) ?? [null, null];
  return path.startsWith('src/pipeline/') ? (room ?? '') : null;
}

describe('the house', () => {
  test('of all of src the public API alone imports the workers, and nothing there a script', () => {
    const rooms = [
      ...new Set(
        sources.filter(({ path }) => path.startsWith('src/')).map(({ path }) => roomOf(path)),
      ),
    ];
    expect(strays(rooms, ['workers', 'scripts'])).toEqual(['src/index.ts -> workers/main.ts']);
  });

  test('the library stands above every room: only the public API imports it', () => {
    const every = [...new Set(sources.map(({ path }) => roomOf(path)))];
    const others = every.filter((room) => !['library', 'index.ts'].includes(room));
    expect(strays(others, ['library', 'index.ts'])).toEqual([]);
    expect(strays(['library'], ['cli', 'index.ts', 'workers', 'scripts'])).toEqual([]);
  });

  test('the pages ask the pipeline and the catalog, and have no SQL of their own', () => {
    const every = [...new Set(sources.map(({ path }) => roomOf(path)))];
    const others = every.filter((room) => !['server', 'cli'].includes(room));
    expect(strays(others, ['server']).filter((line) => !line.startsWith('scripts/'))).toEqual([]);
    expect(strays(['server'], ['cli', 'library', 'workers', 'embedded', 'platforms'])).toEqual([]);
    const withSql = sources
      .filter(({ path, text }) => path.startsWith('src/server/') && /\.query\b.*[`']/.test(text))
      .filter(({ text }) =>
        /\b(?:select|insert|update|delete)\b.+\b(?:from|into|set)\b/i.test(text),
      );
    expect(withSql.map(({ path }) => path)).toEqual([]);
  });

  test('a stage room never imports another stage room', () => {
    // `links` composes each platform's pure identity.ts; that is the one exception, below.
    const between = stageRooms.flatMap((room) => {
      const below = pageRooms.slice(0, Math.max(0, pageRooms.indexOf(room)));
      return strays(
        [room],
        stageRooms.filter((other) => !below.includes(other)),
      );
    });
    expect(between).toEqual([]);
  });

  test('a stage room never knows the queue, the pipeline, the app or the command line', () => {
    const above = ['queue', 'pipeline', 'app.ts', 'index.ts', 'embedded', 'cli'];
    expect(strays(stageRooms, above)).toEqual([]);
  });

  test('base knows nothing of the rest, model only base, config only those two', () => {
    const every = [...new Set(sources.map(({ path }) => roomOf(path)))];
    const besides = (...known: string[]) => every.filter((room) => !known.includes(room));
    expect(strays(['base'], besides())).toEqual([]);
    expect(strays(['model'], besides('base'))).toEqual([]);
    expect(strays(['config'], besides('base', 'model'))).toEqual([]);
  });

  test('the rooms of the pipeline stand in one order, and import only what comes before', () => {
    const found = sources.flatMap(({ path, imports }) => {
      const room = pipelineRoomOf(path);
      if (room === null) return [];
      return imports
        .filter((target) => {
          const other = pipelineRoomOf(target);
          return other !== null && pipelineOrder.indexOf(other) > pipelineOrder.indexOf(room);
        })
        .map((target) => `${path} -> ${target}`);
    });
    expect(found).toEqual([]);
    const rooms = readdirSync(join(root, 'src/pipeline'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(rooms.toSorted()).toEqual(pipelineOrder.filter((room) => room !== '').toSorted());
  });

  test('no folder of src holds more than 25 files, save the catalog with one file a question', () => {
    const folders = Map.groupBy(
      sources.filter(({ path }) => path.startsWith('src/')),
      ({ path }) => dirname(path),
    );
    const crowded = [...folders]
      .filter(([folder, files]) => folder !== 'src/catalog' && files.length > 25)
      .map(([folder]) => folder);
    expect(crowded).toEqual([]);
  });

  test('who checks a seal shares with who writes one only the formats that both speak', () => {
    const writer = /^src\/(seal\/(?!verify\/)|pipeline\/|catalog\/|vault\/)/;
    const found = sources
      .filter(({ path }) => path.startsWith('src/seal/verify/'))
      .flatMap(({ path, imports }) =>
        imports.filter((target) => writer.test(target)).map((target) => `${path} -> ${target}`),
      );
    expect(found).toEqual([]);
    // What the writers take from the verifier is a format; a check that they ran on themselves would prove nothing.
    const borrowed = sources
      .filter(({ path }) => /^src\/seal\/(?!verify\/)/.test(path))
      .flatMap(({ imports }) => imports)
      .filter((target) => target.startsWith('src/seal/verify/'));
    expect([...new Set(borrowed)].toSorted()).toEqual(sharedFormats);
  });

  test('lower rooms never import stage rooms, save that links reads identities', () => {
    const found = strays(lowerRooms, [...stageRooms, 'pipeline', 'app.ts']).filter(
      (line) => !/^src\/links\/.* -> src\/platforms\/([a-z]+\/)?identity\.ts$/.test(line),
    );
    expect(found).toEqual([]);
  });

  test('links, fingerprint, search and warc know nothing of Postgres or the network', () => {
    const found = sources
      .filter(({ path }) => pureRooms.includes(roomOf(path)))
      .flatMap(({ path, imports }) =>
        imports
          .filter(
            (target) =>
              /^(pg|undici|node:(net|http|https|tls|dns))/.test(target) ||
              /^src\/(catalog|egress|vault|queue)\//.test(target),
          )
          .map((target) => `${path} -> ${target}`),
      );
    expect(found).toEqual([]);
  });

  test('what checks a web archive shares no code with what writes one', () => {
    const checker = /^src\/warc\/check\//;
    const found = sources
      .filter(({ path }) => checker.test(path))
      .flatMap(({ path, imports }) =>
        imports
          .filter((target) => target === 'warcio' || /^(src\/|warcio\/)/.test(target))
          .filter((target) => !checker.test(target))
          .map((target) => `${path} -> ${target}`),
      );
    expect(found).toEqual([]);
  });

  test('each outside tool has one home', () => {
    const homes: Record<string, RegExp> = {
      // The bench runs the browser without recorder and door, to compare; nothing else may.
      playwright:
        /^(src\/browser\/browser|scripts\/bench\/capture|scripts\/build-page-pictures)\.ts$/,
      'fluent-ffmpeg': /^src\/media\/tools\/ffmpeg\.ts$/,
      // A measurement holds ours against the bare tool.
      sharp:
        /^(src\/media\/pictures\/inside\/decode|scripts\/bench\/\w+|scripts\/build(-page)?-pictures)\.ts$/,
      bullmq: /^src\/queue\//,
      ioredis: /^src\/queue\//,
      pg: /^src\/catalog\/database\.ts$/,
      pino: /^src\/base\/log\.ts$/,
      commander: /^src\/cli\//,
      hono: /^src\/server\//,
      'hono/html': /^src\/server\/parts\/html\.ts$/,
      '@hono/node-server': /^src\/server\/listen\.ts$/,
    };
    const found = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/^import (?!type )[^;]*? from '([^']+)'|import\('([^']+)'\)/gm)]
        .map(([, fixed, lazy]) => fixed ?? lazy ?? '')
        .filter((target) => homes[target] !== undefined && !homes[target]?.test(path))
        .map((target) => `${path} -> ${target}`),
    );
    expect(found).toEqual([]);
  });

  test('settings are read in config/ only', () => {
    const found = sources
      .filter(({ path }) => path.startsWith('src/') && !path.startsWith('src/config/'))
      .filter(({ text }) => /process\.env\b/.test(text))
      .map(({ path }) => path);
    expect(found).toEqual([]);
  });

  test('certificates are always checked, and no shell is ever started', () => {
    const forbidden =
      /ignoreHTTPSErrors|--ignore-certificate-errors|rejectUnauthorized:\s*false|shell:\s*true|\bexecSync\(|[^.\w]exec\(\s*[`'"]/;
    const found = sources.filter(({ text }) => forbidden.test(text)).map(({ path }) => path);
    expect(found).toEqual([]);
  });

  test('tests draw from one seed: fast-check has one home, and nothing else gives them chance', () => {
    const found = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && path !== 'support/property.ts')
      .map((path) => read(join('test', path)))
      .filter(
        ({ text, imports }) =>
          imports.includes('fast-check') || /\b(?:randomBytes|Math\.random)\(/.test(text),
      );
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('every worker is one file that names its stage', () => {
    for (const stage of everyStage)
      expect(read(`workers/${stage}.ts`).text).toContain(`stage: '${stage}'`);
    const notStages = ['heartbeat.ts', 'main.ts', 'stage-worker.ts'];
    const files = readdirSync(join(root, 'workers'));
    expect(files.filter((name) => !notStages.includes(name)).sort()).toEqual(
      everyStage.map((stage) => `${stage}.ts`).sort(),
    );
  });

  test('verbs that only ask load neither browser nor media tools: they are half of what starting takes', () => {
    for (const entry of ['app', 'cli/command-line', 'cli/ask/find', 'cli/upkeep/status'])
      expect(heavy(`src/${entry}.ts`), entry).toEqual([]);
  });

  test('what the package runs is there in Node 22 already', () => {
    const newer =
      /\b(?:Async)?DisposableStack\b|\bPromise\.try\b|\bRegExp\.escape\b|\bError\.isError\b|\bURLPattern\b|\bFloat16Array\b|\bmkdtempDisposable|\bimport\.meta\.main\b/;
    const found = sources
      .filter(({ path }) => /^(?:src|workers)\/|^scripts\/holdfast\.ts$/.test(path))
      .filter(({ text }) => newer.test(text))
      .map(({ path }) => path);
    expect(found).toEqual([]);
  });
});

describe('what other programs import', () => {
  /** Files that `src/index.ts` takes public types from, and itself. */
  const open = sources.filter(
    ({ path }) =>
      path === 'src/index.ts' ||
      (read('src/index.ts').imports.includes(path) && /^src\/(model|library\/holdfast)/.test(path)),
  );

  test('every type and function of it says what it is', () => {
    const undocumented = open.flatMap(({ path, text }) =>
      [...text.matchAll(/(\*\/\n)?^export (?:interface|type|async function) (\w+)/gm)]
        .filter(([, comment]) => comment === undefined)
        .map(([, , name]) => `${path} ${name}`),
    );
    expect(undocumented).toEqual([]);
  });

  test('no type of it rests on a type of somebody else', () => {
    const others = open
      .filter(({ path }) => path !== 'src/index.ts')
      .flatMap(({ path, imports }) =>
        imports
          .filter((target) => !/^src\/(model|base)\//.test(target))
          .map((target) => `${path} -> ${target}`),
      );
    expect(open.length).toBeGreaterThan(10);
    expect(others).toEqual([]);
  });
});
