/**
 * The vault as a folder: nothing lies in it that the vault did not put there, and the answers
 * that checks got are what they were. Files of captures and derivations are verified with these.
 */
import { plural } from '../../base/plural.ts';
import { bodiesOfChecks, unheldAmong } from '../../catalog/held-objects.ts';
import { removalOver } from '../../catalog/removals.ts';
import type { Parts } from '../parts.ts';
import { messageOf } from '../run-step.ts';

export interface VaultFinding {
  subject: string;
  ok: boolean;
  message: string;
}

type Looking = Pick<Parts, 'database' | 'vault'>;

const pageSize = 10_000;

/** Yields every fault, then one line that says what was looked at. */
export async function* verifyVault(
  parts: Looking,
  signal?: AbortSignal,
): AsyncGenerator<VaultFinding> {
  let faults = 0;
  const counts = { objects: 0, unnamed: 0 };
  for await (const fault of faultsOf(parts, counts, signal)) {
    faults += 1;
    yield { ...fault, ok: false };
  }
  const unnamed =
    counts.unnamed === 0
      ? ''
      : `; ${plural(counts.unnamed, 'object')} among them in no record, as attempts that failed or were interrupted leave them; whether somebody put one there can't be told`;
  const message = `${plural(counts.objects, 'object')}${unnamed}`;
  yield {
    subject: 'vault',
    ok: faults === 0,
    message: faults === 0 ? message : `${plural(faults, 'fault')}; ${message}`,
  };
}

type Fault = Omit<VaultFinding, 'ok'>;

async function* faultsOf(
  parts: Looking,
  counts: { objects: number; unnamed: number },
  signal?: AbortSignal,
): AsyncGenerator<Fault> {
  for await (const { place, what } of parts.vault.strangers(signal))
    yield { subject: `vault: ${place}`, message: what };
  let page: string[] = [];
  for await (const sha256 of parts.vault.objects()) {
    counts.objects += 1;
    page.push(sha256);
    if (page.length < pageSize) continue;
    yield* unheldFaults(parts, page, counts, signal);
    page = [];
  }
  yield* unheldFaults(parts, page, counts, signal);
  yield* lostAnswers(parts, signal);
}

/** No capture and no derivation names these, so nobody else hashes them again. */
async function* unheldFaults(
  { database, vault }: Looking,
  sha256s: string[],
  counts: { unnamed: number },
  signal?: AbortSignal,
): AsyncGenerator<Fault> {
  for (const { sha256, isAnswer } of await unheldAmong(database, sha256s)) {
    signal?.throwIfAborted();
    if (!isAnswer) counts.unnamed += 1;
    const subject = `object ${sha256}`;
    try {
      const found = await vault.rehash(sha256, signal);
      if (found !== null && found.sha256 !== sha256)
        yield { subject, message: `hashes to ${found.sha256}` };
    } catch (error) {
      signal?.throwIfAborted();
      yield { subject, message: `can't be read: ${messageOf(error)}` };
    }
  }
}

/** What a check was answered is what a removal is concluded from. */
async function* lostAnswers(
  { database, vault }: Looking,
  signal?: AbortSignal,
): AsyncGenerator<Fault> {
  for (let after = ''; ; ) {
    const bodies = await bodiesOfChecks(database, after, pageSize);
    for (const sha256 of bodies) {
      signal?.throwIfAborted();
      if ((await vault.has(sha256)) || (await removalOver(database, sha256)) !== null) continue;
      const message = 'the answer that a check was given is missing from the vault';
      yield { subject: `object ${sha256}`, message };
    }
    const last = bodies.at(-1);
    if (last === undefined) return;
    after = last;
  }
}
