/** Checks the OpenTimestamps proofs in the vault, and says what they show: by themselves, nothing. */
import { createHash } from 'node:crypto';
import { checkpointOf } from '../../catalog/checkpoints.ts';
import { entriesOfType } from '../../catalog/log-entries.ts';
import type { BitcoinHeaders } from '../../seal/verify/formats/bitcoin-headers.ts';
import { type OtsFinding, otsFindings } from '../../seal/verify/ots-findings.ts';
import type { Parts } from '../parts.ts';
import { messageOf } from '../run-step.ts';
import type { LogFinding } from './log.ts';

type State = OtsFinding['state'];

/** Yields every fault, then one line that says what is shown; nothing where there are no proofs. */
export async function* verifyOtsProofs(
  parts: Parts,
  headers: BitcoinHeaders | null,
  signal?: AbortSignal,
): AsyncGenerator<LogFinding> {
  const counts: Record<State, number> = {
    ...{ pending: 0, unproved: 0, proved: 0, refuted: 0, unknown: 0 },
  };
  const digests = new Set<string>();
  let last = '';
  let faults = 0;
  for await (const { name, bytes } of parts.vault.records('ots-proofs')) {
    signal?.throwIfAborted();
    digests.add(createHash('sha256').update(bytes).digest('hex'));
    const subject = `OpenTimestamps proof ${name}`;
    try {
      for (const { result, state, message } of await findingsOf(parts, name, bytes, headers)) {
        counts[state] += 1;
        if (state === 'unproved' || state === 'proved') last = message;
        if (result !== 'invalid') continue;
        faults += 1;
        yield { subject, ok: false, message };
      }
    } catch (error) {
      faults += 1;
      yield { subject, ok: false, message: messageOf(error) };
    }
  }
  for (const { targets, idx } of await entriesOfType(parts.database, 'ots-proof')) {
    if (targets.every((sha256) => digests.has(sha256))) continue;
    faults += 1;
    const message = 'the OpenTimestamps proof that it records is missing or was exchanged';
    yield { subject: `log entry ${idx}`, ok: false, message };
  }
  if (digests.size === 0 && faults === 0) return;
  yield { subject: 'OpenTimestamps', ok: faults === 0, message: inWords(counts, last) };
}

async function findingsOf(
  parts: Pick<Parts, 'database'>,
  name: string,
  bytes: Buffer,
  headers: BitcoinHeaders | null,
): Promise<OtsFinding[]> {
  const checkpoint = await checkpointOf(parts.database, Number(name.split('.')[0]));
  if (checkpoint === null) throw new Error('is over a checkpoint that is not there');
  return otsFindings(bytes, checkpoint.note, headers);
}

/** `last`: what is said of the newest proof that names a block. */
function inWords(counts: Record<State, number>, last: string): string {
  const words = [
    `${counts.proved} ${counts.proved === 1 ? 'attestation agrees' : 'attestations agree'} with the Bitcoin headers that were given`,
    `${counts.unproved} ${counts.unproved === 1 ? 'names' : 'name'} a block whose header was not given`,
    `${counts.pending} ${counts.pending === 1 ? 'is' : 'are'} a calendar's promise, which proves nothing`,
  ].join(', ');
  return last === '' ? words : `${words}. The newest: ${last}`;
}
