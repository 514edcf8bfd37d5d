/**
 * The process that decodes pictures, run confined by `open-pictures.ts`: it is handed bytes, and
 * answers with what is in them. It opens no files, and knows nobody.
 */
import { fileURLToPath } from 'node:url';
import { errorCode } from '../../base/errors.ts';
import { apart, MessageReader, together, writeMessage } from './picture-messages.ts';
import {
  composeSheet,
  describePicture,
  pictureLook,
  pictureMetadata,
  picturePixels,
  pictureSize,
  prepareForReading,
} from './pictures.ts';

/** Whoever asks is us, and believed. */
export const pictureWork = {
  composeSheet,
  describePicture,
  pictureLook,
  pictureMetadata,
  picturePixels,
  pictureSize,
  prepareForReading,
};

export type PictureWork = typeof pictureWork;

async function answer(asked: { name: keyof PictureWork; with: unknown[] }): Promise<unknown> {
  const before = process.cpuUsage();
  const work = pictureWork[asked.name] as (...given: unknown[]) => Promise<unknown>;
  const said = await work(...asked.with).then(
    (value) => ({ value }),
    (error: unknown) => ({ failed: errorCode(error) }),
  );
  const { user, system } = process.cpuUsage(before);
  return { ...said, processorMs: (user + system) / 1000 };
}

const mostBytes = 4 * 1024 ** 3;

async function main(): Promise<void> {
  const messages = new MessageReader(process.stdin, mostBytes);
  for (let asked = await messages.next(); asked !== null; asked = await messages.next()) {
    const { words, parts } = apart(await answer(together(asked) as Parameters<typeof answer>[0]));
    const sizes = parts.map(({ length }) => length);
    await writeMessage(process.stdout, words, sizes, parts);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
