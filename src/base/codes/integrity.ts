/** Codes of IntegrityError: stored bytes or records are not what they were. Nothing is overwritten. */
import { codeTable } from './entry.ts';

export const integrityCodes = codeTable({
  'body-differs': {
    meaning: 'A recorded body changed before it was written to the WARC.',
    when: 'The scratch folder was tampered with, or its disk is failing.',
    todo: 'Check the disk; the capture is tried again.',
  },
  'entry-missing': {
    meaning: 'An entry of the log is missing from the vault.',
    when: 'Exporting a bundle.',
    todo: 'Restore the vault from a backup, then run `holdfast verify --all`.',
  },
  'entry-unreadable': {
    meaning: 'An entry of the log can’t be read.',
    when: 'Its bytes were altered.',
    todo: 'Run `holdfast verify --all` to see what changed; restore from a backup.',
  },
  'home-damaged': {
    meaning: 'A part of the data folder is not a folder any more.',
    when: 'Something replaced one of the folders that Holdfast made.',
    todo: 'Put the folder back, from a backup if need be.',
  },
  'home-unreadable': {
    meaning: 'The file that describes the data folder is not as Holdfast wrote it.',
    when: '`home.json` was edited or cut off.',
    todo: 'Put it back from a backup, or name another folder.',
  },
  'key-unreadable': {
    meaning: 'A public key in the vault is not a key.',
    when: 'The record was altered.',
    todo: 'Restore it from a backup or from a published copy.',
  },
  'log-behind': {
    meaning: 'The database has fewer log entries than were signed.',
    when: 'The database was put back to an earlier state. Nothing is added until this is mended.',
    todo: 'Run `holdfast rebuild --drop`; if the vault lacks entries too, restore it first.',
  },
  'log-differs': {
    meaning: 'The log no longer has the root that was signed.',
    when: 'An entry was changed after it had been signed. Nothing more is signed.',
    todo: 'Run `holdfast verify --all` to see which entry changed.',
  },
  'log-has-a-hole': {
    meaning: 'An entry of the log is missing from the vault.',
    when: '`rebuild` found a later entry where the next one should be.',
    todo: 'Restore the vault first.',
  },
  'log-incomplete': {
    meaning: 'The log lacks entries or hashes that a checkpoint covers.',
    when: 'Rows or records were lost.',
    todo: 'Restore the vault if it lacks entries, then run `holdfast rebuild --drop`.',
  },
  'names-clash': {
    meaning: 'Two files of a capture can’t stand side by side in a folder.',
    when: 'Exporting a capture in which one file’s name is a folder of another’s, or only case differs.',
    todo: 'Run `holdfast verify` on the capture, or export some of its roles.',
  },
  'not-a-file': {
    meaning: 'Something in the vault is not a regular file.',
    when: 'A link, folder or device stands where an object should be.',
    todo: 'Find out who put it there; restore the object from a backup.',
  },
  'object-damaged': {
    meaning: 'An object in the vault no longer has its SHA-256.',
    when: 'The same bytes came again, and the stored ones proved damaged.',
    todo: 'Run `holdfast verify --all`; restore the object from a backup or the second vault.',
  },
  'plan-unreadable': {
    meaning: 'The stored plan of a capture can’t be read.',
    when: 'The artifact `plan.json` was altered.',
    todo: 'Run `holdfast verify` on the capture.',
  },
  'profile-key-damaged': {
    meaning: 'The key that encrypts browser profiles and restricted records is damaged.',
    when: '`profiles.key` in the data folder was altered.',
    todo: 'Put it back from a backup, or remove it and add every profile again. Without it, restricted records stay unreadable.',
  },
  'profile-unreadable': {
    meaning: 'A browser profile can’t be decrypted or read.',
    when: 'Its file was altered, or encrypted with another key.',
    todo: 'Add it again: `holdfast profile add NAME FILE`.',
  },
  'restricted-unreadable': {
    meaning: 'The restricted records of a capture can’t be decrypted.',
    when: 'They were encrypted on another machine, or `profiles.key` was lost or replaced.',
    todo: 'Run `holdfast profile records` where the capture was made, or put `keys/profiles.key` back from a backup.',
  },
  'record-differs': {
    meaning: 'The vault has a record of this name with other bytes.',
    when: 'Two processes, or a tampered vault, disagree about one record. The first one stays.',
    todo: 'Run `holdfast verify --all`.',
  },
  'record-unreadable': {
    meaning: 'A record in the vault can’t be read.',
    when: '`rebuild` or `verify` met a record that was altered or cut off.',
    todo: 'Restore the record that the message names from a backup.',
  },
  'signature-differs': {
    meaning: 'The kept signature of a WACZ is over another package.',
    when: 'Exporting a WACZ again whose contents no longer hash to what was signed.',
    todo: 'Run `holdfast verify` on the capture.',
  },
  'stored-bytes-differ': {
    meaning: 'Stored bytes no longer have their SHA-256.',
    when: 'Sealing, exporting or verifying re-read an object, and it had changed.',
    todo: 'Run `holdfast verify --all`; restore the object from a backup or the second vault.',
  },
  'unsafe-name': {
    meaning: 'The name of a file would leave its folder.',
    when: 'Exporting a capture whose rows were tampered with.',
    todo: 'Run `holdfast verify` on the capture.',
  },
  'witness-ahead': {
    meaning: 'A witness has seen more of this log than this machine has.',
    when: 'The archive was put back to an earlier state.',
    todo: 'Restore the newest backup before anything else is added.',
  },
  'original-changed': {
    meaning: 'An original changed while its metadata was read.',
    when: 'The digest after reading differs from the one before.',
    todo: 'Run `holdfast verify` on the capture; check the disk.',
  },
});
