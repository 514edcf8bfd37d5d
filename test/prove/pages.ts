/**
 * Pages as the web has them: of each kind the visit has every band that is drawn and every word that
 * is shown, or the note that says what is missing. Size: visits of each kind.
 */
import assert from 'node:assert/strict';
import type { PageKind } from '../internet/page-kinds/kind.ts';
import { pageKinds } from '../internet/page-kinds/page-kinds.ts';
import { openRecordingRig, type RecordingRig } from '../support/recording-rig.ts';
import { visitKind } from '../support/visit-kind.ts';
import type { Proof } from './proof.ts';

/** Most of a visit is waiting. */
const sideBySide = 2;

interface Row {
  kind: PageKind;
  faults: string[];
  /** Of the longest visit, in milliseconds. */
  took: number;
}

export const proof: Proof = {
  fullSize: 2,
  async prove({ size, say }) {
    await using rig = await openRecordingRig();
    const rows: Row[] = [];
    let next = 0;
    const lane = async () => {
      for (let at = next++; at < pageKinds.length; at = next++) {
        const kind = pageKinds[at];
        if (kind !== undefined) rows[at] = await look(rig, kind, size);
      }
    };
    await Promise.all(Array.from({ length: sideBySide }, lane));
    say('| kind | what | seen | time |');
    say('| --- | --- | --- | --- |');
    for (const { kind, faults, took } of rows) {
      const seen = faults.length === 0 ? seenOf(kind) : faults.join('; ');
      say(`| ${kind.name} | ${kind.what} | ${seen} | ${(took / 1000).toFixed(1)} s |`);
    }
    const wrong = rows.flatMap(({ kind, faults }) =>
      faults.map((fault) => `${kind.name}: ${fault}`),
    );
    assert.deepEqual(wrong, []);
  },
};

async function look(rig: RecordingRig, kind: PageKind, times: number): Promise<Row> {
  const visits = [];
  for (let visit = 0; visit < times; visit += 1) visits.push(await visitKind(rig, kind));
  const took = Math.max(...visits.map((one) => one.took));
  return { kind, faults: visits.flatMap((one) => one.faults), took };
}

function seenOf({ bands, drawn, words, seen, markup, notes = [] }: PageKind): string {
  return [
    ...(bands === undefined ? [] : [`${bands} of ${bands} bands`]),
    ...(drawn === undefined ? [] : [`${drawn.length} of ${drawn.length} colours`]),
    ...(words === undefined ? [] : ['all words']),
    ...(seen === undefined ? [] : ['all bodies']),
    ...(markup === undefined ? [] : ['all markup']),
    ...notes.map((code) => `note \`${code}\``),
  ].join(', ');
}
