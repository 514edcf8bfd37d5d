/** Every record schema that there is: the `schema` of what verbs print and what the vault holds. */
import { captureRecords } from './records/captures.ts';
import { custodyRecords } from './records/custody.ts';
import { operationRecords } from './records/operation.ts';
import { storedRecords } from './records/stored.ts';
import { verificationRecords } from './records/verification.ts';
import { watchingRecords } from './records/watching.ts';

export const recordGroups = {
  Captures: captureRecords,
  'Sources over time': watchingRecords,
  Verifying: verificationRecords,
  'Orders, keys, rebuilding': custodyRecords,
  Operation: operationRecords,
  'In the vault': storedRecords,
};

type Groups = typeof recordGroups;

export type SchemaName = { [Group in keyof Groups]: keyof Groups[Group] }[keyof Groups];
