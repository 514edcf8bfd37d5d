/** The command line. Every verb's code is loaded only when it is used, so that help is instant. */
import { Command, CommanderError, Option } from 'commander';
import type { LoadWorkers } from '../app.ts';
import { type ExitCode, exits } from '../base/exit-codes.ts';
import { ownVersion } from '../base/own-package.ts';
import { readable, reportFailure } from '../base/report-failure.ts';
import { addFilingVerbs } from './ask/filing-verbs.ts';
import { addHandOverVerbs } from './ask/hand-over-verbs.ts';
import { addSimilarVerbs } from './ask/similar-verbs.ts';
import { addQuestionVerbs } from './ask/verbs.ts';
import { addCaptureVerbs } from './capture/verbs.ts';
import { refuseEmptyFlags } from './terminal/flags.ts';
import { addAlertVerbs } from './upkeep/alert-verbs.ts';
import { addUpkeepVerbs } from './upkeep/verbs.ts';

const beginWith = `
Start here:
  holdfast doctor                    check that everything a capture needs is there
  holdfast archive 'https://…'       capture a link, a pasted text or a file of links
  holdfast find WORDS                find it again
  holdfast show ID                   see what was kept and what is missing
  holdfast verify --all              check that nothing has changed since

holdfast VERB --help explains a verb and ends with two examples.
holdfast config lists the settings; docs/reference has settings, exit codes and error codes.
In a checkout, holdfast is bin/holdfast; it works from any folder.`;

/** Runs the verb that the arguments of this process name, and sets its exit code. */
export async function runCommandLine(loadWorkers: LoadWorkers): Promise<void> {
  endQuietlyWithReader();
  try {
    await commandTree(loadWorkers).parseAsync();
  } catch (error) {
    process.exitCode = await exitCodeOf(error);
  }
}

/** Every verb with its options, in the order of the help. */
export function commandTree(loadWorkers: LoadWorkers): Command {
  const program = bareProgram();
  addCaptureVerbs(program, loadWorkers);
  addQuestionVerbs(program);
  addFilingVerbs(program);
  addHandOverVerbs(program);
  addSimilarVerbs(program);
  addAlertVerbs(program);
  addUpkeepVerbs(program);
  return program;
}

/**
 * Whoever reads may stop reading: `holdfast find | head` is no failure of ours. The verb ends as it
 * always does, and closes what it opened; those that go on until they are stopped, are stopped.
 */
function endQuietlyWithReader(): void {
  let hasGone = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!hasGone) process.emit('SIGTERM');
    hasGone = true;
  });
}

function bareProgram(): Command {
  return new Command('holdfast')
    .description(
      'Archives the posts, pages and videos that a link shows, so that they can be found and verified later.',
    )
    .version(ownVersion(), '-V, --version', 'print the version')
    .option('--home <folder>', 'data folder (HOLDFAST_HOME; default ./holdfast-data)')
    .addOption(
      new Option('--log-level <level>', 'what is logged on stderr (HOLDFAST_LOG_LEVEL)').choices([
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )
    .addOption(new Option('--json', 'one JSON document on stdout').conflicts(['jsonl', 'csv']))
    .addOption(new Option('--jsonl', 'one JSON record per line').conflicts('csv'))
    .addOption(new Option('--csv', 'comma-separated rows'))
    .addOption(new Option('-q, --quiet', 'ids only'))
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showHelpAfterError('(see --help)')
    .configureOutput({ outputError: (text, print) => print(`${readable(text)}\n`) })
    .hook('preAction', (_program, verb) => refuseEmptyFlags(verb))
    .exitOverride()
    .addHelpText('after', beginWith);
}

async function exitCodeOf(error: unknown): Promise<ExitCode> {
  if (!(error instanceof CommanderError)) return await reportFailure(error);
  return error.exitCode === 0 ? exits.done.code : exits.usage.code;
}
