/** Kinds of pages of which a picture or a text easily lacks something; all of them: npm run prove -- pages */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageKinds } from './internet/page-kinds/page-kinds.ts';
import { openRecordingRig, type RecordingRig } from './support/recording-rig.ts';
import { visitKind } from './support/visit-kind.ts';

let rig: RecordingRig;
beforeAll(async () => {
  rig = await openRecordingRig();
});
afterAll(() => rig?.[Symbol.asyncDispose]());

const inTheSuite = [
  'frames-below',
  'content-visibility',
  'sticky',
  'window-heights',
  'debounced',
  'virtual-fixed',
  'resizes',
  'redefines',
  'asks-who',
  'frames',
  'shadow-open',
  'thin-band',
  'slides-by-wheel',
  'two-panes',
  'new-each-time',
  'fields',
  'styled-words',
  'xslt',
  'frame-refused',
  'pdf-inside',
];

describe('what a visitor sees is kept, or its lack is named', () => {
  test.concurrent.for(inTheSuite)('%s', { timeout: 90_000 }, async (name) => {
    const kind = pageKinds.find((one) => one.name === name);
    if (kind === undefined) throw new Error(`there is no kind ${name}`);
    const { faults } = await visitKind(rig, kind);
    expect(faults).toEqual([]);
  });
});
