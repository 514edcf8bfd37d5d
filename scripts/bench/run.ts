/** Measures one thing against its baseline: npm run bench -- NAME [pairs] */
import { toolLines } from '../../test/prove/tool-lines.ts';
import type { Bench } from './bench.ts';

const benches: Record<string, { what: string; load(): Promise<{ bench: Bench }> }> = {
  media: {
    what: 'looking into a video against decoding it alone; memory, three hours',
    load: () => import('./media.ts'),
  },
  ocr: {
    what: 'processor time of reading the frames of a clip, and which of them are read',
    load: () => import('./ocr.ts'),
  },
  similar: {
    what: 'searching 1,000,000 fingerprints, and hashing a picture',
    load: () => import('./similar.ts'),
  },
  find: {
    what: 'searching 1,000,000 captures by words, phrases, fields and time; facets; keeping up',
    load: () => import('./find.ts'),
  },
  readers: {
    what: 'fifty readers at the pages of 1,000,000 captures: lists, searches, sources',
    load: () => import('./readers.ts'),
  },
  add: {
    what: 'adding 100,000 links from a file: time and memory',
    load: () => import('./add.ts'),
  },
  capture: {
    what: 'recording a page against the browser alone; memory, bytes stored',
    load: () => import('./capture.ts'),
  },
  sealed: {
    what: 'how soon a copy is sealed: a tiny page, pictures and a clip, clips of 12 and 60 seconds',
    load: () => import('./sealed.ts'),
  },
  verify: {
    what: 'verifying a bundle against openssl dgst; memory for 1,000 captures',
    load: () => import('./verify.ts'),
  },
  log: {
    what: 'appending to a log of 1,000,000 entries, and proving one',
    load: () => import('./log.ts'),
  },
};

const [name, pairs] = process.argv.slice(2);
const chosen = benches[name ?? ''];
if (chosen === undefined) {
  for (const [known, { what }] of Object.entries(benches))
    console.log(`${known.padEnd(14)} ${what}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  for (const line of await toolLines()) console.log(line);
  console.log(`bench ${name}, ${new Date().toISOString()}`);
  const { bench } = await chosen.load();
  await bench.measure({ pairs: Number(pairs ?? 5), say: (line) => console.log(line) });
}
