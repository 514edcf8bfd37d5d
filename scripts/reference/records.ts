/** Pages about what is kept and printed: roles, records, events, signals, log entries. */
import {
  archiveEvents,
  captureEvents,
  recordWarnings,
  sourceEvents,
} from '../../src/model/event-kinds.ts';
import type { RecordEntry } from '../../src/model/records/entry.ts';
import { recordGroups } from '../../src/model/records.ts';
import { type RoleEntry, roles } from '../../src/model/roles.ts';
import {
  availabilityMeanings,
  signalMeanings,
  standingMeanings,
} from '../../src/model/signal-meanings.ts';
import { type Signal, type Standing, standingOf } from '../../src/model/signals.ts';
import { entryMeanings } from '../../src/seal/entry-meanings.ts';
import { code, codes, page, section, table } from './markdown.ts';

const origins: Record<RoleEntry['origin'], [title: string, words: string]> = {
  outside: ['From outside', 'Byte for byte as somebody else served it.'],
  visit: ['From the visit', 'What Holdfast saw, recorded and noted during a capture.'],
  derived: [
    'Derived',
    'Made by Holdfast from another file, which `derivedFrom` names by its digest.',
  ],
};

export function rolesPage(): string {
  const sections = Object.entries(origins).map(([origin, [title, words]]) => {
    const rows = Object.entries(roles)
      .filter(([, role]) => role.origin === origin)
      .map(([name, { meaning, when, use }]) => [code(name), meaning, when, use]);
    return section(title, words, table(['Role', 'Is', 'Made by', 'Use'], rows));
  });
  return page(
    'Roles of files',
    'Every file of a capture has a role, which says what it is. `holdfast export --role ROLE` hands over files of one role.',
    ...sections,
  );
}

export function recordsPage(): string {
  const sections = Object.entries(recordGroups).map(([title, records]) =>
    section(title, ...Object.entries(records).map(([name, record]) => described(name, record))),
  );
  return page(
    'Records',
    'Every record names its `schema`. The number changes only when a field changes its meaning or goes away; new fields can be added any time. Times are ISO 8601 in UTC, sizes are bytes, ids and digests are strings. `links` and `fingerprint` print bare records without a schema: `{"link","key","facts"}` or `{"link","rejected"}`, and `{"file","sha256","pdq"}`.',
    ...sections,
  );
}

function described(name: string, { meaning, when, fields, optional = [] }: RecordEntry): string {
  const rows = Object.entries(fields).map(([field, words]) => [
    code(field),
    optional.includes(field) ? `${words} May be absent.` : words,
  ]);
  return [`### ${code(name)}`, `${meaning} Where: ${when}`, table(['Field', 'Holds'], rows)].join(
    '\n\n',
  );
}

export function eventsPage(): string {
  return page(
    'Events',
    'What happened, as timelines, alerts and the catalog have it. Alert channels choose among these kinds (`events` in the file of channels).',
    section('A source', codes(sourceEvents, 'Kind')),
    section('A capture', codes(captureEvents, 'Kind')),
    section(
      'A platform’s answer',
      'Things a reader must be told about a record; `detail.message` has the words.',
      codes(recordWarnings, 'Kind'),
    ),
    section('The archive itself', codes(archiveEvents, 'Kind')),
  );
}

export function signalsPage(): string {
  const standings = Object.entries(standingMeanings) as [Standing, string][];
  const signals = Object.entries(signalMeanings) as [Signal, (typeof signalMeanings)[Signal]][];
  return page(
    'Signals and availability',
    'A signal is what one answer of one route says about a source. An observation keeps it and is never rewritten. What is concluded from all observations is the availability of the source.',
    ...standings.map(([standing, words]) => {
      const members = signals.filter(([signal]) => standingOf(signal) === standing);
      return section(`Signals: ${standing}`, words, codes(Object.fromEntries(members), 'Signal'));
    }),
    section('Availability', codes(availabilityMeanings, 'Availability')),
  );
}

export function logEntriesPage(): string {
  return page(
    'Log entries',
    'The log is a Merkle tree (RFC 6962) over small entries of canonical JSON: `v`, `type`, `id`, `at`, `actor` and `case` (pseudonyms), place in the chain of the case, and digests. Names and links never stand in it, because nobody can take an entry back.',
    codes(entryMeanings, 'Type'),
  );
}
