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

export function checkFields(head: RecordHead, subject: string, findings: Findings): void {
  const formFault = (message: string) => findings.fault('warc-form', subject, message);
  const fault = (message: string) => findings.fault('warc-fields', subject, message);
  const note = (message: string) => findings.note('warc-fields', subject, message);
  const value = (name: string) => fieldOf(head, name);
  const type = value('warc-type') ?? '';
  head.faults.forEach(formFault);

  if (head.version !== 'WARC/1.1') {
    if (head.version === 'WARC/1.0') note('it is of WARC 1.0, not 1.1');
    else formFault(`unknown version ${head.version}`);
  }
  for (const name of ['WARC-Record-ID', 'WARC-Date', 'WARC-Type']) {
    if (value(name.toLowerCase()) === null) formFault(`${name} is missing`);
  }
  if (type !== '' && !types.has(type)) note(`unknown type ${type}`);
  const id = value('warc-record-id');
  if (id !== null && !/^<[a-z][a-z0-9+.-]*:[^<>\s]+>$/i.test(id)) {
    formFault(`WARC-Record-ID is no URI in angle brackets: ${id}`);
  }
  const date = value('warc-date');
  if (date !== null && !isDate(date)) formFault(`WARC-Date is no time in UTC: ${date}`);
  for (const name of namesTwice(head)) {
    if (!name.startsWith('warc-') && name !== 'content-type') continue;
    if (!repeatable.has(name)) fault(`${name} stands twice`);
  }

  const target = value('warc-target-uri');
  if (target === null && targeted.has(type)) formFault('WARC-Target-URI is missing');
  if (target !== null && type === 'warcinfo') fault('warcinfo has no WARC-Target-URI');
  if (target !== null && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(target.replace(/^<(.*)>$/, '$1'))) {
    fault(`WARC-Target-URI is no URI: ${target}`);
  }
  if (target?.startsWith('<') && head.version === 'WARC/1.1') {
    fault('WARC-Target-URI stands in angle brackets, which WARC 1.1 does away with');
  }
  if (value('warc-filename') !== null && type !== 'warcinfo') {
    fault('WARC-Filename is for warcinfo only');
  }
  if (value('warc-filename') === null && type === 'warcinfo') note('warcinfo has no WARC-Filename');
  for (const name of ['WARC-Refers-To-Target-URI', 'WARC-Refers-To-Date']) {
    if (value(name.toLowerCase()) !== null && type !== 'revisit')
      fault(`${name} is for revisit only`);
  }
  if (value('warc-refers-to') !== null && !['revisit', 'conversion', 'metadata'].includes(type)) {
    fault('WARC-Refers-To is for revisit, conversion and metadata only');
  }
  if (type === 'revisit') {
    const profile = value('warc-profile');
    if (profile === null) fault('a revisit without WARC-Profile');
    else if (!revisitProfiles.test(profile)) note(`unknown profile ${profile}`);
    if (value('warc-payload-digest') === null && !profile?.includes('not-modified')) {
      fault('a revisit without WARC-Payload-Digest');
    }
  }
  const truncated = value('warc-truncated');
  if (truncated !== null && !truncations.has(truncated)) {
    fault(`WARC-Truncated gives an unknown reason: ${truncated}`);
  }
  const address = value('warc-ip-address');
  if (address !== null && !ipaddr.isValid(address.replace(/^\[(.*)\]$/, '$1'))) {
    fault(`WARC-IP-Address is no address: ${address}`);
  }
  if (value('warc-payload-digest') !== null && ['warcinfo', 'metadata'].includes(type)) {
    note(`WARC-Payload-Digest on ${type}, which has no payload`);
  }
  if (value('warc-payload-digest') === null && ['response', 'resource'].includes(type)) {
    note('no WARC-Payload-Digest: the index can’t be held against it');
  }
  if (value('warc-block-digest') === null) note('no WARC-Block-Digest: its bytes can’t be checked');
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
