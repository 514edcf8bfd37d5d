/** Watches a source, and reacts to what happens to it until Ctrl-C: node examples/react-to-events.ts LINK [PLAN] */
import { openHoldfast } from 'holdfast';

const [link = '', plan = 'adaptive'] = process.argv.slice(2);
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());

await using holdfast = await openHoldfast();
const events = holdfast.events({ signal: stopping.signal });
const [added] = await holdfast.add(link, { watch: plan });
if (added?.key == null) throw new Error(`not a link that can be watched: ${link}`);

// The workers capture it now, and look at it again when the plan says so.
await using _work = await holdfast.work();
console.log(`watching ${added.key}`);
for await (const { kind, source, cursor, detail } of events) {
  if (source !== added.key) continue;
  // Keep the cursor of what you have dealt with: `events({ since: cursor })` goes on after it.
  console.log(`${cursor} ${kind} ${JSON.stringify(detail)}`);
  if (kind === 'removed') console.log(`${source} is gone: our copy may be the last one`);
}
