/** Property tests draw the same in every `npm test`; here each round draws from another seed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Proof } from './proof.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const propertyTests = 'test/support/property.ts';

/** A round is every test file that has a property; round N of seed S is the first one of seed S + N - 1. */
export const proof: Proof = {
  fullSize: 3,
  async prove({ size, seed, say }) {
    for (let round = 0; round < size; round += 1) {
      const { passed, output } = await testsFrom(seed + round);
      assert.ok(
        passed,
        `${output}\nthe same again: npm run prove -- fuzz 1 --seed ${seed + round}`,
      );
      say(`seed ${seed + round}: ${/Tests .*/.exec(output)?.[0] ?? output}`);
    }
  },
};

function testsFrom(seed: number): Promise<{ passed: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [vitest, 'related', '--run', propertyTests],
      {
        cwd: root,
        env: { ...process.env, HOLDFAST_TEST_SEED: String(seed), NO_COLOR: '1' },
        maxBuffer: 2 ** 28,
      },
      (error, stdout, stderr) => resolve({ passed: error === null, output: stdout + stderr }),
    );
  });
}
