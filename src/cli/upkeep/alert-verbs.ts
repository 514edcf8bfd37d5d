/** The verbs about telling people. */
import type { Command } from 'commander';
import { examples } from '../terminal/help-examples.ts';

/** Any id of an alert: those of a reader are others. */
const alertId = '0b5f7c1e-1111-4222-8333-444455556666';

export function addAlertVerbs(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('list what was sent to whom, newest first')
    .option('--limit <n>', 'rows, up to 1000', '50')
    .addHelpText('after', examples('holdfast alerts', 'holdfast alerts test desk'))
    .action(async (_options, command) => (await import('./alerts.ts')).alerts(command));
  alerts
    .command('show')
    .description('show one message: its events, and every attempt to send it')
    .argument('<alert>', 'its id, as holdfast alerts lists it')
    .addHelpText(
      'after',
      examples(`holdfast alerts show ${alertId}`, `holdfast alerts show ${alertId} --json`),
    )
    .action(async (id, _options, command) => (await import('./alerts.ts')).showAlert(id, command));
  alerts
    .command('ack')
    .description('acknowledge its events: nobody is alerted to them again')
    .argument('<alert>', 'its id')
    .option('--by <who>', 'who acknowledges them (default: HOLDFAST_OPERATOR)')
    .option('--note <text>', 'what was done about them')
    .addHelpText(
      'after',
      examples(
        `holdfast alerts ack ${alertId}`,
        `holdfast alerts ack ${alertId} --note 'captured again'`,
      ),
    )
    .action(async (id, _options, command) =>
      (await import('./alerts.ts')).acknowledgeAlert(id, command),
    );
  alerts
    .command('redeliver')
    .description('send it again')
    .argument('<alert>', 'its id')
    .addHelpText('after', examples('holdfast alerts', `holdfast alerts redeliver ${alertId}`))
    .action(async (id, _options, command) =>
      (await import('./alerts.ts')).redeliverAlert(id, command),
    );
  alerts
    .command('channels')
    .description('list the channels in alerts.json of the data folder, and what each is told')
    .addHelpText('after', examples('holdfast alerts channels', 'holdfast alerts channels --json'))
    .action(async (_options, command) => (await import('./alerts.ts')).channels(command));
  alerts
    .command('test')
    .description('send a test message, and switch the channel back on if it was off')
    .argument('<channel>', 'its name, as holdfast alerts channels lists it')
    .addHelpText('after', examples('holdfast alerts channels', 'holdfast alerts test desk'))
    .action(async (name, _options, command) =>
      (await import('./alerts.ts')).testChannel(name, command),
    );
  alerts
    .command('feed')
    .description('print an Atom feed of what happened to the sources of a case')
    .argument('<case>', 'its name')
    .addHelpText(
      'after',
      examples('holdfast alerts feed harbour', 'holdfast alerts feed harbour > harbour.atom'),
    )
    .action(async (name, _options, command) =>
      (await import('./alerts.ts')).caseFeed(name, command),
    );
}
