/** Asks the catalog: node scripts/query.ts WORDS… (all captures when there are none) */
import { openHoldfast } from 'holdfast';

await using holdfast = await openHoldfast();
const text = process.argv.slice(2).join(' ');
let after: string | undefined;
do {
  const page = await holdfast.find({ text: text || undefined, limit: 100, after });
  for (const row of page.rows) {
    const { artifacts } = await holdfast.show(row.id);
    const originals = artifacts.filter(({ role }) => role === 'media.original').length;
    console.log(
      [
        row.id,
        row.state ?? 'unfinished',
        row.source,
        `${originals} originals`,
        row.environment,
      ].join('\t'),
    );
  }
  after = page.next ?? undefined;
} while (after !== undefined);
