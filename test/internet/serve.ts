/**
 * `node test/internet/serve.ts [PORT]`: the small internet with the founding story, for any
 * program. Prints the two settings that a program needs, then serves until interrupted.
 */
import { addFoundingStory } from './founding-story.ts';
import { startSmallInternet } from './small-internet.ts';

const port = process.argv[2] === undefined ? undefined : Number(process.argv[2]);
await using internet = await startSmallInternet({ port });
await addFoundingStory(internet.world);
for (const [name, value] of Object.entries(internet.environment)) console.log(`${name}=${value}`);
await new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});
