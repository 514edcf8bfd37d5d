/** Vault and catalog: every table × every change, every kind of file × every change, and both at once. */
import assert from 'node:assert/strict';
import type { Parts } from '../../src/pipeline/parts.ts';
import { verifyAll } from '../../src/pipeline/verify/captures.ts';
import { untouchedArchive } from './every-kind.ts';
import type { ProofRun } from './proof.ts';
import { sealedArchive } from './sealed-archive.ts';
import { tableTamperings } from './table-tamperings.ts';
import { type Attacked, type Half, judge, nothingYet, share } from './tampering.ts';
import { vaultTamperings } from './vault-tamperings.ts';

const least = { tamperings: 60, untouched: 20 };

export const archiveHalf: Half = {
  name: 'vault and catalog',
  least,
  async attack(run) {
    const attacked = nothingYet();
    await tamper(attacked, run);
    await leaveAlone(attacked, run);
    return attacked;
  },
};

async function tamper(attacked: Attacked, { size, seed }: ProofRun): Promise<void> {
  await using sealed = await sealedArchive(2);
  // Rows of the last minute may be on their way: whoever looks now looks later.
  Object.assign(sealed.archive.parts, { now: () => new Date(Date.now() + 10 * 60_000) });
  await raiseNothing(attacked, 'the archive that is tampered with', sealed);
  for (const tampering of share([...tableTamperings(), ...vaultTamperings()], size, seed)) {
    await tampering.apply(sealed);
    const found = await firstFault(sealed);
    judge(attacked, tampering, found !== null);
    await tampering.undo(sealed);
  }
  assert.equal(await firstFault(sealed), null, 'put back, nothing is raised');
}

/** With everything in it that the small internet can give; in a small proof the one above must do. */
async function leaveAlone(attacked: Attacked, { size, say }: ProofRun): Promise<void> {
  const archives = Math.floor((least.untouched * size) / 100);
  for (let number = 0; number < archives; number += 1) {
    await using archive = await untouchedArchive(number);
    say(`untouched archive ${number}: ${archive.what}`);
    await raiseNothing(attacked, `archive ${number}`, archive);
  }
}

type Looked = { archive: { parts: Parts } };

async function raiseNothing(attacked: Attacked, name: string, looked: Looked): Promise<void> {
  const fault = await firstFault(looked);
  attacked.untouched.push(name);
  if (fault !== null) attacked.falseAlarms.push(`${name}: ${fault}`);
}

async function firstFault({ archive: { parts } }: Looked): Promise<string | null> {
  for await (const { ok, subject, message } of verifyAll(parts))
    if (!ok) return `${subject}: ${message}`;
  return null;
}
