/** Which files of a capture are asked for, by their roles. */
import { UsageError } from '../../base/errors.ts';
import type { CaptureRecord } from '../../model/capture-record.ts';

/** A misspelt role would hand over nothing, and look like success. @throws UsageError `no-such-role` */
export function refuseUnknownRoles(records: CaptureRecord[], roles: string[]): void {
  const held = new Set<string>(
    records.flatMap(({ artifacts }) => artifacts.map(({ role }) => role)),
  );
  for (const role of roles) {
    if (held.has(role)) continue;
    const known = [...held].sort().join(', ') || 'none';
    throw new UsageError('no-such-role', `no file here has the role ${role}; roles here: ${known}`);
  }
}
