/** How a process that could not do its work says so. */
import { HoldfastError } from './errors.ts';
import { type ExitCode, exits } from './exit-codes.ts';
import { forTerminal } from './for-terminal.ts';

/** One line on stderr a problem, with its code; indented ones below belong to it. Returns the exit code. */
export async function reportFailure(error: unknown): Promise<ExitCode> {
  if (error instanceof HoldfastError) {
    for (const line of error.message.split('\n')) {
      if (line.startsWith('  ')) console.error(readable(line));
      else console.error(`holdfast: ${readable(line)} [${error.code}]`);
    }
    return error.exitCode;
  }
  if (error instanceof Error && (error.name === 'AbortError' || error.message === 'interrupted')) {
    console.error('holdfast: interrupted');
    return exits.interrupted.code;
  }
  console.error('holdfast: unexpected error', error);
  return exits.unexpected.code;
}

const longestHead = 300;
const longestTail = 300;

/**
 * A message repeats what somebody typed or what a record holds: it may not steer the terminal,
 * and of a very long one the end stays, where it is said what to do.
 */
export function readable(line: string): string {
  const text = forTerminal(line);
  if (text.length <= longestHead + longestTail) return text;
  return `${text.slice(0, longestHead)}…${text.slice(-longestTail)}`;
}
