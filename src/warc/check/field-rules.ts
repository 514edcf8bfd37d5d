/** Which named fields a record must, may and must not have: ISO 28500:2017 (WARC 1.1), sections 5 and 6. */
import ipaddr from 'ipaddr.js';
import type { Findings } from './findings.ts';
import { fieldOf, type RecordHead } from './warc-record.ts';

/** Only these may stand more than once. */
const repeatable = new Set(['warc-concurrent-to', 'warc-protocol']);

const targeted = new Set(['response', 'request', 'resource', 'revisit', 'conversion']);
const types = new Set([...targeted, 'warcinfo', 'metadata', 'continuation']);
const truncations = new Set(['length', 'time', 'disconnect', 'unspecified']);
const revisitProfiles =
  /^<?http:\/\/netpreserve\.org\/warc\/1\.[01]\/(revisit\/)?(identical-payload-digest|server-not-modified|uri-agnostic-identical-payload-digest)>?$/;

/** One head and where what is wrong with it goes: `form` breaks the record, `fault` only a rule. */
interface Looked {
  head: RecordHead;
  type: string;
  value(name: string): string | null;
  form(message: string): void;
  fault(message: string): void;
  note(message: string): void;
}

export function checkFields(head: RecordHead, subject: string, findings: Findings): void {
  const looked: Looked = {
    head,
    type: fieldOf(head, 'warc-type') ?? '',
    value: (name) => fieldOf(head, name.toLowerCase()),
    form: (message) => findings.fault('warc-form', subject, message),
    fault: (message) => findings.fault('warc-fields', subject, message),
    note: (message) => findings.note('warc-fields', subject, message),
  };
  head.faults.forEach(looked.form);
  for (const rule of [named, single, targets, filename, references, revisit, values, digests]) {
    rule(looked);
  }
}

/** Version, and what every record must have. */
function named({ head, type, value, form, note }: Looked): void {
  if (head.version === 'WARC/1.0') note('it is of WARC 1.0, not 1.1');
  else if (head.version !== 'WARC/1.1') form(`unknown version ${head.version}`);
  for (const name of ['WARC-Record-ID', 'WARC-Date', 'WARC-Type']) {
    if (value(name) === null) form(`${name} is missing`);
  }
  if (type !== '' && !types.has(type)) note(`unknown type ${type}`);
  const id = value('WARC-Record-ID');
  if (id !== null && !/^<[a-z][a-z0-9+.-]*:[^<>\s]+>$/i.test(id)) {
    form(`WARC-Record-ID is no URI in angle brackets: ${id}`);
  }
  const date = value('WARC-Date');
  if (date !== null && !isDate(date)) form(`WARC-Date is not a valid UTC time: ${date}`);
}

function single({ head, fault }: Looked): void {
  for (const name of namesTwice(head)) {
    if (!name.startsWith('warc-') && name !== 'content-type') continue;
    if (!repeatable.has(name)) fault(`${name} stands twice`);
  }
}

function targets({ head, type, value, form, fault }: Looked): void {
  const target = value('WARC-Target-URI');
  if (target === null) {
    if (targeted.has(type)) form('WARC-Target-URI is missing');
    return;
  }
  if (type === 'warcinfo') fault('warcinfo has no WARC-Target-URI');
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(target.replace(/^<(.*)>$/, '$1'))) {
    fault(`WARC-Target-URI is no URI: ${target}`);
  }
  if (target.startsWith('<') && head.version === 'WARC/1.1') {
    fault('WARC-Target-URI stands in angle brackets, which WARC 1.1 does away with');
  }
}

function filename({ type, value, fault, note }: Looked): void {
  const isThere = value('WARC-Filename') !== null;
  if (isThere && type !== 'warcinfo') fault('WARC-Filename is for warcinfo only');
  if (!isThere && type === 'warcinfo') note('warcinfo has no WARC-Filename');
}

function references({ type, value, fault }: Looked): void {
  for (const name of ['WARC-Refers-To-Target-URI', 'WARC-Refers-To-Date']) {
    if (value(name) !== null && type !== 'revisit') fault(`${name} is for revisit only`);
  }
  if (value('WARC-Refers-To') !== null && !['revisit', 'conversion', 'metadata'].includes(type)) {
    fault('WARC-Refers-To is for revisit, conversion and metadata only');
  }
}

function revisit({ type, value, fault, note }: Looked): void {
  if (type !== 'revisit') return;
  const profile = value('WARC-Profile');
  if (profile === null) fault('a revisit without WARC-Profile');
  else if (!revisitProfiles.test(profile)) note(`unknown profile ${profile}`);
  if (value('WARC-Payload-Digest') === null && !profile?.includes('not-modified')) {
    fault('a revisit without WARC-Payload-Digest');
  }
}

function values({ value, fault }: Looked): void {
  const truncated = value('WARC-Truncated');
  if (truncated !== null && !truncations.has(truncated)) {
    fault(`WARC-Truncated gives an unknown reason: ${truncated}`);
  }
  const address = value('WARC-IP-Address');
  if (address !== null && !ipaddr.isValid(address.replace(/^\[(.*)\]$/, '$1'))) {
    fault(`WARC-IP-Address is not a valid address: ${address}`);
  }
}

function digests({ type, value, note }: Looked): void {
  const ofPayload = value('WARC-Payload-Digest') !== null;
  if (ofPayload && ['warcinfo', 'metadata'].includes(type)) {
    note(`WARC-Payload-Digest on ${type}, which has no payload`);
  }
  if (!ofPayload && ['response', 'resource'].includes(type)) {
    note('no WARC-Payload-Digest: the index can’t be held against it');
  }
  if (value('WARC-Block-Digest') === null) note('no WARC-Block-Digest: its bytes can’t be checked');
}

/** In one pass: a header block has room for a hundred thousand names. */
function namesTwice({ fields }: RecordHead): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of fields) {
    const plain = name.toLowerCase();
    if (seen.has(plain)) twice.add(plain);
    seen.add(plain);
  }
  return twice;
}

/** `2026-03-04T05:06:07.089Z`: UTC, no or up to nine digits of a fraction (1.1 allows less, down to the year). */
function isDate(text: string): boolean {
  if (/^\d{4}(-\d\d(-\d\d)?)?$/.test(text)) return true;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?Z$/.exec(text);
  return match !== null && !Number.isNaN(Date.parse(`${match[1]}Z`));
}
