/** Settings about what comes after a capture: the seal, coming back, alerts. */
import { count, list, MiB, optionalText, withoutCredentials, yes } from './kinds.ts';

export const sealSettings = {
  HOLDFAST_LOG_ORIGIN: optionalText
    .refine(
      (text) => text === null || /^[^\s+]{1,200}$/.test(text),
      'must be a name such as archive.example.org/log, without spaces or plus signs',
    )
    .describe(
      'The name of the log, such as `archive.example.org/log`. Only read before its first key is made. Unset: `holdfast.local/…`.',
    ),
  HOLDFAST_CHECKPOINT_ENTRIES: count(256).describe(
    'A checkpoint is signed after this many new log entries …',
  ),
  HOLDFAST_CHECKPOINT_SECONDS: count(60).describe(
    '… or when the oldest of them has waited this many seconds.',
  ),
  HOLDFAST_TSA_URLS: list
    .refine(
      (urls) => urls.every((url) => /^https?:\/\//.test(url) && URL.canParse(url)),
      'must be a list of http or https addresses',
    )
    .refine(
      (urls) => urls.every(withoutCredentials),
      'must not hold a user or password: these addresses stand in the catalog and in status',
    )
    .describe(
      'RFC 3161 timestamp authorities, comma-separated. None: times are this machine’s own word.',
    ),
  HOLDFAST_TSA_ROOTS: optionalText.describe(
    'A PEM file with the root certificates that the authorities’ certificates must lead to.',
  ),
  HOLDFAST_TSA_POLICIES: list.describe(
    'Accepted timestamp policies (dotted numbers, comma-separated). None: any.',
  ),
  HOLDFAST_OTS_CALENDARS: list
    .refine(
      (urls) =>
        urls.every((url) => /^https:\/\/[A-Za-z0-9\-._/:]+$/.test(url) && URL.canParse(url)),
      'must be a list of https addresses, without user, query or escapes',
    )
    .transform((urls) => urls.map((url) => url.replace(/\/+$/, '')))
    .describe(
      'OpenTimestamps calendars, comma-separated; the calendars themselves, not pools. They see a salted hash only.',
    ),
  HOLDFAST_WITNESSES: list
    .refine(
      (witnesses) => witnesses.every((text) => withoutCredentials(text.split(' ').at(-1) ?? '')),
      'must not hold a user or password: these addresses stand in the catalog and in status',
    )
    .describe('Witnesses that co-sign checkpoints: `vkey url` of each, comma-separated.'),
  HOLDFAST_FIXITY_DAYS: count(90, 36_500).describe(
    'Every stored file is rehashed within this many days.',
  ),
  HOLDFAST_SECOND_VAULT: optionalText.describe(
    'A folder with a second copy of the vault, from which damaged files are restored.',
  ),
};

export const watchSettings = {
  HOLDFAST_CANARIES: list
    .refine(
      (links) => links.every((link) => /^(good|gone)=./.test(link)),
      'must be a list of good=LINK and gone=LINK',
    )
    .describe(
      'Sources that are known to be there or gone (`good=LINK,gone=LINK`). They show whether a platform’s answers can be believed.',
    ),
  HOLDFAST_REMOVED_MISSES: count(3).describe(
    'A source that is missing without a notice counts as removed after this many misses …',
  ),
  HOLDFAST_REMOVED_HOURS: count(24).describe('… over at least this many hours.'),
  HOLDFAST_STATED_MISSES: count(2).describe(
    'If the platform says that it is gone: after this many misses …',
  ),
  HOLDFAST_STATED_MINUTES: count(60).describe('… over at least this many minutes.'),
  HOLDFAST_REMOVED_ROUTES: count(2).describe(
    'How many routes must agree in one visit before it counts as a miss.',
  ),
  HOLDFAST_BREAKER_PERCENT: count(20).describe(
    'If this percentage of a platform’s authors go missing at once, the platform is assumed to be in trouble.',
  ),
  HOLDFAST_BREAKER_AT_LEAST: count(5).describe(
    'With fewer missing authors than this, the platform is never assumed to be in trouble.',
  ),
  HOLDFAST_WAYBACK: yes(true).describe(
    'Whether the Wayback Machine is asked about sources that are gone. Asking tells it which address you are after.',
  ),
  HOLDFAST_WAYBACK_SAVE_CASES: list.describe(
    'Cases whose captures the Wayback Machine is also asked to save, comma-separated.',
  ),
  HOLDFAST_WAYBACK_KEY: optionalText.describe('The key for that: `access:secret`.'),
};

export const alertSettings = {
  HOLDFAST_ALERTS: optionalText.describe(
    'The JSON file of alert channels. Unset: `alerts.json` in the data folder.',
  ),
  HOLDFAST_ALERT_ALLOW_PRIVATE: list.describe(
    'Private address ranges (CIDR, comma-separated) that alerts, and only they, may reach.',
  ),
  HOLDFAST_STORAGE_LOW_BYTES: count(5 * 1024 * MiB).describe(
    'Free-space threshold, in bytes, for the event `storage.low`.',
  ),
};
