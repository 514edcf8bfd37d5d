/** Codes of UsageError: the command or the call was wrong, and nothing was done. */
import { codeTable } from './entry.ts';

export const usageCodes = codeTable({
  'all-or-some': {
    meaning: '`--all` and ids were given together.',
    when: '`verify --all` with the id of a capture beside it.',
    todo: 'Use `--all`, or name the captures.',
  },
  'ambiguous-id': {
    meaning: 'More than one capture has an id that begins or ends like this.',
    when: 'An id was shortened too much.',
    todo: 'Give more characters, or the last ones: they differ most.',
  },
  'bundle-only': {
    meaning: 'This flag goes with a bundle only.',
    when: '`verify` of captures got a flag that is about bundles.',
    todo: 'Drop the flag, or name a bundle.',
  },
  'catalog-not-empty': {
    meaning: 'The catalog is not empty, so it is not rebuilt.',
    when: '`rebuild` without `--drop` on a catalog with rows in it.',
    todo: 'Add `--drop` to replace the catalog by what the vault holds.',
  },
  closed: {
    meaning: 'The archive was closed.',
    when: 'A verb of the library was called after `close`.',
    todo: 'Open it again.',
  },
  exists: {
    meaning: 'The target exists already. Holdfast never overwrites.',
    when: '`export --to` names a file or folder that is there.',
    todo: 'Name another target, or move the old one away.',
  },
  'inside-bundle': {
    meaning: 'The target lies inside a bundle, which one more file would spoil.',
    when: '`export --to` names a place in a folder that holds a bundle.',
    todo: 'Name a place outside of it.',
  },
  'headers-alone': {
    meaning: '`--bitcoin-headers` needs `--all` or a bundle.',
    when: '`verify` of single captures got it.',
    todo: 'Add `--all`, or verify a bundle.',
  },
  'idle-flag': {
    meaning: 'A flag has no effect with this format.',
    when: '`export` got a flag that belongs to another `--format`.',
    todo: 'Drop the flag, or choose the format that the message names.',
  },
  'is-a-folder': {
    meaning: 'This is a folder where a file is needed.',
    when: 'A verb that reads files got a folder.',
    todo: 'Name the files in it.',
  },
  'is-undo': {
    meaning: 'An undo can’t be undone.',
    when: '`clusters --undo` names a decision that took another one back.',
    todo: 'Make the decision again.',
  },
  'other-player': {
    meaning: 'Another version of the player of web archives is installed.',
    when: '`setup --replay` found other files where it would put its own.',
    todo: 'Move them away, or name another folder in `HOLDFAST_REPLAYER`.',
  },
  'no-bundle': {
    meaning: 'This is not a bundle.',
    when: '`verify` got a folder or zip file that `export --format bundle` did not make.',
    todo: 'Name a bundle. Plain exported files are checked with `sha256sum -c SHA256SUMS`.',
  },
  'no-certificates': {
    meaning: 'The file holds no certificates in PEM form, or can’t be read.',
    when: '`verify-wacz` got another kind of file for `--tsa-roots` or `--domain-roots`.',
    todo: 'Give a PEM file.',
  },
  'no-own-address': {
    meaning: 'The text does not say at which address it was published.',
    when: '`--same-host` with a plain text, or with a page that names no address of its own.',
    todo: 'Leave `--same-host` out, or name platforms with `--platform`.',
  },
  'no-plan': {
    meaning: '`watch` needs a plan.',
    when: 'Neither a plan nor one of `--pause` and `--resume` was given, or both of them were.',
    todo: 'Name a plan (`6h`, `"0 6 * * *"`, `adaptive`), or `--pause` or `--resume` for an existing watch.',
  },
  'no-rows': {
    meaning: 'This answer is not a table, so it can’t be CSV.',
    when: '`--csv` with a verb that answers with one document.',
    todo: 'Use `--json`.',
  },
  'no-such-platform': {
    meaning: 'There is no platform of this name.',
    when: '`--platform` names one that Holdfast does not know.',
    todo: 'Use one of the names that the message lists.',
  },
  'no-warc': {
    meaning: 'The capture holds no WARC, so no WACZ can be made of it.',
    when: '`export --format wacz` of a capture without recorded exchanges, such as one that failed early.',
    todo: 'Export its files with `--format files`.',
  },
  'not-a-file': {
    meaning: 'This is not a regular file.',
    when: 'A verb got a pipe, a device or a socket.',
    todo: 'Save the content as a file first.',
  },
  'not-a-picture': {
    meaning: 'This is not a picture.',
    when: '`fingerprint` got a video or a sound.',
    todo: 'Use `holdfast similar` for videos and sounds.',
  },
  'not-a-source': {
    meaning: 'This does not name one source.',
    when: '`watch` or `check` got text without a link, a key of an unknown platform, or the key of a whole case or author.',
    todo: 'Give a link, or a key as `holdfast find` prints it.',
  },
  'not-decodable': {
    meaning: 'The picture or video can’t be decoded.',
    when: '`fingerprint` or `similar` got a file that is damaged or cut off.',
    todo: 'Try another copy of the file.',
  },
  'not-media': {
    meaning: 'This is not a picture, video or sound.',
    when: '`fingerprint` or `similar` got another kind of file.',
    todo: 'Name a media file, or the id of a capture.',
  },
  'nothing-to-remove': {
    meaning: 'Nothing would be removed: other captures hold the same files.',
    when: 'A removal names captures whose every file is shared with a capture that stays.',
    todo: 'Name the files by their SHA-256 to remove them everywhere.',
  },
  'nothing-to-verify': {
    meaning: 'Nothing was named to verify.',
    when: '`verify` without ids, bundle or `--all`.',
    todo: 'Name captures or a bundle, or use `--all`.',
  },
  'one-bundle': {
    meaning: 'Only one bundle can be verified at a time.',
    when: '`verify` got a bundle and something else.',
    todo: 'Run `verify` once for each.',
  },
  'one-decision': {
    meaning: 'Exactly one decision is needed.',
    when: '`clusters` without, or with several of, `--same`, `--unrelated`, `--primary` and `--undo`.',
    todo: 'Give one of them.',
  },
  'one-target': {
    meaning: 'Exactly one thing can be put on hold at a time.',
    when: '`hold` got none or several of a capture, a file and `--case`.',
    todo: 'Name one capture, one SHA-256 or one `--case`.',
  },
  'order-missing': {
    meaning: 'An order needs an authority and a reference.',
    when: '`hold` or a removal without `--authority` or `--reference`.',
    todo: 'Say who orders it, and under which number or letter.',
  },
  'other-environment': {
    meaning: 'Live captures and demonstrations are never kept in one data folder.',
    when: 'The demo was pointed at a live archive, or the other way round.',
    todo: 'Use another data folder.',
  },
  'reason-missing': {
    meaning: 'This needs a reason.',
    when: '`keys --rotate` without `--reason`.',
    todo: 'Say why with `--reason`: it is written to the log.',
  },
  'other-catalog': {
    meaning: 'The cursor belongs to another catalog, or to one that was rebuilt.',
    when: 'Following events from a cursor of before a rebuild.',
    todo: 'Follow from `beginning`.',
  },
  'renamed-verb': {
    meaning: 'The verb has another name now.',
    when: 'An old name was used: `tombstone` is now `removal`.',
    todo: 'Use the name that the message gives.',
  },
  'same-file': {
    meaning: 'Both digests are of the same file.',
    when: '`clusters` compares a file with itself.',
    todo: 'Name two different files.',
  },
  unfinished: {
    meaning: 'The capture isn’t closed yet.',
    when: 'Exporting a capture that workers still have in hand.',
    todo: 'Wait until it is closed (`holdfast status`), or cancel it.',
  },
  unreadable: {
    meaning: 'A file can’t be read.',
    when: 'Missing permission, or a file that vanished.',
    todo: 'Check the path and its permissions.',
  },
  'which-files': {
    meaning: 'The decision and the number of files don’t match.',
    when: '`--same` and `--unrelated` take two files, `--primary` takes one.',
    todo: 'Name the files by their SHA-256.',
  },
  'which-captures': {
    meaning: 'Captures were named in no way, in two, or not as many as it takes.',
    when: '`derive` takes ids, `--case NAME` or `--all`, `export` ids or `--case NAME`; of the pages, comparing takes two, exporting 1 to 10,000.',
    todo: 'Use one of them; `holdfast export` takes any number.',
  },
  'not-watched': {
    meaning: 'Policy refuses this address, so it can neither be captured nor watched.',
    when: '`watch` with a name or address of this machine or its network.',
    todo: 'Watch a public address, or open the range with `HOLDFAST_ALLOW_PRIVATE`.',
  },
  'not-in-case': {
    meaning: 'The source is not in the case that was named.',
    when: '`tag` or `note` with `--case`.',
    todo: '`holdfast case add NAME SOURCE` puts it there.',
  },
  'which-sources': {
    meaning: 'Sources were named in no way, or in two.',
    when: '`timeline` takes a source or `--case NAME`.',
    todo: 'Use one of the two.',
  },
});
