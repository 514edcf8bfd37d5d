/** The verbs about telling people. */
import type { Command } from 'commander';

export function addAlertVerbs(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('what was told to whom, newest first')
    .option('--limit <n>', 'rows', '50')
    .action(async (_options, command) => (await import('./alerts.ts')).alerts(command));
  alerts
    .command('show')
    .description('one message: its events and how its sending went')
    .argument('<alert>')
    .action(async (id, _options, command) => (await import('./alerts.ts')).showAlert(id, command));
  alerts
    .command('ack')
    .description('take note of its events: nobody is told of them again')
    .argument('<alert>')
    .option('--by <who>', 'who takes note (default: HOLDFAST_OPERATOR)')
    .option('--note <text>')
    .action(async (id, _options, command) =>
      (await import('./alerts.ts')).acknowledgeAlert(id, command),
    );
  alerts
    .command('redeliver')
    .description('send it once more')
    .argument('<alert>')
    .action(async (id, _options, command) =>
      (await import('./alerts.ts')).redeliverAlert(id, command),
    );
  alerts
    .command('channels')
    .description('who is told what')
    .action(async (_options, command) => (await import('./alerts.ts')).channels(command));
  alerts
    .command('test')
    .description('send a test message, and call the channel again if it was off')
    .argument('<channel>')
    .action(async (name, _options, command) =>
      (await import('./alerts.ts')).testChannel(name, command),
    );
  alerts
    .command('feed')
    .description('an Atom feed of what happened to the sources of a case')
    .argument('<case>')
    .action(async (name, _options, command) =>
      (await import('./alerts.ts')).caseFeed(name, command),
    );
}
