/** Videos of other sites, by way of yt-dlp: a program of its own that brings its own network. */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attemptsOf } from '../src/catalog/steps.ts';
import type { Egress } from '../src/egress/egress.ts';
import { failureOf } from '../src/media/other-sites/extractor-failure.ts';
import { type Extractor, findExtractor } from '../src/media/other-sites/extractor-program.ts';
import { extractMedia } from '../src/media/other-sites/other-sites.ts';
import type { ExtractorOutcome } from '../src/media/other-sites/run-extractor.ts';
import { holdsToDoor } from '../src/media/tools/confinement.ts';
import { askOtherSites, plays } from '../src/pipeline/capture/other-sites.ts';
import { planOf } from '../src/pipeline/plan-file.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { openFileVault } from '../src/vault/files.ts';
import type { Vault } from '../src/vault/vault.ts';
import { fetchedByPage } from '../src/visit/shown-media/page-media.ts';
import { type SmallInternet, startSmallInternet } from './internet/small-internet.ts';
import { ffmpegIn, makeClip } from './support/clips.ts';
import { testEgress } from './support/egress.ts';
import { testHoldfast } from './support/holdfast.ts';
import { testExtractor } from './support/judges.ts';
import { until } from './support/queues.ts';

const never = new AbortController().signal;
const namespaces = await holdsToDoor();
const named = (name: string) =>
  testExtractor === null ? `${name} (skipped: yt-dlp is not installed)` : name;

let folder: string;
let internet: SmallInternet;
let egress: Egress;
let vault: Vault;
let clip: Buffer;
let real: Extractor;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-other-sites-'));
  internet = await startSmallInternet();
  vault = await openFileVault(join(folder, 'vault'));
  clip = await makeClip(folder, { size: '320x240', seconds: 2 });
  egress = await testEgress({ upstreamProxy: internet.proxyUrl, extraCaFile: internet.caFile });
  if (testExtractor === null) return;
  const found = await findExtractor([testExtractor], never);
  if (found === null) throw new TypeError('yt-dlp is there, and does not answer');
  real = found;
});

afterAll(async () => {
  await egress?.[Symbol.asyncDispose]();
  await internet?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };

async function ask(
  extractor: Extractor,
  url: string,
  { maxBytes = 50_000_000, timeoutMs = 60_000, signal = never } = {},
) {
  await using door = await egress.openDoor();
  const extraCa = egress.extraCa?.pem ?? null;
  const asked = { url, extractor, door, extraCa };
  const extracted = await extractMedia({ vault, tools }, asked, { maxBytes, timeoutMs }, signal);
  return { ...extracted, connections: door.connections() };
}

/** What only a player that never loads would show, and a browser that waits for it never sees. */
function playerPage(...files: string[]): string {
  const playlist = JSON.stringify(files.map((file) => ({ file })));
  return `<!doctype html><title>Clip</title><p>Loading the player</p><div id="p"></div>
    <script>if (window.jwplayer) jwplayer("p").setup({ playlist: ${playlist} })</script>`;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.skipIf(testExtractor === null).concurrent(named('yt-dlp behind the door'), () => {
  test('brings a file as the site has it, and nobody’s settings take part', async () => {
    // One that is taken back by an option of ours, and one that no option takes back.
    const habits = ['exec', 'printed'].map((name) => join(folder, `habit-${name}`));
    await mkdir(join(folder, 'settings/yt-dlp'), { recursive: true });
    await writeFile(
      join(folder, 'settings/yt-dlp/config'),
      `--exec "before_dl:touch ${habits[0]}"\n--print-to-file "video:read" "${habits[1]}"\n`,
    );
    internet.world.addPage('https://clips.example.org/one', {
      html: playerPage('https://clips.example.org/one.mp4'),
    });
    internet.world.addPage('https://clips.example.org/one.mp4', {
      bytes: clip,
      mediaType: 'video/mp4',
    });
    const settings = ['/usr/bin/env', `XDG_CONFIG_HOME=${join(folder, 'settings')}`];
    const extractor = { ...real, command: [...settings, ...real.command] };
    const got = await ask(extractor, 'https://clips.example.org/one');
    expect(got).toMatchObject({ state: 'done', reason: null, failure: null });
    expect(got.artifacts).toMatchObject([
      {
        role: 'media.original',
        name: 'media/extracted-1.mp4',
        sha256: sha256(clip),
        derivedFrom: null,
        media: { width: 320, height: 240 },
        facts: {
          recordedAsExchanges: false,
          url: 'https://clips.example.org/one.mp4',
          fetchedBy: { name: 'yt-dlp', version: extractor.version, digests: extractor.digests },
        },
      },
      { role: 'media.info', name: 'media/extracted-1.info.json', facts: { checked: false } },
    ]);
    expect(Object.keys(extractor.digests).join()).toMatch(/^yt-dlp,yt_dlp-.*RECORD$/);
    expect(new Set(got.connections.map(({ host }) => host))).toEqual(
      new Set(['clips.example.org']),
    );
    expect((await readdir(folder)).filter((name) => name.startsWith('habit-'))).toEqual([]);
  });

  test('brings pictures and sound apart, which are joined here and kept as they came', async () => {
    const site = join(folder, 'dash');
    await mkdir(site);
    await writeFile(join(site, 'clip.mp4'), clip);
    const dash = ['-c', 'copy', '-f', 'dash', 'clip.mpd'];
    await ffmpegIn(site, '-i', 'clip.mp4', '-map', '0:v', '-map', '0:a', ...dash);
    for (const name of await readdir(site)) {
      const bytes = await readFile(join(site, name));
      const mediaType = name.endsWith('.mpd') ? 'application/dash+xml' : 'video/mp4';
      internet.world.addPage(`https://dash.example.org/${name}`, { bytes, mediaType });
    }
    internet.world.addPage('https://dash.example.org/', { html: playerPage('/clip.mpd') });
    const got = await ask(real, 'https://dash.example.org/');
    const [picture, sound, joined] = got.artifacts;
    expect([picture?.role, sound?.role]).toEqual(['media.segment', 'media.segment']);
    expect(joined).toMatchObject({
      role: 'media.joined',
      name: 'media/extracted-1.mkv',
      derivedFrom: picture?.sha256,
      facts: { joinedFrom: [picture?.sha256, sound?.sha256] },
    });
    expect(JSON.stringify(joined?.facts?.probe)).toMatch(/h264.*aac|aac.*h264/);
  });

  test('reaches no private address, neither named by a page nor by a redirect', async () => {
    await using canary = await openCanary();
    internet.world.addPage('https://trap.example.org/', {
      html: playerPage('https://10.1.2.3/secret.mp4', 'https://trap.example.org/away.mp4'),
    });
    internet.world.addPage('https://trap.example.org/away.mp4', {
      status: 302,
      headers: { location: `http://127.0.0.1:${canary.port}/secret.mp4` },
    });
    const got = await ask(real, 'https://trap.example.org/');
    expect(got).toMatchObject({ state: 'failed', reason: 'address-refused', artifacts: [] });
    const refused = got.connections.filter(({ outcome }) => outcome === 'refused-by-policy');
    expect(new Set(refused.map(({ host }) => host))).toEqual(new Set(['10.1.2.3', '127.0.0.1']));
    expect(canary.reached()).toBe(0);
  });

  test('is stopped when it writes more than it may, also where no length was told', async () => {
    internet.world.addPage('https://endless.example.org/', { html: playerPage('/endless.mp4') });
    internet.world.addPage('https://endless.example.org/endless.mp4', {
      handler: () => ({
        status: 200,
        headers: { 'content-type': 'video/mp4' },
        stream: async function* (signal) {
          yield clip;
          while (!signal.aborted) {
            yield Buffer.alloc(256 * 1024);
            await pause(5, undefined, { signal });
          }
        },
      }),
    });
    const got = await ask(real, 'https://endless.example.org/', { maxBytes: 2_000_000 });
    expect(got).toMatchObject({ state: 'failed', reason: 'extractor-too-large', artifacts: [] });
  });
});

/** Command lines of living processes that name the address. */
async function processesFor(url: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(url));
}

describe('a program that is given the door', () => {
  test.skipIf(!namespaces)(
    'can reach nothing else, whatever it tries (skipped where there are no network namespaces)',
    async () => {
      await using canary = await openCanary();
      internet.world.addPage('http://plain.example.org/', { html: 'by the door' });
      const { account } = await ask(
        await scripted(disobedient(canary.port)),
        'http://plain.example.org/',
      );
      expect(account.said).toEqual([
        'powers: 0000000000000000',
        'straight: ECONNREFUSED',
        'door: 200 by the door',
      ]);
      expect(canary.reached()).toBe(0);
    },
  );

  test('ends with everything it started when it is told to stop', async () => {
    const url = 'https://silent.example.org/never-answers';
    const extractor = await scripted(`
      import { spawn } from 'node:child_process';
      spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)', '${url}']);
      setInterval(() => {}, 1000);`);
    const stop = new AbortController();
    const asked = ask(extractor, url, { signal: stop.signal });
    asked.catch(() => {});
    const child = async () => (await processesFor(url)).some((line) => line.includes('--eval'));
    await until(child, 30_000);
    stop.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await until(async () => (await processesFor(url)).length === 0, 5_000);
  });

  test('that is missing, or is no yt-dlp, is none', async () => {
    expect(await findExtractor(['/nowhere/yt-dlp'], never)).toBeNull();
    expect(await findExtractor(['no-such-program-anywhere'], never)).toBeNull();
    expect(await findExtractor(['/bin/echo'], never)).toBeNull();
  });
});

/** A program of ours in the place of yt-dlp. */
async function scripted(program: string): Promise<Extractor> {
  const script = join(folder, `${randomUUID()}.mjs`);
  await writeFile(script, program);
  return {
    command: [process.execPath, script],
    version: '2026.01.01',
    digests: {},
    knows: () => false,
  };
}

/** A port of this machine that nobody may reach, and how often somebody did. */
async function openCanary() {
  let reached = 0;
  const server = createServer((socket) => {
    reached += 1;
    socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    reached: () => reached,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function disobedient(port: number): string {
  return `
    import { readFileSync } from 'node:fs';
    import { request, get } from 'node:http';
    console.log('powers: ' + /CapPrm:\\s*(\\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const door = new URL(process.argv[process.argv.indexOf('--proxy') + 1]);
    get('http://127.0.0.1:${port}/').on('error', (error) => {
      console.log('straight: ' + error.code);
      const headers = { host: 'plain.example.org' };
      request({ host: door.hostname, port: door.port, path: 'http://plain.example.org/', headers }, async (came) => {
        console.log('door: ' + came.statusCode + ' ' + (await came.toArray()).join(''));
      }).end();
    });`;
}

describe('why there is nothing', () => {
  const outcome = (given: Partial<ExtractorOutcome>): ExtractorOutcome => ({
    broke: 'exited with code 1',
    stopped: null,
    complaints: [],
    said: [],
    found: [],
    kept: [],
    arguments: [],
    confinement: '',
    ...given,
  });
  const hint = 'Use --cookies-from-browser or --cookies for the authentication. See  https://';

  test.each<[string, string[], Partial<ReturnType<typeof failureOf>>]>([
    [
      'no site it knows',
      ['ERROR: Unsupported URL: https://a.example/'],
      { reason: 'extractor-none', missed: false },
    ],
    [
      'somebody to log in',
      [`ERROR: [Place] 12: This video is private. ${hint}`],
      { reason: 'extractor-login-wanted', missed: true },
    ],
    [
      'another country',
      [
        'ERROR: [place] 12: Not here',
        'You might want to use a VPN or a proxy server (with --proxy) to workaround.',
      ],
      { reason: 'extractor-geo-blocked', missed: true },
    ],
    [
      'a lock on it',
      ['ERROR: [place] 12: This video is DRM protected'],
      { reason: 'extractor-drm', missed: true },
    ],
    [
      'a busy site',
      ['ERROR: [place] 12: Unable to download webpage: HTTP Error 503: Busy'],
      { reason: 'extractor-failed', transient: true, missed: true },
    ],
    [
      'a page that is gone',
      ['ERROR: [generic] a: Unable to download webpage: HTTP Error 404: Not Found'],
      { reason: 'extractor-failed', transient: false, missed: false },
    ],
    [
      'a mistake of its own',
      [
        'ERROR: [place] 12: An extractor error has occurred. (caused by KeyError(1)); please report this issue on  https://…',
      ],
      { reason: 'extractor-broken', transient: false, missed: true },
    ],
    [
      'words that nobody knows',
      ['ERROR: [place] 12: deleted, removed, private, log in, live'],
      { reason: 'extractor-failed', transient: false, missed: true },
    ],
  ])('%s is read from its own words', (_name, complaints, expected) => {
    expect(failureOf(outcome({ complaints }), [])).toMatchObject(expected);
  });

  test('a stream that has not ended is left, and so is a file that is too large', () => {
    const live = outcome({ broke: null, found: [{ is_live: true }] });
    expect(failureOf(live, [])).toMatchObject({ reason: 'extractor-live-stream', missed: true });
    const said = ['[download] File is larger than max-filesize (9 bytes > 5 bytes). Aborting.'];
    expect(failureOf(outcome({ broke: null, said }), [])).toMatchObject({
      reason: 'extractor-too-large',
    });
    expect(failureOf(outcome({ stopped: 'timed-out' }), [])).toMatchObject({
      reason: 'extractor-timed-out',
      missed: true,
    });
  });
});

test('a page has its video when a file that it names can be read; what only passed by may be a piece', () => {
  const file = { role: 'media.original' as const, name: 'media/1.mp4', mediaType: 'video/mp4' };
  const stored = { ...file, sizeBytes: 1, sha256: '', derivedFrom: null };
  const named = { damage: null, orderedBy: 'as the page names them, the one that plays first' };
  expect(plays({ ...stored, facts: named })).toBe(true);
  expect(plays({ ...stored, role: 'media.joined', facts: {} })).toBe(true);
  expect(plays({ ...stored, facts: { ...named, damage: 'unreadable' } })).toBe(false);
  expect(plays({ ...stored, facts: { ...named, orderedBy: fetchedByPage } })).toBe(false);
  expect(plays({ ...stored, mediaType: 'image/jpeg', facts: named })).toBe(false);
  expect(plays({ ...stored, role: 'media.segment', facts: {} })).toBe(false);
});

describe.skipIf(testExtractor === null)(named('a capture of a page'), () => {
  test('whose video only the extractor finds holds it, with frames, and says how it came', async () => {
    await using held = await testHoldfast({
      backend: 'postgres',
      variables: { HOLDFAST_YTDLP: testExtractor ?? '' },
    });
    const { world } = held.internet;
    world.addPage('https://watch.example.org/clip', { html: playerPage('/clip.mp4') });
    world.addPage('https://watch.example.org/clip.mp4', { bytes: clip, mediaType: 'video/mp4' });
    world.addPage('https://watch.example.org/text', { html: '<title>Text</title><p>No video.' });
    const [watched, read] = await held.archive(
      'https://watch.example.org/clip https://watch.example.org/text',
    );
    const { parts } = held.app;
    const step = (record: typeof watched, name: string) =>
      record?.steps.find((one) => one.name === name);

    expect(watched?.state).toBe('complete');
    expect(step(watched, 'media')).toMatchObject({ state: 'done' });
    const kept = (role: string) => watched?.artifacts.filter((one) => one.role === role) ?? [];
    expect(kept('media.original').map((one) => one.sha256)).toEqual([sha256(clip)]);
    expect(kept('keyframe').length).toBeGreaterThan(0);
    const account = JSON.parse(
      (await parts.vault.read(kept('media.extractor')[0]?.sha256 ?? '')).toString(),
    );
    expect(account).toMatchObject({
      recordedAsExchanges: false,
      connections: [{ host: 'watch.example.org', outcome: 'connected' }],
    });
    const large = watched?.artifacts.find(({ name }) => name === 'warc/media.large.json');
    const entries = await parts.vault.read(large?.sha256 ?? '');
    expect(entries.toString()).toContain('urn:holdfast:media/extracted-1.mp4');
    expect((await parts.tools())['yt-dlp']).toBe(account.program.version);

    // A page without a video is no failure of anything.
    expect(read?.state).toBe('complete');
    const attempts = await attemptsOf(parts.database, read?.id ?? '');
    expect(attempts.find((one) => one.step === 'media')).toMatchObject({
      state: 'skipped',
      reason: 'no-media',
      detail: { extractor: { outcome: 'no-player' } },
    });

    // Without the program nothing fails either.
    const captureId = read?.id ?? '';
    const bare = { ...parts, config: { ...parts.config, tools: { ...parts.config.tools } } };
    bare.config.tools.ytdlp = ['/nowhere/yt-dlp'];
    const run = { captureId, round: 1, attempt: 1, lastAttempt: true, waitedMs: 0, signal: never };
    const plan = await planOf(parts, captureId);
    const asked = { players: null, report: () => {} };
    expect(await askOtherSites(bare, run, plan, asked)).toEqual({
      outcome: 'no-extractor',
      words: null,
      fetched: null,
    });

    const faults: string[] = [];
    for await (const check of verifyAll(parts))
      if (!check.ok) faults.push(`${check.subject}: ${check.message}`);
    expect(faults).toEqual([]);
  });
});
