/** A capture as it is shown: what the catalog has, and under which conditions it was made. */
import { type CaptureRecord, captureRecord } from '../catalog/show.ts';
import { warningsOf } from './conditions.ts';
import type { Parts } from './parts.ts';

export async function showCapture(parts: Parts, captureId: string): Promise<CaptureRecord | null> {
  const record = await captureRecord(parts.database, captureId);
  if (record === null) return null;
  const conditions = await warningsOf(parts, captureId);
  return { ...record, warnings: [...conditions, ...record.warnings] };
}
