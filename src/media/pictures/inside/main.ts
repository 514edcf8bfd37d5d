/** The decoder of pictures as a process: messages come in on stdin and are answered on stdout, in turn. */
import { once } from 'node:events';
import type { Answered, AskName } from './asks.ts';
import { answers, library, type Made } from './decode.ts';
import { beginningOf, Messages } from './messages.ts';

/** Whoever asks keeps to limits of its own. */
const unlimited = { wordsBytes: Infinity, blocksBytes: Infinity };

const asked = new Messages(process.stdin, unlimited);
await send(library, []);
for (let next = await asked.next(); next !== null; next = await asked.next()) {
  const { ask, options } = next.words as { ask: AskName; options: never };
  const before = process.cpuUsage();
  const made = await answers[ask](next.blocks, options).catch(whyNot);
  const { user, system } = process.cpuUsage(before);
  const processorMs = Math.round((user + system) / 1000);
  if (typeof made === 'string') await send({ notDecodable: made, processorMs }, []);
  else await send({ found: made.found, processorMs }, made.blocks ?? []);
}

async function send(words: Answered | typeof library, blocks: Uint8Array[]): Promise<void> {
  const sizes = blocks.map(({ length }) => length);
  for (const part of [beginningOf(words, sizes), ...blocks]) {
    if (!process.stdout.write(part)) await once(process.stdout, 'drain');
  }
}

function whyNot(error: unknown): Made | string {
  return error instanceof Error ? error.message.slice(0, 500) : 'no reason given';
}
