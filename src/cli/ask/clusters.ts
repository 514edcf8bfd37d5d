import type { Command } from 'commander';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import type { ClusterDecision } from '../../catalog/clusters.ts';
import { holdersOf } from '../../catalog/fixity.ts';
import { sha256From } from '../../pipeline/answers/find.ts';
import {
  allClusters,
  type Cluster,
  clusterOf,
  decide,
  undo,
} from '../../pipeline/copies/clusters.ts';
import type { Parts } from '../../pipeline/parts.ts';
import { type Listing, printListing, shortTime } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

interface Flags {
  same?: boolean;
  unrelated?: boolean;
  primary?: boolean;
  undo?: string;
  note?: string;
  by?: string;
}

interface Row {
  cluster: string;
  chosen: boolean;
  sha256: string;
  file: Cluster['files'][number];
}

const files: Listing<Row> = {
  columns: [
    { title: 'CLUSTER', value: (row) => row.cluster, width: 13 },
    { title: 'FILE', value: (row) => row.sha256 },
    { title: '', csvTitle: 'MARK', value: markOf },
    { title: 'FIRST KEPT', value: (row) => shortTime(row.file.places[0]?.storedAt) },
    { title: 'SOURCE', value: (row) => row.file.places[0]?.source, width: 44 },
    { title: 'CAPTURE', value: (row) => row.file.places[0]?.captureId },
  ],
  id: (row) => row.sha256,
  record: ({ cluster, chosen, sha256, file }) => ({
    schema: 'holdfast.cluster-file/1',
    cluster,
    sha256,
    primary: sha256 === cluster,
    chosen: chosen && sha256 === cluster,
    places: file.places,
  }),
  nothing: 'no similar files were found',
};

function markOf({ cluster, chosen, sha256 }: Row): string {
  if (sha256 !== cluster) return '';
  return chosen ? 'primary, chosen' : 'first known';
}

const decisions: Listing<ClusterDecision> = {
  columns: [
    { title: 'DECISION', value: (row) => row.id },
    { title: 'WHAT', value: (row) => row.decision },
    { title: 'FILE', value: (row) => row.sha256 },
    { title: 'OTHER', value: (row) => row.otherSha256 },
    { title: 'BY', value: (row) => row.by, width: 20 },
    { title: 'AT', value: (row) => shortTime(row.at) },
    { title: 'NOTE', value: (row) => row.note, width: 40 },
  ],
  id: (row) => row.id,
  record: (row) => ({ schema: 'holdfast.cluster-decision/1', ...row }),
  nothing: 'no decision',
};

/** Files that show the same, and what people decided about them. */
export async function clusters(named: string[], command: Command): Promise<void> {
  const flags = command.opts<Flags>();
  const options = globals(command);
  const format = formatOf(options);
  await withExisting(options, async ({ parts }) => {
    const made = await decided(parts, named, flags);
    if (made !== null) return printListing([made], decisions, format);
    const found = await shown(parts, named);
    printListing(found.flatMap(rowsOf), files, format);
    const standing = found.flatMap((cluster) => cluster.decisions);
    if (format === 'table' && standing.length > 0) printListing(standing, decisions, format);
  });
}

/** @throws NotFoundError `no-file` for what no capture holds */
async function shown(parts: Pick<Parts, 'database'>, named: string[]): Promise<Cluster[]> {
  if (named.length === 0) return allClusters(parts.database);
  const sha256s = named.map(sha256From);
  for (const sha256 of sha256s) {
    if ((await holdersOf(parts.database, sha256)).length === 0)
      throw new NotFoundError(
        'no-file',
        `no capture holds a file with the SHA-256 ${sha256}: holdfast show prints those of a capture`,
      );
  }
  return Promise.all(sha256s.map((sha256) => clusterOf(parts.database, sha256)));
}

async function decided(
  parts: Parts,
  named: string[],
  flags: Flags,
): Promise<ClusterDecision | null> {
  const how = { note: flags.note ?? null, by: flags.by };
  const wanted = [flags.same, flags.unrelated, flags.primary, flags.undo].filter(Boolean).length;
  if (wanted === 0) return null;
  if (wanted > 1)
    throw new UsageError('one-decision', 'give one of --same, --unrelated, --primary and --undo');
  if (flags.undo !== undefined) return undo(parts, flags.undo, how);
  const [first, second, ...more] = named.map(sha256From);
  if (flags.primary && first !== undefined && second === undefined) {
    return decide(parts, 'primary', [first], how);
  }
  if (!flags.primary && first !== undefined && second !== undefined && more.length === 0) {
    return decide(parts, flags.same ? 'same-scene' : 'unrelated', [first, second], how);
  }
  throw new UsageError(
    'which-files',
    '--same and --unrelated take two files, --primary takes one, each by its SHA-256',
  );
}

function rowsOf(cluster: Cluster): Row[] {
  const { primary, chosen } = cluster;
  return cluster.files.map((file) => ({ cluster: primary, chosen, sha256: file.sha256, file }));
}
