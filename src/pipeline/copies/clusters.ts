/**
 * Clusters: files that show the same scene. Found by themselves from what captures found
 * alike, corrected by people: two files belong together, or don't, or one is the copy to
 * cite. Every decision is a record in the vault before it is a row, and can be undone by
 * another; files are never touched.
 */

import { uuidv7 } from 'uuidv7';
import { z } from 'zod';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import {
  type ClusterDecision,
  type Decision,
  decisionById,
  decisionsOn,
  filesFoundAlike,
  insertDecisions,
  likenessesOf,
} from '../../catalog/clusters.ts';
import type { Queryable } from '../../catalog/database.ts';
import { placesOf } from '../../catalog/similar.ts';
import type { Place } from '../../model/similar-files.ts';
import { unnamed } from '../../model/submission.ts';
import { keepRecord, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';
import { naming, readRecord } from '../vault-records.ts';

export interface Cluster {
  /** The one that somebody chose, else the one that was kept first. */
  primary: string;
  chosen: boolean;
  /** By the time they were first kept. */
  files: { sha256: string; places: Place[] }[];
  /** In force, oldest first. */
  decisions: ClusterDecision[];
}

/** The cluster that a file belongs to; of one file where nothing is like it. */
export async function clusterOf(db: Queryable, sha256: string): Promise<Cluster> {
  const members = new Set([sha256]);
  for (let fresh = [sha256]; fresh.length > 0; ) {
    const neighbours = await neighboursOf(db, fresh);
    fresh = neighbours.filter((file) => !members.has(file));
    for (const file of fresh) members.add(file);
  }
  return described(db, [...members]);
}

/** Every cluster of two files or more, the most recent first. */
export async function allClusters(db: Queryable): Promise<Cluster[]> {
  const left = new Set(await filesFoundAlike(db));
  const clusters: Cluster[] = [];
  for (const file of left) {
    const cluster = await clusterOf(db, file);
    for (const member of cluster.files) left.delete(member.sha256);
    if (cluster.files.length > 1) clusters.push(cluster);
  }
  return clusters.sort((a, b) => lastKept(b) - lastKept(a));
}

function lastKept({ files }: Cluster): number {
  return Math.max(...files.map(({ places }) => places[0]?.storedAt.getTime() ?? 0));
}

async function neighboursOf(db: Queryable, files: string[]): Promise<string[]> {
  const decisions = await decisionsOn(db, files);
  const apart = new Set(decisions.filter(({ decision }) => decision === 'unrelated').map(pairOf));
  const together = decisions.filter(({ decision }) => decision === 'same-scene');
  const pairs = [...together, ...(await likenessesOf(db, files))];
  return pairs
    .filter((pair) => !apart.has(pairOf(pair)))
    .flatMap(({ sha256, otherSha256 }) => [sha256, otherSha256])
    .filter((file) => file !== null);
}

function pairOf({ sha256, otherSha256 }: { sha256: string | null; otherSha256: string | null }) {
  return [sha256, otherSha256].sort().join(' ');
}

async function described(db: Queryable, members: string[]): Promise<Cluster> {
  const places = Map.groupBy(await placesOf(db, members), ({ sha256 }) => sha256);
  const files = members
    .map((sha256) => ({ sha256, places: places.get(sha256) ?? [] }))
    .sort((a, b) => firstKept(a) - firstKept(b));
  const decisions = await decisionsOn(db, members);
  const chosen = decisions.findLast(({ decision }) => decision === 'primary')?.sha256;
  return {
    primary: chosen ?? files[0]?.sha256 ?? '',
    chosen: chosen !== undefined,
    files,
    decisions,
  };
}

function firstKept({ places }: { places: Place[] }): number {
  return places[0]?.storedAt.getTime() ?? Number.POSITIVE_INFINITY;
}

export interface Deciding {
  note?: string | null;
  by?: string | undefined;
}

/** @throws UsageError `same-file`, NotFoundError `no-file` */
export async function decide(
  parts: Parts,
  decision: Exclude<Decision, 'undo'>,
  files: [string] | [string, string],
  options: Deciding = {},
): Promise<ClusterDecision> {
  const [sha256, otherSha256 = null] = files;
  if (sha256 === otherSha256) throw new UsageError('same-file', 'these are one and the same file');
  const held = new Set((await placesOf(parts.database, files)).map((place) => place.sha256));
  const missing = files.find((file) => !held.has(file));
  if (missing !== undefined) {
    throw new NotFoundError('no-file', `no capture holds a medium with the SHA-256 ${missing}`);
  }
  return storeDecision(parts, { decision, sha256, otherSha256, undoes: null }, options);
}

/** Takes a decision back; to take back an undoing, decide again. @throws NotFoundError `no-decision`, UsageError `is-undo` */
export async function undo(
  parts: Parts,
  id: string,
  options: Deciding = {},
): Promise<ClusterDecision> {
  const decision = await decisionById(parts.database, id);
  if (decision === null) throw new NotFoundError('no-decision', `there is no decision ${id}`);
  if (decision.decision === 'undo') {
    throw new UsageError('is-undo', `${id} took a decision back: decide again instead`);
  }
  return storeDecision(
    parts,
    { decision: 'undo', sha256: null, otherSha256: null, undoes: id },
    options,
  );
}

async function storeDecision(
  parts: Pick<Parts, 'config' | 'database' | 'vault'>,
  made: Pick<ClusterDecision, 'decision' | 'sha256' | 'otherSha256' | 'undoes'>,
  { note = null, by }: Deciding,
): Promise<ClusterDecision> {
  const decided: ClusterDecision = {
    id: uuidv7(),
    ...made,
    note,
    by: by ?? parts.config.operator ?? unnamed,
    at: new Date(),
  };
  await withRecords(parts, async (tx) => {
    const bytes = `${JSON.stringify(decided)}\n`;
    await keepRecord(parts, tx, 'cluster-decisions', decided.id, bytes);
    await insertDecisions(tx, [decided]);
  });
  return decided;
}

const record = z.object({
  id: z.string(),
  decision: z.enum(['same-scene', 'unrelated', 'primary', 'undo']),
  sha256: z.string().nullable(),
  otherSha256: z.string().nullable(),
  undoes: z.string().nullable(),
  note: z.string().nullable(),
  by: z.string(),
  at: z.coerce.date(),
});

/** For `rebuild`: all decisions, from the vault, in the order in which they were made: their names are UUIDv7. */
export async function restoreDecisions(
  parts: Pick<Parts, 'vault'>,
  db: Queryable,
): Promise<number> {
  let decisions = 0;
  for await (const { name, bytes } of parts.vault.records('cluster-decisions')) {
    const place = `cluster-decisions/${name}`;
    const decision = readRecord(place, record, bytes);
    await naming(place, () => insertDecisions(db, [decision]));
    decisions += 1;
  }
  return decisions;
}
