/**
 * A grammar of tamperings: which thing × which change × how the rest is made to fit. Every one
 * is tried, and every one must be found, or be named beforehand as what nothing can find.
 */
import assert from 'node:assert/strict';
import type { ProofRun } from './proof.ts';

export interface Tampering<Target> {
  /** Says all of it, and no other one of its half says the same. */
  name: string;
  /** Why no check can find it; `null` where it must be found. */
  notFindable: string | null;
  apply(target: Target): Promise<void>;
}

/** Bundles, or vault and catalog: what is attacked, and what is left alone. */
export interface Half {
  name: string;
  /** So many distinct tamperings, and so many untouched, at full size. */
  least: { tamperings: number; untouched: number };
  attack(run: ProofRun): Promise<Attacked>;
}

export interface Attacked {
  found: string[];
  missed: string[];
  /** By name, with the reason that was given beforehand. */
  notFindable: Map<string, string>;
  untouched: string[];
  falseAlarms: string[];
}

export function nothingYet(): Attacked {
  return { found: [], missed: [], notFindable: new Map(), untouched: [], falseAlarms: [] };
}

/** One tampering and what was said of it. */
export function judge(
  attacked: Attacked,
  { name, notFindable }: Pick<Tampering<unknown>, 'name' | 'notFindable'>,
  isFound: boolean,
): void {
  // What is called impossible and is done all the same must lose its excuse.
  if (notFindable !== null && !isFound) attacked.notFindable.set(name, notFindable);
  else if (isFound && notFindable === null) attacked.found.push(name);
  else attacked.missed.push(isFound ? `${name} (found, and named as not findable)` : name);
}

/** @throws where something was missed, or raised about what nobody touched */
export function conclude(
  { name, least }: Half,
  { found, missed, notFindable, untouched, falseAlarms }: Attacked,
  { size, say }: ProofRun,
  fullSize: number,
): void {
  const names = [...found, ...missed, ...notFindable.keys()];
  assert.equal(new Set(names).size, names.length, 'no two tamperings have one name');
  for (const [reason, those] of Map.groupBy(notFindable, ([, reason]) => reason))
    say(`${name}: not findable, ${reason}: ${those.map(([one]) => one).join('; ')}`);
  assert.deepEqual(missed, []);
  assert.deepEqual(falseAlarms, []);
  if (size >= fullSize) {
    assert.ok(names.length >= least.tamperings, `${names.length} tamperings`);
    assert.ok(untouched.length >= least.untouched, `${untouched.length} untouched`);
  }
  say(
    `${name}: ${names.length} tamperings, ${found.length} found, ${notFindable.size} named beforehand as not findable; ` +
      `${untouched.length} untouched, nothing raised about any`,
  );
}

/** About so many of them in a hundred, spread evenly; all of them at a hundred. */
export function share<T>(all: T[], percent: number, seed: number): T[] {
  if (percent >= 100) return all;
  const step = Math.max(1, Math.round(100 / Math.max(1, percent)));
  return all.filter((_, place) => place % step === seed % step);
}
