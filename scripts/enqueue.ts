/** Enqueues the links of a text: node scripts/enqueue.ts 'pasted text' | FILE | - */
import { existsSync, readFileSync } from 'node:fs';
import { openHoldfast } from 'holdfast';

const [input = '-', caseName] = process.argv.slice(2);
const text =
  input === '-' ? readFileSync(0, 'utf8') : existsSync(input) ? readFileSync(input, 'utf8') : input;

await using holdfast = await openHoldfast();
for (const row of await holdfast.add(text, { case: caseName ?? null })) {
  console.log(
    row.rejected === null ? `${row.captureId} ${row.key}` : `rejected ${row.rejected}: ${row.link}`,
  );
}
console.error('now run workers: bin/holdfast work');
