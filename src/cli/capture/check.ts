import type { Command } from 'commander';
import { type ExitCode, exits } from '../../base/exit-codes.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { standingOf } from '../../model/signals.ts';
import type { SourceCheck } from '../../model/source-check.ts';
import { checkSource } from '../../pipeline/watching/check.ts';
import { shortTime, write } from '../terminal/output.ts';
import { documentFormatOf, globals, withApp } from '../verb.ts';

/**
 * For a script: 6 when a source is removed; where no route said anything of a source, 75 (try
 * later) when that is so of all of them, and 4 when of some.
 */
export function exitCodeFor(checks: Pick<SourceCheck, 'availability' | 'routes'>[]): ExitCode {
  if (checks.some(({ availability }) => availability === 'removed')) return exits.removed.code;
  const unheard = checks.filter(({ routes }) => !isHeard(routes)).length;
  if (unheard === 0) return exits.done.code;
  return unheard === checks.length ? exits.tryLater.code : exits.someFailed.code;
}

/** Whether any route that can be believed said something of the source, and not only of the way there. */
function isHeard(routes: SourceCheck['routes']): boolean {
  return routes.some((route) => route.canary !== 'failed' && isTelling(route));
}

function isTelling({ signal }: SourceCheck['routes'][number]): boolean {
  return standingOf(signal) !== 'nothing';
}

/** Looks at each source now, and says what every route said and what follows. */
export async function check(sources: string[], command: Command): Promise<void> {
  const options = globals(command);
  const format = documentFormatOf(options);
  const interrupted = new AbortController();
  const stop = () => interrupted.abort(new Error('interrupted'));
  process.once('SIGINT', stop);
  try {
    await withApp(options, async ({ parts }) => {
      const checks: SourceCheck[] = [];
      for (const source of sources) {
        checks.push(await checkSource(parts, source, interrupted.signal));
      }
      const records = checks.map((one) => ({ schema: 'holdfast.check/1', ...one }));
      if (format === 'json') write(JSON.stringify(records, null, 2));
      else if (format === 'jsonl') for (const record of records) write(JSON.stringify(record));
      else if (format === 'ids') for (const one of checks) write(one.source);
      else checks.forEach(printCheck);
      process.exitCode = exitCodeFor(checks);
    });
  } finally {
    process.off('SIGINT', stop);
  }
}

function printCheck(check: SourceCheck, index: number): void {
  if (index > 0) write('');
  write(`source      ${forTerminal(check.source)}`);
  write(`now         ${inWords(check)}`);
  const times = [
    ['first seen', check.firstSeen],
    ['last seen', check.lastSeen],
    ['missed', check.firstMissed],
    ['confirmed', check.confirmedAt],
  ] as const;
  for (const [name, time] of times) {
    if (time !== null) write(`${name.padEnd(12)}${shortTime(time)}`);
  }
  if (check.routes.length === 0) {
    write('this source can only be checked by capturing it: nothing was asked');
  }
  for (const { route, httpStatus, signal, statement, failure, canary } of check.routes) {
    const answer = failure ?? `HTTP ${httpStatus}`;
    const said = statement === null || statement === failure ? '' : `: ${statement}`;
    const believed =
      canary === null ? '' : canary === 'passed' ? ', canaries passed' : ', CANARIES FAILED';
    write(`  ${route.padEnd(16)} ${answer}, ${signal}${forTerminal(said)}${believed}`);
  }
  if (check.routes.length > 0 && !isHeard(check.routes)) {
    const why = check.routes.some(isTelling)
      ? 'no route can be believed: none found a source that is known to be online (CANARIES FAILED)'
      : 'no route gave an answer';
    write(`${why}. Nothing was concluded from this check: try again later`);
  }
  if (check.availability === 'suspect') printToRemoval(check);
}

function printToRemoval({ toRemoval }: SourceCheck): void {
  write('one check proves nothing: a source counts as removed only after several checks over time');
  write(
    toRemoval === null
      ? 'no miss counts so far: too few routes agree, or the source was never seen before'
      : `miss ${toRemoval.misses} of ${toRemoval.needed}: the next counts from ${shortTime(toRemoval.nextCountsFrom)}, and the last must not come before ${shortTime(toRemoval.notBefore)}`,
  );
}

function inWords({ availability, kind, since }: SourceCheck): string {
  const why = kind === null ? '' : ` (${kind})`;
  return `${availability}${why}${since === null ? '' : ` since ${shortTime(since)}`}`;
}
