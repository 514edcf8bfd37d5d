/** An archive with captures of every kind that pages show, hostile ones among them, served as `holdfast serve` does. */
import sharp from 'sharp';
import { insertEvents } from '../../src/catalog/events.ts';
import { recordStep, type StepExtras } from '../../src/catalog/steps.ts';
import { readLinks } from '../../src/links/read-links.ts';
import type { Role } from '../../src/model/roles.ts';
import { submitLinks, type Terms } from '../../src/pipeline/intake/submit.ts';
import { type Served, servePages } from '../../src/server/serve.ts';
import { type TestArchive, testArchive } from './archive.ts';
import { attempt } from './catalog.ts';

export interface KeptFileOf {
  role: Role;
  name: string;
  mediaType: string;
  bytes: string | Uint8Array;
  derivedFrom?: string;
  ptsMs?: number;
}

export interface Kept {
  link: string;
  text?: string;
  handle?: string;
  name?: string;
  /** Of a page: title and words. */
  page?: { title: string; body: string };
  files?: KeptFileOf[];
  terms?: Terms;
}

/** A closed and sealed capture with these words and files. @returns its id */
export async function keep({ parts, seal }: TestArchive, kept: Kept): Promise<string> {
  const [row] = await submitLinks(parts, readLinks(kept.link), { again: true, ...kept.terms });
  const captureId = row?.captureId ?? '';
  const artifacts = [];
  for (const { bytes, derivedFrom = null, ptsMs, ...file } of kept.files ?? []) {
    const stored = await parts.vault.put(bytes);
    const media = ptsMs === undefined ? null : { ptsMs };
    artifacts.push({ ...file, ...stored, derivedFrom, media });
  }
  const extras: StepExtras = { artifacts };
  if (kept.text !== undefined)
    extras.post = {
      id: kept.link.replace(/\D/g, '').slice(-19) || '1',
      author: { id: '7', handle: kept.handle ?? 'someone', name: kept.name ?? 'Some One' },
      text: kept.text,
      claimedAt: '2020-02-12T11:22:33.000Z',
      idTime: '2020-02-12T11:22:33.123Z',
    };
  if (kept.page !== undefined)
    extras.pages = [{ view: 'page', finalUrl: kept.link, httpStatus: 200, ...kept.page }];
  await recordStep(parts.database, attempt(captureId), extras);
  await seal(captureId);
  return captureId;
}

export async function picture(color: string, width = 640, height = 480): Promise<Buffer> {
  const create = { width, height, channels: 3 as const, background: color };
  return sharp({ create }).png().toBuffer();
}

export interface ServedArchive extends AsyncDisposable {
  archive: TestArchive;
  served: Served;
  /** The cookie of a session, as a browser sends it. */
  cookie: string;
  /** Path below the base → the answer, with the session. */
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, fields: Record<string, string>): Promise<Response>;
}

export async function serveArchive(archive: TestArchive): Promise<ServedArchive> {
  const { parts, app } = archive;
  const diagnoses = [
    { what: 'disk', state: 'warning', found: '1 GB free', fix: 'free some space' } as const,
    { what: 'node', state: 'ok', found: 'v24', fix: '' } as const,
  ];
  const served = await servePages(
    {
      parts,
      queue: () => app.queue(),
      diagnose: async () => diagnoses,
      settings: () => [
        {
          ...{ name: 'HOLDFAST_EXIT', group: 'Network', value: 'unset', from: 'default' },
          about: 'A label for the network exit.',
        },
      ],
      who: 'test',
      works: false,
    },
    0,
  );
  const opened = await fetch(served.newLink(), { redirect: 'manual' });
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const at = (path: string) => `${served.address.slice(0, -1)}${path}`;
  const get: ServedArchive['get'] = (path, headers = {}) =>
    fetch(at(path), { headers: { cookie, ...headers }, redirect: 'manual' });
  return {
    archive,
    served,
    cookie,
    get,
    post: async (path, fields) => {
      const [, csrf = ''] =
        /name="csrf" value="([^"]+)"/.exec(await (await get('/add')).text()) ?? [];
      const body = new URLSearchParams({ csrf, ...fields });
      return fetch(at(path), { method: 'POST', headers: { cookie }, body, redirect: 'manual' });
    },
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]();
      await archive[Symbol.asyncDispose]();
    },
  };
}

export interface Seeded {
  /** Two captures of one post, the text of which changed. */
  before: string;
  after: string;
  arabic: string;
  hostile: string;
  source: string;
}

/** @param canary address of a server that nothing may ever ask */
export async function seed(archive: TestArchive, canary: string): Promise<Seeded> {
  const link = 'https://x.com/someone/status/1227600745067446272';
  const shot = (color: string): Promise<KeptFileOf> =>
    picture(color).then((bytes) => ({
      ...{ role: 'screenshot.viewport', name: 'site/screenshot.viewport.png' },
      ...{ mediaType: 'image/png', bytes },
    }));
  const record = (fields: object): KeptFileOf => ({
    ...{ role: 'record.raw', name: 'record/02-syndication.json', mediaType: 'application/json' },
    bytes: JSON.stringify(fields),
  });
  const before = await keep(archive, {
    link,
    text: 'The bridge at the harbour was open this morning.',
    files: [
      await shot('#336699'),
      record({ id_str: '1', favorite_count: 7, media: [{ url: 'a' }] }),
    ],
    terms: { case: 'harbour', tags: ['bridge'] },
  });
  const after = await keep(archive, {
    link,
    text: 'The bridge at the harbour was closed this morning.',
    files: [await shot('#996633'), record({ id_str: '1', favorite_count: 9 })],
    terms: { case: 'harbour', tags: ['bridge'] },
  });
  const arabic = await keep(archive, {
    link: 'https://x.com/reporter_77/status/1227656965518262272',
    text: 'شوهدت القافلة قرب القامشلي صباح اليوم\nالجسر مغلق (Bridge 3).',
    handle: 'reporter_77',
    name: 'مراسلة الميناء',
    files: [await shot('#557755')],
    terms: { case: 'ميناء' },
  });
  const hostile = await keep(archive, hostileCapture(canary));
  const source = 'x:status:1227600745067446272';
  await insertEvents(archive.parts.database, null, [
    {
      kind: 'removed',
      sourceKey: source,
      detail: { kind: 'deleted-by-author', lastSeen: '2026-11-01T00:00:00.000Z' },
      at: new Date(),
    },
  ]);
  return { before, after, arabic, hostile, source };
}

/** Every place in which a stranger's words or bytes stand. */
function hostileCapture(canary: string): Kept {
  const script = `<script>fetch('${canary}/ran')</script><img src=x onerror="fetch('${canary}/ran')">`;
  return {
    link: `https://example.org/"onmouseover="x${'a'.repeat(300)}`,
    page: { title: `</title>${script}"'><b>`, body: `${script}\u202eevil\u202c` },
    files: [
      {
        ...{
          role: 'html.received',
          name: `page/"${'x'.repeat(80)}<i>.html`,
          mediaType: 'text/html',
        },
        bytes: `<!doctype html><meta http-equiv="refresh" content="0;url=${canary}/refreshed">
<link rel="preconnect" href="${canary}"><link rel="dns-prefetch" href="${canary}"><link rel="stylesheet" href="${canary}/style.css">
<base href="${canary}/"><body background="${canary}/back.png" onload="fetch('${canary}/loaded')">
${script}<a id="out" href="${canary}/clicked" ping="${canary}/ping">words that were kept</a>
<style>@import url("${canary}/import.css"); p { background: url("${canary}/css.png") }</style><p style="background:url('${canary}/inline.png')">styled</p>
<iframe srcdoc="<script>parent.location='${canary}/framed'</script>"></iframe><svg><script href="${canary}/svg.js"></script><image href="${canary}/svg.png"/></svg>
<form action="${canary}/form"><input autofocus onfocus="fetch('${canary}/focus')"></form><video src="${canary}/video.mp4" autoplay></video>`,
      },
      {
        ...{ role: 'media.original', name: 'media/1.svg', mediaType: 'image/svg+xml' },
        bytes: `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10" onload="fetch('${canary}/svg')"><script>fetch('${canary}/svg')</script><image href="${canary}/image.png" width="10" height="10"/></svg>`,
      },
      { role: 'console', name: 'page/console.json', mediaType: 'text/html', bytes: script },
    ],
    terms: { case: `<b>"'${'c'.repeat(60)}`, note: script, tags: ['"><i>'], by: `${script}` },
  };
}

export { testArchive };
