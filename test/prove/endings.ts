/** No verb outlives its last line, whatever failed on the way; each failure many times, each time alone. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSilent, waysToBreak } from '../support/broken-proxy.ts';
import { endingOf, mostAfterLastLineMs } from '../support/last-line.ts';
import { startTroubledInternet } from '../support/troubled-internet.ts';
import type { Proof } from './proof.ts';

const holdfast = fileURLToPath(new URL('../../scripts/holdfast.ts', import.meta.url));

/** All well, something is missing, nothing was learned: the failures that this is about, and no other. */
const asExpected = [0, 4, 75];

/** Size: runs of each verb on each failure. */
export const proof: Proof = {
  fullSize: 20,
  async prove({ size, say }) {
    await using internet = await startTroubledInternet();
    const home = await mkdtemp(join(tmpdir(), 'holdfast-proof-'));
    const env = {
      PATH: process.env.PATH,
      HOLDFAST_HOME: join(home, 'data'),
      ...internet.environment,
    };
    const longestAfter = async (name: string, args: string[]): Promise<void> => {
      let longestMs = 0;
      const codes = new Set<number | null>();
      for (let run = 0; run < size; run++) {
        const { code, signal, outlivedMs, stderr } = await endingOf([holdfast, ...args], env);
        assert.ok(outlivedMs !== null, `${name} never ended: ${stderr}`);
        assert.ok(
          asExpected.includes(code ?? 1),
          `${name} ended with ${signal ?? code}: ${stderr}`,
        );
        assert.ok(outlivedMs < mostAfterLastLineMs, `${name} went on for ${outlivedMs} ms`);
        codes.add(code);
        longestMs = Math.max(longestMs, outlivedMs);
      }
      say(`${name}: at most ${longestMs.toFixed(0)} ms after its last line, exit ${[...codes]}`);
    };
    try {
      // Makes the catalog. Its first stop writes all of it to disk, which is not what this is about.
      await endingOf([holdfast, 'migrate'], env);
      for (const [name, link] of internet.links) {
        await longestAfter(`archive, ${name}`, ['archive', link, '--again']);
        if (!isSilent(name)) await longestAfter(`check, ${name}`, ['check', link]);
      }
      for (const way of waysToBreak.filter((one) => !isSilent(one))) {
        await longestAfter(`archive of a post, ${way}`, [
          'archive',
          internet.postUrl(way),
          '--again',
        ]);
      }
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
};
