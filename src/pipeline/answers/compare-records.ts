/** What a platform's own records of two captures say differently, field by field. */
import type { CaptureRecord } from '../../model/capture-record.ts';
import type { Vault } from '../../vault/vault.ts';

export interface FieldChange {
  /** `legacy.favorite_count`, `entities.media.0.url` */
  path: string;
  /** As JSON; `null` where the field is not there. */
  before: string | null;
  after: string | null;
}

export interface ComparedRecord {
  /** `syndication`, `graphql`: the route that the record came by. */
  route: string;
  before: string | null;
  after: string | null;
  /** The first 100. */
  changes: FieldChange[];
  changed: number;
  same: number;
  /** Why the fields are not compared: one is missing, too large, or no JSON. */
  unread: 'missing' | 'too-large' | 'not-json' | null;
}

type Reads = Pick<Vault, 'read'>;
type File = CaptureRecord['artifacts'][number];

const mostBytes = 4 * 1024 * 1024;
const mostFields = 20_000;
const deepest = 40;
const mostChanges = 100;

/** The first record of a route is held against the first of it, and so on. */
export async function compareRecords(
  vault: Reads,
  before: CaptureRecord,
  after: CaptureRecord,
): Promise<ComparedRecord[]> {
  const [then, now] = [recordsByPlace(before), recordsByPlace(after)];
  const compared: ComparedRecord[] = [];
  for (const place of new Set([...then.keys(), ...now.keys()]))
    compared.push(await compareOne(vault, place, then.get(place), now.get(place)));
  return compared;
}

/** `record/03-graphql.json`, `record/04-graphql.json` → `graphql 1`, `graphql 2` */
function recordsByPlace({ artifacts }: CaptureRecord): Map<string, File> {
  const places = new Map<string, File>();
  for (const file of artifacts.filter(({ role }) => role === 'record.raw')) {
    const route = file.name.replace(/^.*\/(?:\d+-)?/, '').replace(/\.[^.]*$/, '');
    let number = 1;
    while (places.has(`${route} ${number}`)) number += 1;
    places.set(`${route} ${number}`, file);
  }
  return places;
}

async function compareOne(
  vault: Reads,
  place: string,
  then: File | undefined,
  now: File | undefined,
): Promise<ComparedRecord> {
  const said = { route: place.replace(/ 1$/, ''), before: then?.sha256 ?? null };
  const nothing = { ...said, after: now?.sha256 ?? null, changes: [], changed: 0, same: 0 };
  if (then === undefined || now === undefined) return { ...nothing, unread: 'missing' };
  if (then.sha256 === now.sha256) return { ...nothing, unread: null };
  if (Math.max(then.sizeBytes, now.sizeBytes) > mostBytes)
    return { ...nothing, unread: 'too-large' };
  const [one, other] = [await fieldsOf(vault, then), await fieldsOf(vault, now)];
  if (typeof one === 'string') return { ...nothing, unread: one };
  if (typeof other === 'string') return { ...nothing, unread: other };
  const paths = [...new Set([...one.keys(), ...other.keys()])];
  const changes = paths
    .map((path) => ({ path, before: one.get(path) ?? null, after: other.get(path) ?? null }))
    .filter((field) => field.before !== field.after);
  const counts = { changed: changes.length, same: paths.length - changes.length };
  return { ...nothing, ...counts, changes: changes.slice(0, mostChanges), unread: null };
}

/** Path → value as JSON. */
async function fieldsOf(
  vault: Reads,
  { sha256 }: File,
): Promise<Map<string, string> | 'not-json' | 'too-large'> {
  try {
    const fields = new Map<string, string>();
    const text = (await vault.read(sha256, mostBytes)).toString('utf8');
    return addFields(fields, JSON.parse(text), []) ? fields : 'too-large';
  } catch (error) {
    if (error instanceof SyntaxError) return 'not-json';
    throw error;
  }
}

/** @returns whether there was room for all of it */
function addFields(fields: Map<string, string>, value: unknown, path: string[]): boolean {
  if (fields.size >= mostFields || path.length > deepest) return false;
  const isBranch = typeof value === 'object' && value !== null;
  const entries = isBranch ? Object.entries(value) : [];
  if (entries.length > 0)
    return entries.every(([name, inner]) => addFields(fields, inner, [...path, name]));
  fields.set(path.join('.'), JSON.stringify(value));
  return true;
}
