/** Files that a person asks about as pictures, videos or sounds. */
import { stat } from 'node:fs/promises';
import { type CodeOf, errorCodes } from '../../base/error-codes.ts';
import { NotFoundError, PermanentError, UsageError } from '../../base/errors.ts';

/**
 * Asks about a file. One that is no media was the wrong one to name: usage, and no failure of ours.
 * @throws NotFoundError `no-such-file`; UsageError `is-a-folder`, `not-a-file`, `not-media`, `not-a-picture`, `not-decodable` …
 */
export async function askingAbout<Answer>(
  file: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  await refuseOther(file);
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const code = isUsageCode(error.code) ? error.code : 'not-decodable';
    throw new UsageError(code, `${file}: ${error.message}`);
  }
}

function isUsageCode(code: string): code is CodeOf<'UsageError'> {
  return Object.hasOwn(errorCodes.UsageError, code);
}

/** A pipe would be waited for, and can't be read from its middle. */
async function refuseOther(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new NotFoundError('no-such-file', `${file} can't be read (${error.code})`);
  });
  if (found.isDirectory())
    throw new UsageError('is-a-folder', `${file} is a folder: name the files in it`);
  if (!found.isFile())
    throw new UsageError('not-a-file', `${file} is not a regular file: save it as one first`);
}
