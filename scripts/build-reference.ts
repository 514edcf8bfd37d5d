/** Writes `docs/reference` anew from the code. `test/contract.test.ts` fails where it differs. */
import { writeFileSync } from 'node:fs';
import { referencePages } from './reference/pages.ts';

for (const [file, text] of Object.entries(referencePages())) {
  writeFileSync(new URL(`../docs/reference/${file}`, import.meta.url), text);
}
