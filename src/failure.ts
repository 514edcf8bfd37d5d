/** How a process that could not do its work says so. */
import { HoldfastError } from './errors.ts';

/** One line on stderr a problem, with its code; returns the exit code. */
export async function reportFailure(error: unknown): Promise<number> {
  if (error instanceof HoldfastError) {
    for (const line of error.message.split('\n'))
      console.error(`holdfast: ${line} [${error.code}]`);
    return error.exitCode;
  }
  if (error instanceof Error && (error.name === 'AbortError' || error.message === 'interrupted')) {
    console.error('holdfast: interrupted');
    return 130;
  }
  console.error('holdfast: unexpected error', error);
  return 1;
}
