/** What the help of every verb ends with: lines to copy. `test/help.test.ts` parses and runs them. */

/** For `addHelpText('after', …)`. */
export function examples(first: string, second: string): string {
  return `\nExamples:\n  ${first}\n  ${second}`;
}
