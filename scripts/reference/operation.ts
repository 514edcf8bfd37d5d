/** Pages about running Holdfast: settings, queue, library. */
import { readFileSync } from 'node:fs';
import { aboutSetting, defaultInWords } from '../../src/config/setting-in-words.ts';
import { type SettingName, settingGroups } from '../../src/config/settings.ts';
import { everyStage } from '../../src/queue/jobs.ts';
import { stageMeanings } from '../../src/queue/stage-meanings.ts';
import { interfaceMembers } from './interface-members.ts';
import { code, page, section, table } from './markdown.ts';

export function settingsPage(): string {
  const sections = Object.entries(settingGroups).map(([title, settings]) => {
    const rows = (Object.keys(settings) as SettingName[]).map((name) => [
      code(name),
      defaultInWords(name),
      aboutSetting(name),
    ]);
    return section(title, table(['Setting', 'Default', 'For'], rows));
  });
  return page(
    'Settings',
    'Flags win over the environment, the environment over `.env` in the working folder, `.env` over `config.json` in the data folder (an object of strings), and that over the defaults. Any setting can also be given as `<NAME>_FILE`, a file that holds the value: use it for secrets. `yes` and `no` can be written as `true`/`false` and `1`/`0`. `holdfast config` prints what is in force and where it was set.',
    ...sections,
  );
}

const payloads = {
  capture: '`{"captureId": "<uuid>", "round": 0}`',
  submit: '[`holdfast.submit/1`](records.md#holdfastsubmit1)',
  nothing: '`{}`',
};

export function queuePage(): string {
  const rows = everyStage.map((stage) => {
    const { does, payload, when } = stageMeanings[stage];
    return [code(stage), does, payloads[payload], when];
  });
  return page(
    'Queue',
    'Work is handed out by BullMQ, on PostgreSQL or, where `REDIS_URL` is set, on Redis. There is one queue a stage, and its jobs have the stage’s name. Job data holds ids only: what was kept and how it ended is in the catalog and the vault, so an emptied queue loses nothing.',
    section('Stages', table(['Stage', 'Does', 'Job data', 'Jobs come about'], rows)),
    section(
      'Submitting from another program',
      `Any BullMQ producer may add jobs named ${code('submit')} to the queue ${code('submit')}, and to no other. Their data is ${code('holdfast.submit/1')}, their result ${code('holdfast.submitted/1')}: see [records](records.md#captures). ${code('holdfast config --json')} prints backend, prefix and queue names under ${code('jobs')}.`,
      '```json\n{\n  "schema": "holdfast.submit/1",\n  "text": "https://example.org/one and https://example.org/two",\n  "case": "harbour",\n  "by": "desk",\n  "options": { "tags": ["night"], "watch": "6h" }\n}\n```',
      'A job whose data can’t be read fails for good with `bad-payload`, `no-links`, `too-many-links` or `too-large`: see [error codes](errors.md). BullMQ ignores a job whose id is still known; a job that runs again submits nothing twice.',
    ),
    section(
      'Names',
      'The prefix is `SCHEMA-IDENTITY`: the setting `HOLDFAST_DATABASE_SCHEMA` and the first eight characters of `catalog_identity.id`, so that two archives never share a queue. On Redis it is BullMQ’s `prefix` and a queue is called by its stage (`resolve`). On PostgreSQL a queue is called `PREFIX.STAGE` (`holdfast-1a2b3c4d.resolve`).',
      'The id of a capture’s job is `CAPTURE.ROUND.STAGE`: adding it twice changes nothing. `round` counts how often the capture was handed in. Ordinary jobs have priority 1,000,000; a submission’s `--priority` n becomes 1,000,000 − n. `waitedMs`, in the data of a job that was put off, is how long it has waited for hosts in all.',
    ),
  );
}

const source = new URL('../../src/library/holdfast.ts', import.meta.url);

export function libraryPage(): string {
  const text = readFileSync(source, 'utf8');
  const members = interfaceMembers(text, 'Holdfast').map(({ name, signature, about }) =>
    [`### ${code(name)}`, `\`\`\`ts\n${signature}\n\`\`\``, about].filter(Boolean).join('\n\n'),
  );
  return page(
    'Library',
    "Holdfast inside a program: `import { openHoldfast } from 'holdfast'`. It reads the same [settings](settings.md), throws the same [errors](errors.md) and returns the same [records](records.md) as the command line.",
    "```ts\nimport { openHoldfast } from 'holdfast';\n\nawait using holdfast = await openHoldfast();\nfor (const { captureId } of await holdfast.add('https://example.org/')) console.log(captureId);\n```",
    section('Verbs', ...members),
    section(
      'Errors',
      'Every error that Holdfast raises on purpose is a `HoldfastError` with `code`, `next` (`give-up`, `retry` or `wait`) and `exitCode`: see [error codes](errors.md).',
    ),
  );
}
