/** A visit to a kind of page, and whether it kept what a visitor sees. */
import sharp from 'sharp';
import type { PageVisit } from '../../src/visit/visit-page.ts';
import { colour, type KindAnswer, type PageKind } from '../internet/page-kinds/kind.ts';
import { bodyFaults, rowFaults } from './kind-faults.ts';
import { openPageServer, type Route } from './page-server.ts';
import type { RecordingRig } from './recording-rig.ts';

export interface KindVisit {
  made: PageVisit;
  /** What a visitor sees and the visit does not have; what it says without cause. */
  faults: string[];
  /** Milliseconds. */
  took: number;
}

export async function visitKind(rig: RecordingRig, kind: PageKind): Promise<KindVisit> {
  const routes: Record<string, Route> = { '/favicon.ico': { status: 204 } };
  await using server = await openPageServer(routes);
  const files = kind.files((path) => server.url(path, 'localhost'));
  for (const [path, file] of Object.entries(files)) routes[path] = routeOf(file);
  const startedAt = performance.now();
  const made = await rig.visit(server.url(kind.opens ?? '/'), {
    timeoutMs: 15_000,
    settleMs: 500,
    maxHeightPx: 8_000,
    ...kind.limits,
    recipe: { collectMedia: kind.media !== undefined },
  });
  const took = performance.now() - startedAt;
  const faults = [
    ...(await faultsOf(rig, kind, made)),
    ...(await rowFaults(rig, kind, made)),
    ...bodyFaults(kind, files, made),
  ];
  return { made, faults, took };
}

function routeOf(file: KindAnswer): Route {
  if (file === 'never') return () => {};
  if (typeof file === 'function') return file;
  const type = file.type ?? 'text/html; charset=utf-8';
  return { body: file.body, headers: { 'content-type': type } };
}

async function faultsOf(rig: RecordingRig, kind: PageKind, made: PageVisit): Promise<string[]> {
  const faults: string[] = [];
  if (made.state !== 'done') faults.push(`${made.state}: ${made.reason}`);
  const text = made.text ?? '';
  for (const words of kind.words ?? [])
    if (!text.includes(words)) faults.push(`the text lacks “${words}”`);
  for (const words of kind.notWords ?? [])
    if (text.includes(words)) faults.push(`the text has “${words}”`);
  const documents = await documentsOf(rig, made);
  for (const part of kind.markup ?? [])
    if (!documents.includes(part)) faults.push(`no document has ${part}`);
  const lacking = await bandsLacking(rig, made, kind.bands ?? 0);
  if (lacking.length > 0) faults.push(`no picture has the bands ${lacking.join(', ')}`);
  const codes = [...new Set(made.notes.map(({ code }) => code))].sort();
  const expected = [...(kind.notes ?? [])].sort();
  if (codes.join() !== expected.join()) faults.push(`notes: ${codes.join() || 'none'}`);
  faults.push(...pictureFaults(kind, made));
  return faults;
}

function pictureFaults({ pictures = [], size }: PageKind, made: PageVisit): string[] {
  const roles = made.artifacts.map(({ role }) => role).filter((role) => role.startsWith('screen'));
  const expected = ['screenshot.viewport', 'screenshot.full', ...pictures];
  const faults = roles.join() === expected.join() ? [] : [`pictures: ${roles.join(', ')}`];
  const whole = made.artifacts.find(({ role }) => role === 'screenshot.full')?.media;
  if (size !== undefined && (whole?.width !== size.width || whole.height !== size.height))
    faults.push(`the whole page is ${whole?.width} × ${whole?.height} px`);
  return faults;
}

async function documentsOf(rig: RecordingRig, made: PageVisit): Promise<string> {
  const rendered = made.artifacts.filter(({ role }) => role === 'dom.rendered');
  const all = await Promise.all(rendered.map(({ sha256 }) => rig.vault.read(sha256)));
  return all.map((bytes) => bytes.toString('utf8')).join('\n');
}

/** Of the first so many bands, those that no picture of the whole page has. */
async function bandsLacking(rig: RecordingRig, made: PageVisit, count: number): Promise<number[]> {
  const seen = new Set<string>();
  for (const { role, sha256 } of made.artifacts) {
    if (role !== 'screenshot.full' && role !== 'screenshot.scrolled') continue;
    const { data } = await sharp(await rig.vault.read(sha256))
      .resize({ width: 128, kernel: 'nearest' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (let at = 0; at < data.length; at += 3) seen.add(data.subarray(at, at + 3).join());
  }
  const all = Array.from({ length: count }, (_, index) => index);
  return all.filter((index) => !seen.has(colour(index).join()));
}
