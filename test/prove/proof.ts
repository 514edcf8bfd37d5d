/** A claim that is shown by running it: at full size by hand, reduced in the tests. */
export interface Proof {
  /** What `npm run prove` uses; the unit is the proof's own (posts, MiB, kills). */
  fullSize: number;
  /** Throws (`node:assert`) when the claim does not hold. */
  prove(run: ProofRun): Promise<void>;
}

export interface ProofRun {
  size: number;
  /** Decides every random choice, so that a failure can be run again. */
  seed: number;
  say(line: string): void;
}
