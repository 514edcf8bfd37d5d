/** Watches a source: node scripts/schedule.ts LINK 6h | node scripts/schedule.ts LINK '0 6 * * *' Europe/Berlin */
import { openHoldfast } from 'holdfast';

const [link, plan, timeZone] = process.argv.slice(2);
if (link === undefined || plan === undefined) {
  console.error('usage: node scripts/schedule.ts LINK PLAN [TIME ZONE]');
  process.exit(2);
}
await using holdfast = await openHoldfast();
const watch = await holdfast.watch(link, plan, { timeZone });
console.log(`${watch.sourceKey} is due ${watch.nextDueAt.toISOString()}; workers capture it then`);
