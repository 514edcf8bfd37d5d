/** Hands over all finished captures of a case as plain files: node examples/export-case.ts CASE FOLDER */
import { openHoldfast } from 'holdfast';

const [caseName = '', folder = ''] = process.argv.slice(2);
await using holdfast = await openHoldfast();
let after: string | undefined;
do {
  const page = await holdfast.find({ case: caseName, limit: 100, after });
  for (const { id, source, state } of page.rows) {
    if (state === null) continue;
    for await (const { ok, subject, message } of holdfast.verify([id]))
      if (!ok) throw new Error(`${id}: ${subject}: ${message}`);
    const { folder: target, files } = await holdfast.export(id, folder);
    console.log(`${source} (${state}): ${files} files in ${target}`);
  }
  after = page.next ?? undefined;
} while (after !== undefined);
console.log(`check them anywhere: cd ${folder}/ID && sha256sum -c SHA256SUMS`);
