/** Codes about the log, its witnesses and the archive's own records: PermanentError and TransientError. */
import { codeTable } from './entry.ts';

export const transientUpkeepCodes = codeTable({
  'database-conflict': {
    meaning: 'Two transactions got in each other’s way.',
    when: 'The database asked to try again.',
    todo: 'Nothing: it is tried again.',
  },
  'ots-status': {
    meaning: 'An OpenTimestamps calendar answered with an error.',
    when: 'Asking for a proof.',
    todo: 'Nothing: it is asked again, later each time.',
  },
  'timestamp-status': {
    meaning: 'A timestamp authority answered with an error.',
    when: 'Asking for a token.',
    todo: 'Nothing: it is asked again, later each time.',
  },
});

/** A witness may refuse for now, or for good. */
export const witnessRefusal = codeTable({
  'witness-refused': {
    meaning: 'A witness does not sign.',
    when: 'It answered with an error, or has seen another tree. The latter is an alarm.',
    todo: 'Read its answer in the message; if it saw another tree, run `holdfast verify --all`.',
  },
});

export const permanentUpkeepCodes = codeTable({
  'append-only': {
    meaning: 'The catalog refuses to change what was written.',
    when: 'Something tried to update or delete a row of an append-only table.',
    todo: 'Find out who did: Holdfast itself never does.',
  },
  'bad-payload': {
    meaning: 'The data of a job can’t be read.',
    when: 'A job was added with other data than [the queue](queue.md) describes.',
    todo: 'Correct the program that adds it.',
  },
  'bad-record-name': {
    meaning: 'This can’t be the name of a record.',
    when: 'A name with other characters than records may have.',
    todo: 'Report it: this is a fault in Holdfast.',
  },
  'capture-closed': {
    meaning: 'The capture is closed, and nothing is added to it.',
    when: 'A late worker finished after another had sealed the capture.',
    todo: 'Nothing.',
  },
  'clock-suspect': {
    meaning: 'This machine’s clock differs from the authority’s.',
    when: 'A timestamp token says another time. Its token is not accepted.',
    todo: 'Set the clock (NTP).',
  },
  'entry-too-long': {
    meaning: 'An entry of the log is too long.',
    when: 'A text in it, such as a reference, is far too long.',
    todo: 'Shorten it.',
  },
  'no-checkpoint': {
    meaning: 'There is no checkpoint of this size.',
    when: 'A timestamp was due for a checkpoint that a rebuild dropped.',
    todo: 'Nothing: the next checkpoint is stamped.',
  },
  'no-plan': {
    meaning: 'The capture has no plan yet.',
    when: 'A later stage ran before the link was resolved.',
    todo: 'Nothing: the feeder hands the capture in again.',
  },
  'no-links': {
    meaning: 'The text holds no link.',
    when: 'Another program added a job to the queue `submit`.',
    todo: 'Add a text with links.',
  },
  'ots-elsewhere': {
    meaning: 'The calendar’s promise is one of another calendar, which the settings don’t name.',
    when: 'Asking for a proof.',
    todo: 'Add that calendar to `HOLDFAST_OTS_CALENDARS`, or drop this one.',
  },
  'ots-garbage': {
    meaning: 'The answer of an OpenTimestamps calendar can’t be read.',
    when: 'Asking for a proof.',
    todo: 'Check the address in `HOLDFAST_OTS_CALENDARS`.',
  },
  'socket-folder-taken': {
    meaning: 'The folder for the embedded database’s socket belongs to somebody else.',
    when: 'The data folder’s path is too long for a socket, and the folder used instead is not safe.',
    todo: 'Remove that folder, or use a data folder with a shorter path.',
  },
  'timestamp-garbage': {
    meaning: 'The answer of a timestamp authority can’t be read.',
    when: 'It is not an RFC 3161 response.',
    todo: 'Check the address in `HOLDFAST_TSA_URLS`.',
  },
  'timestamp-refused': {
    meaning: 'The authority refused to stamp.',
    when: 'It answered with a refusal; the message ends with its words.',
    todo: 'Ask the authority, or name another in `HOLDFAST_TSA_URLS`.',
  },
  'token-left-behind': {
    meaning: 'A timestamp token was kept but not entered in the log in time.',
    when: 'A worker was killed between the two. The next checkpoint gets one of its own.',
    todo: 'Nothing.',
  },
  'too-many-links': {
    meaning: 'The text holds more links than one job may bring.',
    when: 'Another program added a job to the queue `submit`.',
    todo: 'Add several jobs.',
  },
  'unknown-platform': {
    meaning: 'No platform knows sources of this kind.',
    when: 'A key was made by a newer version, or by hand.',
    todo: 'Use the version that made it, or a key as `holdfast find` prints it.',
  },
  'witness-garbage': {
    meaning: 'The answer of a witness holds no signature of it.',
    when: 'Asking for a cosignature.',
    todo: 'Check key and address in `HOLDFAST_WITNESSES`.',
  },
});
