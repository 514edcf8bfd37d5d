/** Of what the operator chooses: names, and who else is told or asked. */
import { ConfigError } from '../../base/errors.ts';
import { plural } from '../../base/plural.ts';
import { type Diagnose, fault, ok, warning } from './standing.ts';

export const ofSettings: Record<string, Diagnose> = {
  'trusted time': async ({ seal: { tsaUrls, otsCalendars } }) => {
    if (tsaUrls.length + otsCalendars.length === 0) {
      return warning(
        "none: all times are this machine's own, and nobody else vouches for them",
        'holdfast init, or set HOLDFAST_TSA_URLS (RFC 3161) or HOLDFAST_OTS_CALENDARS',
      );
    }
    const found = `${plural(tsaUrls.length, 'timestamp authority', 'timestamp authorities')}, ${plural(otsCalendars.length, 'OpenTimestamps calendar')}`;
    return ok(`${found}; not contacted now; holdfast status lists what is pending`);
  },
  'alert channels': async ({ alerts: { file } }) => {
    const { readChannels } = await import('../../watch/alerts/channels.ts');
    const { checkChannel } = await import('../../watch/alerts/send.ts');
    try {
      const channels = await readChannels(file);
      for (const channel of channels) await checkChannel(channel);
      if (channels.length === 0) {
        return warning(
          `none in ${file}: no alerts are sent`,
          'holdfast init, or write the file (docs/alerts.md)',
        );
      }
      return ok(`${plural(channels.length, 'channel')}; holdfast alerts test NAME sends to one`);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return fault(error.problems.join('; '), `fix ${file}: until then no alerts are sent`);
    }
  },
  operator: async ({ operator }) =>
    operator === null
      ? warning(
          'nobody is named: manifests say "unnamed"',
          'holdfast init, or set HOLDFAST_OPERATOR',
        )
      : ok(operator),
  organisation: async ({ seal: { organisation } }) =>
    organisation === null
      ? warning('none is named in manifests', 'holdfast init, or set HOLDFAST_ORGANISATION')
      : ok(organisation),
};
