/** The verbs about telling people. */
import type { Command } from 'commander';

export function addAlertVerbs(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('what was told to whom, newest first')
    .option('--limit <n>', 'rows, up to 1000', '50')
    .action(async (_options, command) => (await import('./alerts.ts')).alerts(command));
  alerts
    .command('show')
    .description('one message: its events and how its sending went')
    .argument('<alert>', 'its id, as holdfast alerts lists it')
    .action(async (id, _options, command) => (await import('./alerts.ts')).showAlert(id, command));
  alerts
    .command('ack')
    .description('take note of its events: nobody is told of them again')
    .argument('<alert>', 'its id')
    .option('--by <who>', 'who takes note (default: HOLDFAST_OPERATOR)')
    .option('--note <text>', 'what was done about it')
    .action(async (id, _options, command) =>
      (await import('./alerts.ts')).acknowledgeAlert(id, command),
    );
  alerts
    .command('redeliver')
    .description('send it once more')
    .argument('<alert>', 'its id')
    .action(async (id, _options, command) =>
      (await import('./alerts.ts')).redeliverAlert(id, command),
    );
  alerts
    .command('channels')
    .description('who is told what: the channels in alerts.json of the data folder')
    .action(async (_options, command) => (await import('./alerts.ts')).channels(command));
  alerts
    .command('test')
    .description('send a test message, and call the channel again if it was off')
    .argument('<channel>', 'its name, as holdfast alerts channels lists it')
    .action(async (name, _options, command) =>
      (await import('./alerts.ts')).testChannel(name, command),
    );
  alerts
    .command('feed')
    .description('an Atom feed of what happened to the sources of a case')
    .argument('<case>', 'its name')
    .action(async (name, _options, command) =>
      (await import('./alerts.ts')).caseFeed(name, command),
    );
}
