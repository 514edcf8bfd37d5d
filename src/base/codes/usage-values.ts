/** Codes of UsageError: a value can't be read, or there is no such thing to choose. */
import { codeTable } from './entry.ts';

export const valueCodes = codeTable({
  'bad-argument': {
    meaning: 'An argument of a library verb is of the wrong kind.',
    when: 'Something other than a text, or an empty one.',
    todo: 'Pass what the message asks for.',
  },
  'bad-cursor': {
    meaning: 'This is not a place in a list.',
    when: '`--after` got something other than what the page before printed.',
    todo: 'Pass the cursor exactly as it was printed.',
  },
  'bad-grouping': {
    meaning: 'Takedowns can’t be grouped by this.',
    when: '`takedowns --by` got an unknown word.',
    todo: 'See `holdfast takedowns --help` for the groupings.',
  },
  'bad-headers': {
    meaning: 'The file of Bitcoin block headers can’t be used.',
    when: '`verify --bitcoin-headers` got a file that holds no chain of headers.',
    todo: 'Give the 80-byte headers, one after the other, as a Bitcoin node exports them.',
  },
  'bad-home': {
    meaning: 'This path can’t be a data folder.',
    when: '`--home` or `HOLDFAST_HOME` names a file, or a path below one.',
    todo: 'Name a folder.',
  },
  'bad-number': {
    meaning: 'A number is out of range, or not a number.',
    when: 'A flag that takes a whole number got something else.',
    todo: 'Give a number in the range that the message names.',
  },
  'bad-option': {
    meaning: 'An option or setting of the library has a value that can’t be used.',
    when: 'Calling `openHoldfast` or one of its verbs.',
    todo: 'Correct the option that the message names.',
  },
  'bad-plan': {
    meaning: 'This is not a watch plan.',
    when: '`watch` or `--watch` got an unreadable interval, cron expression or time zone.',
    todo: 'Write an interval (`6h`), a cron expression of five fields (`"0 6 * * *"`), or `adaptive`.',
  },
  'bad-profile': {
    meaning: 'The name or the file of a browser profile can’t be used.',
    when: '`profile add` got a name with other characters than a–z, 0–9 and `-`, or a file that is not a storage state.',
    todo: 'Save the storage state as Playwright writes it (JSON with `cookies` and `origins`).',
  },
  'bad-query': {
    meaning: 'A query can’t be read.',
    when: '`find` got a quotation mark or parenthesis that is never closed, an unknown field, or a value that its field doesn’t take.',
    todo: 'Look at the character that the message points at; `holdfast find --help` names the fields.',
  },
  'bad-quiet-hours': {
    meaning: 'These are not quiet hours.',
    when: '`--quiet-hours` is not two times of day.',
    todo: 'Write them like `22:00-06:00`.',
  },
  'bad-sha256': {
    meaning: 'This is not a SHA-256.',
    when: 'A digest has not exactly 64 hexadecimal digits.',
    todo: 'Copy all 64 digits, as `holdfast show` prints them.',
  },
  'bad-size': {
    meaning: 'This is not the size of a checkpoint.',
    when: '`export --since` got something other than a whole number.',
    todo: 'Give the number on the second line of the checkpoint.',
  },
  'bad-steps': {
    meaning: 'A list of actions can’t be read.',
    when: 'A file given with `--steps`, or one of the folder `steps`, is not JSON or has an entry that is not an action.',
    todo: 'Correct the entry that the message names; docs/steps.md shows them all.',
  },
  'bad-state': {
    meaning: 'There is no such capture state.',
    when: '`find --state` got an unknown word.',
    todo: 'Use complete, partial, blocked, failed or unfinished.',
  },
  'bad-target': {
    meaning: 'Nothing can be written at this path.',
    when: '`--to` is in a folder that isn’t there or in something that is not a folder, or its name is too long.',
    todo: 'Name a path in a folder that takes new files.',
  },
  'bad-time': {
    meaning: 'This is not a time, or it is over.',
    when: 'A flag that takes a time can’t be read, or `--until` is in the past.',
    todo: 'Write `2026-11-01` or `2026-11-01T12:00Z`; without a zone it is UTC.',
  },
  'empty-flag': {
    meaning: 'A flag has an empty value.',
    when: 'Often a shell variable that is not set: `--case "$CASE"`.',
    todo: 'Give it a value, or leave it out.',
  },
  'empty-period': {
    meaning: 'The period ends before it begins.',
    when: '`--from` is not earlier than `--to`.',
    todo: 'Swap or correct the two times.',
  },
  'no-key': {
    meaning: 'These are not log keys.',
    when: '`verify --vkey` got neither a key (`name+id+key`) nor a file that holds one.',
    todo: 'Pass the key that the archive publishes (`holdfast keys`).',
  },
  'no-such-checkpoint': {
    meaning: 'The log has no checkpoint of this size.',
    when: '`export --since` names a size at which nothing was signed.',
    todo: 'Use the second line of a checkpoint that you hold.',
  },
  'no-such-role': {
    meaning: 'No file of these captures has this role.',
    when: '`export --role` matches nothing.',
    todo: 'Choose one of the roles that the message lists; all of them: [roles](roles.md).',
  },
  'no-such-shell': {
    meaning: 'There is no completion for this shell.',
    when: '`completion` got another word than bash, zsh or fish.',
    todo: 'Use bash, zsh or fish.',
  },
  'no-such-stage': {
    meaning: 'There is no such stage.',
    when: '`work --only` got an unknown name.',
    todo: 'Choose from the stages that the message lists; all of them: [queue](queue.md).',
  },
  'short-id': {
    meaning: 'Too few characters of an id.',
    when: 'An id was shortened to fewer characters than can be searched for.',
    todo: 'Give more of its beginning or end, as `holdfast find` prints it.',
  },
  'too-large': {
    meaning: 'The input is too large to be read at once.',
    when: 'A text of links is over 64 MiB.',
    todo: 'Split it.',
  },
  'empty-value': {
    meaning: 'A case, tag or note without a letter.',
    when: '`case`, `tag` or `note` with an empty text, as a variable that was not set makes it.',
    todo: 'Say what it is.',
  },
  'too-long': {
    meaning: 'The name of a case or tag, or a note, is too long.',
    when: 'It is longer than the message allows.',
    todo: 'Choose a shorter one.',
  },
  'unknown-encoding': {
    meaning: 'The encoding of the file is not known.',
    when: 'A text is neither UTF-8 nor UTF-16, and does not name its encoding as a page does.',
    todo: 'Save it as UTF-8.',
  },
  'unknown-option': {
    meaning: 'There is no such option or setting.',
    when: 'A misspelt name in a call of the library. It would have been ignored unnoticed.',
    todo: 'Use one of the names that the message lists.',
  },
  'bad-kind': {
    meaning: 'This is not a kind of derivation.',
    when: '`derive --with` got something else.',
    todo: 'Use the kinds that the message lists.',
  },
});
