/** Signed checkpoints of the log, what authorities and witnesses said of them, and who is asked next. */
import type { Queryable } from './database.ts';

export interface CheckpointRow {
  size: number;
  root: Buffer;
  /** The signed note, byte for byte. */
  note: Buffer;
  /** Of the note. */
  sha256: string;
  madeAt: Date;
}

const columns = `size, root, note, sha256, made_at as "madeAt"`;

export async function insertCheckpoint(db: Queryable, row: CheckpointRow): Promise<void> {
  await db.query(
    `insert into checkpoints (size, root, note, sha256, made_at) values ($1, $2, $3, $4, $5)`,
    [row.size, row.root, row.note, row.sha256, row.madeAt],
  );
}

export async function newestCheckpoint(db: Queryable): Promise<CheckpointRow | null> {
  const { rows } = await db.query<CheckpointRow>(
    `select ${columns} from checkpoints order by size desc limit 1`,
  );
  return rows[0] ?? null;
}

export async function checkpointOf(db: Queryable, size: number): Promise<CheckpointRow | null> {
  const { rows } = await db.query<CheckpointRow>(
    `select ${columns} from checkpoints where size = $1`,
    [size],
  );
  return rows[0] ?? null;
}

export async function checkpointsFrom(
  db: Queryable,
  from: number,
  limit: number,
): Promise<CheckpointRow[]> {
  const { rows } = await db.query<CheckpointRow>(
    `select ${columns} from checkpoints where size >= $1 order by size limit $2`,
    [from, limit],
  );
  return rows;
}

/** The first checkpoint that covers an entry. */
export async function checkpointCovering(
  db: Queryable,
  idx: number,
): Promise<CheckpointRow | null> {
  const { rows } = await db.query<CheckpointRow>(
    `select ${columns} from checkpoints where size > $1 order by size limit 1`,
    [idx],
  );
  return rows[0] ?? null;
}

/** What a capture that began at `time` can show to be older than itself. */
export async function checkpointBefore(db: Queryable, time: Date): Promise<CheckpointRow | null> {
  const { rows } = await db.query<CheckpointRow>(
    `select ${columns} from checkpoints where made_at <= $1 order by size desc limit 1`,
    [time],
  );
  return rows[0] ?? null;
}

/**
 * The newest checkpoint over something that the one before it did not have, tokens and proofs aside:
 * stamping a checkpoint that only adds the tokens of the last one would never end.
 */
export async function newestWorthStamping(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ size: number }>(
    `select size from checkpoints
     where size > coalesce(
       (select idx from log_entries where type not in ('timestamped', 'ots-proof') order by idx desc limit 1), -1)
     order by size limit 1`,
  );
  return rows[0]?.size ?? null;
}

export interface TimestampRow {
  size: number;
  /** Address of the authority. */
  authority: string;
  tokenSha256: string;
  genTime: Date;
  policy: string;
  serial: string;
  accuracyMs: number | null;
  storedAt: Date;
}

const timestampColumns = `
  size, authority, token_sha256 as "tokenSha256", gen_time as "genTime", policy, serial,
  accuracy_ms as "accuracyMs", stored_at as "storedAt"`;

export async function insertTimestamp(db: Queryable, row: TimestampRow): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into checkpoint_timestamps
       (size, authority, token_sha256, gen_time, policy, serial, accuracy_ms, stored_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    [
      row.size,
      row.authority,
      row.tokenSha256,
      row.genTime,
      row.policy,
      row.serial,
      row.accuracyMs,
      row.storedAt,
    ],
  );
  return rowCount === 1;
}

export async function timestampsOf(db: Queryable, size: number): Promise<TimestampRow[]> {
  const { rows } = await db.query<TimestampRow>(
    `select ${timestampColumns} from checkpoint_timestamps where size = $1 order by gen_time`,
    [size],
  );
  return rows;
}

export async function allTimestamps(db: Queryable): Promise<TimestampRow[]> {
  const { rows } = await db.query<TimestampRow>(
    `select ${timestampColumns} from checkpoint_timestamps order by size, authority`,
  );
  return rows;
}

/** Of each authority the first token over a checkpoint that covers this entry. */
export async function timestampsCovering(db: Queryable, idx: number): Promise<TimestampRow[]> {
  const { rows } = await db.query<TimestampRow>(
    `select distinct on (authority) ${timestampColumns} from checkpoint_timestamps
     where size > $1 order by authority, size`,
    [idx],
  );
  return rows;
}

export interface CosignatureRow {
  size: number;
  /** Name of the witness. */
  witness: string;
  /** The signature line, with its line break. */
  line: string;
  signedAt: Date;
}

export async function insertCosignature(db: Queryable, row: CosignatureRow): Promise<void> {
  await db.query(
    `insert into checkpoint_cosignatures (size, witness, line, signed_at)
     values ($1, $2, $3, $4) on conflict do nothing`,
    [row.size, row.witness, row.line, row.signedAt],
  );
}

/** Of each witness the first cosignature of a checkpoint that covers this entry. */
export async function cosignaturesCovering(db: Queryable, idx: number): Promise<CosignatureRow[]> {
  const { rows } = await db.query<CosignatureRow>(
    `select distinct on (witness) size, witness, line, signed_at as "signedAt"
     from checkpoint_cosignatures where size > $1 order by witness, size`,
    [idx],
  );
  return rows;
}
