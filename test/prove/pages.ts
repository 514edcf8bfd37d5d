/**
 * Pages as the web has them: of each kind the visit has every band that is drawn and every word that
 * is shown, or the note that says what is missing. Size: visits of each kind.
 */
import assert from 'node:assert/strict';
import { pageKinds } from '../internet/page-kinds/page-kinds.ts';
import { openRecordingRig } from '../support/recording-rig.ts';
import { visitKind } from '../support/visit-kind.ts';
import type { Proof } from './proof.ts';

export const proof: Proof = {
  fullSize: 2,
  async prove({ size, say }) {
    await using rig = await openRecordingRig();
    const wrong: string[] = [];
    say('| kind | what | seen | time |');
    say('| --- | --- | --- | --- |');
    for (const kind of pageKinds) {
      const visits = [];
      for (let visit = 0; visit < size; visit += 1) visits.push(await visitKind(rig, kind));
      const faults = visits.flatMap((one) => one.faults);
      wrong.push(...faults.map((fault) => `${kind.name}: ${fault}`));
      const seen = [
        ...(kind.bands === undefined ? [] : [`${kind.bands} of ${kind.bands} bands`]),
        ...(kind.words === undefined ? [] : ['all words']),
        ...(kind.markup === undefined ? [] : ['all markup']),
        ...(kind.notes ?? []).map((code) => `note \`${code}\``),
      ].join(', ');
      const seconds = Math.max(...visits.map(({ took }) => took)) / 1000;
      say(
        `| ${kind.name} | ${kind.what} | ${faults.length === 0 ? seen : faults.join('; ')} | ${seconds.toFixed(1)} s |`,
      );
    }
    assert.deepEqual(wrong, []);
  },
};
