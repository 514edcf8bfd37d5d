/** Archives every link of a text and says what was kept: node examples/archive-text.ts 'pasted text' [CASE] */
import { openHoldfast } from 'holdfast';

const [text = '', caseName] = process.argv.slice(2);
await using holdfast = await openHoldfast();
const { submitted, captures } = await holdfast.archive(text, { case: caseName });

for (const { link, rejected } of submitted) {
  if (rejected !== null) console.log(`${link} was rejected: ${rejected}`);
}
for (const { id, source, state, artifacts, seal } of captures) {
  console.log(`${source} is ${state ?? 'not finished'}: capture ${id}`);
  for (const { role, name, sha256 } of artifacts) console.log(`  ${role} ${name} ${sha256}`);
  console.log(seal === null ? '  not in the log yet' : `  entry ${seal.logIndex} of the log`);
}
if (captures.some(({ state }) => state !== 'complete')) process.exitCode = 4;
