/** Runs a proof at full size: npm run prove -- NAME [size] [--seed N] */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Proof } from './proof.ts';
import { toolLines } from './tool-lines.ts';

/** By name; the same functions run at reduced size in the test suite. */
const proofs: Record<string, { what: string; load(): Promise<{ proof: Proof }> }> = {
  crash: {
    what: 'kill -9 of worker, PostgreSQL and Redis in every step; rebuild from the vault',
    load: () => import('./crash.ts'),
  },
  endings: {
    what: 'no verb outlives its last line by 2 s, over every failure of the network',
    load: () => import('./endings.ts'),
  },
  load: {
    what: 'many posts queued at once, memory and processes',
    load: () => import('./load.ts'),
  },
  media: {
    what: 'cuts of ten kinds of clips, exact times, hostile media',
    load: () => import('./media.ts'),
  },
  'large-video': { what: 'a large video in little memory', load: () => import('./large-video.ts') },
  fuzz: {
    what: 'every property test again, each round from a fresh seed',
    load: () => import('./fuzz.ts'),
  },
  namespace: {
    what: 'nothing private is reached, no packet passes the door (needs root)',
    load: () => import('./namespace.ts'),
  },
  'hostile-pages': {
    what: 'pages that want the machine end in time, and the captures beside them go on',
    load: () => import('./hostile-pages.ts'),
  },
  similar: {
    what: 'edited copies are found again, strangers are not',
    load: () => import('./similar.ts'),
  },
  recorder: {
    what: 'every body that was served is recorded or named, on nine page sets',
    load: () => import('./recorder.ts'),
  },
  lies: {
    what: 'pages that show one thing and serve another to whoever asks again',
    load: () => import('./lies.ts'),
  },
  pages: {
    what: 'pages of forty kinds: everything drawn and written is kept, or its lack is named',
    load: () => import('./pages.ts'),
  },
  interface: {
    what: 'every page in each light, width and language: no rule of accessibility is broken',
    load: () => import('./interface.ts'),
  },
  watch: {
    what: 'a simulated year of watching, what a day costs, a sweep over a million watches',
    load: () => import('./watch.ts'),
  },
  due: {
    what: '10,000 watches due in one hour, beside pasted links; bytes an unchanged visit and capture',
    load: () => import('./due.ts'),
  },
  year: {
    what: 'a simulated year of watching 100 sources over HTTP, queue and SQL, on both backends',
    load: () => import('./year.ts'),
  },
  seal: {
    what: 'one bit changed in any file, record, column or bundle is found',
    load: () => import('./seal.ts'),
  },
  adversary: {
    what: 'one thing changed in a bundle, vault or catalog by one who knows the formats is found',
    load: () => import('./adversary.ts'),
  },
  things: {
    what: 'files, answers without a page, refreshes, fragments and odd media, kind by kind',
    load: () => import('./things.ts'),
  },
  recorded: {
    what: 'recorded answers through the whole pipeline',
    load: () => import('./recorded.ts'),
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' } },
});
const [name, size] = positionals;
const chosen = proofs[name ?? ''];
if (chosen === undefined) {
  for (const [known, { what }] of Object.entries(proofs))
    console.log(`${known.padEnd(14)} ${what}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  const seed = Number(values.seed ?? randomInt(1_000_000));
  const { proof } = await chosen.load();
  const chosenSize = size === undefined ? proof.fullSize : Number(size);
  for (const line of await toolLines()) console.log(line);
  console.log(`proof ${name}, size ${chosenSize}, seed ${seed}, ${new Date().toISOString()}`);
  const startedAt = Date.now();
  await proof.prove({ size: chosenSize, seed, say: (line) => console.log(line) });
  console.log(`proof ${name} holds, ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}
