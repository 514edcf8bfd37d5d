/** Reading records of the vault for `rebuild`: whatever is wrong with one is said with its place. */
import type { z } from 'zod';
import { HoldfastError, IntegrityError } from '../base/errors.ts';

/** @param place folder and name below `records/` @throws IntegrityError `record-unreadable` */
export function readRecord<Schema extends z.ZodType>(
  place: string,
  schema: Schema,
  json: string | Buffer,
): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(json.toString()));
  } catch (error) {
    throw unreadable(place, error);
  }
}

/**
 * What the catalog refuses, or code stumbles over, is said of the record that it came from.
 * @throws IntegrityError `record-unreadable`; errors that have a meaning of their own as they are
 */
export async function naming<T>(place: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw hasMeaning(error) ? error : unreadable(place, error);
  }
}

function hasMeaning(error: unknown): boolean {
  return error instanceof HoldfastError || !(error instanceof Error) || error.name === 'AbortError';
}

export function unreadable(place: string, error?: unknown): IntegrityError {
  const why = error instanceof Error ? `: ${error.message.slice(0, 300)}` : '';
  return new IntegrityError(
    'record-unreadable',
    `the record ${place} in the vault can't be read${why}`,
  );
}
