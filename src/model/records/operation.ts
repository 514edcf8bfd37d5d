/** Records about how the archive runs: queue, settings, alerts, profiles. */
import { recordTable } from './entry.ts';

export const operationRecords = recordTable({
  'holdfast.status/1': {
    meaning: 'What is waiting, running and stuck.',
    when: '`status --json`.',
    fields: {
      environment: '`live` or `demo`.',
      backend: '`redis` or `postgres`.',
      unfinished: 'How many captures are unfinished.',
      deriving: 'How many sealed captures wait for derivations.',
      stuck: 'Ids of captures that several rounds did not finish.',
      captures:
        'The first 20 unfinished: `captureId`, `link`, `source`, `state` (`running` or `waiting`), `step`, `why` (`turn`, `no-worker`, or the [reason](reasons.md) of what is tried again) and `since`.',
      shortfalls:
        'Captures of the last seven days that kept less than was asked for, 20 at most: `captureId`, `link`, `source`, `state`, `reason`, `at`.',
      workers: 'Worker processes that are alive: `id`, `host`, `processId`, `startedAt`, `seenAt`.',
      stages: 'For each stage: `waiting`, `onOthers`, `active`, `delayed`, `failed`.',
      seal: 'Log, timestamps and fixity.',
      'seal.log': '`entries` in the log, and how many of them are `signed`.',
      'seal.timestamps': 'Whether authorities are `configured`, and what is `pending` at which.',
      'seal.fixity':
        '`objects` (beyond 50,000 about so many, and `isEstimate` is true), `oldestAt` (the oldest look) and `faults` that are not restored.',
    },
  },
  'holdfast.stage/1': {
    meaning: 'The jobs of one stage.',
    when: '`status --jsonl`.',
    fields: {
      stage: 'See [queue](queue.md).',
      waiting: 'Ready to run.',
      onOthers: 'Waiting for jobs below them.',
      active: 'Running.',
      delayed: 'Put off.',
      failed: 'Failed, and kept for a while.',
    },
  },
  'holdfast.config/1': {
    meaning: 'The settings in force. Secrets are not shown.',
    when: '`config --json`.',
    fields: {
      home: 'The data folder.',
      settings:
        'Each [setting](settings.md) by its name: `value`, `from` (where it was set) and `about`.',
      jobs: 'Where other programs enqueue: see [queue](queue.md).',
      'jobs.backend': '`redis` or `postgres`; `null` where there is no catalog yet.',
      'jobs.prefix': 'BullMQ’s prefix, or `null`.',
      'jobs.queues': 'The name of the queue of each stage, or `null`.',
      'jobs.payloads': 'The schema of what other programs may add, by stage.',
    },
  },
  'holdfast.missing-package/1': {
    meaning: 'A package of the system that is not installed.',
    when: '`setup`.',
    fields: { package: 'Its name.' },
  },
  'holdfast.profile/1': {
    meaning: 'A browser profile for logged-in views. Its contents are never shown.',
    when: '`profile`.',
    fields: {
      name: 'Its name.',
      keptAt: 'When it was added; `null` where it can’t be read.',
      domains: 'Domains that have cookies in it.',
      fault: 'Why it can’t be used, or `null`.',
    },
  },
  'holdfast.alert/1': {
    meaning: 'One message to one channel.',
    when: '`alerts`; `alerts show` adds `events` and `attempts`. A webhook’s `data` has `environment`, `alertId`, `telling`, `title`, `text` and `events` instead.',
    fields: {
      id: 'Id of the alert.',
      channel: 'Name of the channel.',
      eventIds: 'The events that it tells.',
      gathers: 'Whether it gathers further events until it is due.',
      telling: '1 for the first time; more where nobody acknowledged.',
      state: '`waiting`, `delivered`, `given-up` or `needless`.',
      attempts: 'How often it was tried; in `alerts show` each attempt.',
      madeAt: 'When it was made.',
      dueAt: 'When it is due.',
      events: 'The events themselves.',
    },
    optional: ['events'],
  },
  'holdfast.channel/1': {
    meaning: 'One alert channel. Its address and secrets are not shown.',
    when: '`alerts channels`.',
    fields: {
      name: 'Its name.',
      kind: '`webhook`, `ntfy`, `slack`, `discord`, `matrix` or `email`.',
      state: '`on`, or why it is off.',
      events: 'The [event kinds](events.md) that it tells.',
      cases: 'The cases that it is about; `null`: all.',
      disclose: '`nothing`, `source` or `text`: how much it says.',
    },
  },
});
