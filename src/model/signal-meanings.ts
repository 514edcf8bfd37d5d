/** What each signal and each availability means, for the people who read them. */
import type { CodeEntry } from '../base/codes/entry.ts';
import type { Availability, Signal, Standing } from './signals.ts';

export const signalMeanings: Readonly<Record<Signal, CodeEntry>> = {
  available: {
    meaning: 'The source is there.',
    when: 'A route gave it.',
    todo: 'Nothing.',
  },
  'available-limited': {
    meaning: 'The source is there, with limits or labels of the platform.',
    when: 'Sensitive content, limited visibility, a warning over it.',
    todo: 'See the post’s `labels`.',
  },
  superseded: {
    meaning: 'The source is an older version of an edited post.',
    when: 'The record names a newer one.',
    todo: 'Capture the newer version too.',
  },
  'media-removed': {
    meaning: 'The post is there, its pictures or videos are not.',
    when: 'The record says so.',
    todo: 'See what an earlier capture kept.',
  },
  'deleted-by-author': {
    meaning: 'The platform says that the author deleted it.',
    when: 'A notice or a reason in the record.',
    todo: 'See what is kept.',
  },
  'removed-by-platform': {
    meaning: 'The platform says that it removed it for breaking its rules.',
    when: 'A notice or a reason in the record.',
    todo: 'See what is kept.',
  },
  'account-suspended': {
    meaning: 'The platform says that it suspended the account.',
    when: 'A notice or a reason in the record.',
    todo: 'See what is kept; the account’s other posts are checked soon.',
  },
  'account-gone': {
    meaning: 'The platform says that the account no longer exists.',
    when: 'A notice or a reason in the record.',
    todo: 'See what is kept; the account’s other posts are checked soon.',
  },
  'page-gone': {
    meaning: 'The site says that the page is gone.',
    when: 'Status 410, or a page that says so.',
    todo: 'See what is kept.',
  },
  protected: {
    meaning: 'Only approved followers may see it.',
    when: 'The author protected the account.',
    todo: 'Nothing, unless you may log in.',
  },
  'login-required': {
    meaning: 'Only those who are logged in may see it.',
    when: 'The platform says so.',
    todo: 'Capture it with a browser profile, if you may.',
  },
  'subscribers-only': {
    meaning: 'Only subscribers may see it.',
    when: 'The platform says so.',
    todo: 'Nothing.',
  },
  'geo-withheld': {
    meaning: 'It is withheld in the country of this network exit.',
    when: 'The platform says so, after a local law.',
    todo: 'Use another network exit (`HOLDFAST_UPSTREAM_PROXY`).',
  },
  'legal-withheld': {
    meaning: 'It is withheld after a legal demand or a copyright complaint.',
    when: 'The platform says so, or status 451.',
    todo: 'See what is kept.',
  },
  'domain-gone': {
    meaning: 'The name of the host no longer exists.',
    when: 'The name servers say so.',
    todo: 'See what is kept.',
  },
  'not-found': {
    meaning: 'There is nothing, and nobody says why.',
    when: 'Status 404, or an empty answer.',
    todo: 'Nothing is concluded before it has been missed several times by several routes.',
  },
  'rate-limited': {
    meaning: 'The host asks to come back later.',
    when: 'Status 429.',
    todo: 'Nothing: it is asked again.',
  },
  blocked: {
    meaning: 'The host refuses us.',
    when: 'Status 403, a bot check.',
    todo: 'Use another network exit if it lasts.',
  },
  unreachable: {
    meaning: 'The host could not be reached, or answered with an error.',
    when: 'No connection, 5xx.',
    todo: 'Nothing: it is asked again.',
  },
  'extractor-broken': {
    meaning: 'The answer has changed its form and can’t be read.',
    when: 'The platform changed its records.',
    todo: 'Update Holdfast; report it.',
  },
  unknown: {
    meaning: 'The answer says nothing that is known.',
    when: 'New words or codes of the platform.',
    todo: 'Look at the raw record.',
  },
};

export const standingMeanings: Readonly<Record<Standing, string>> = {
  present: 'It is there.',
  restricted: 'It is there, but not for everybody, or not whole.',
  stated: 'The platform says in words that it is gone.',
  silent: 'It is not there, and nobody says why.',
  nothing: 'Says nothing about the source: trouble on the way to it, or unreadable.',
};

export const availabilityMeanings: Readonly<Record<Availability, CodeEntry>> = {
  available: {
    meaning: 'The source is there.',
    when: 'The last check found it.',
    todo: 'Nothing.',
  },
  suspect: {
    meaning: 'The source was missing, which is not confirmed yet.',
    when: 'One or a few misses.',
    todo: 'Nothing: it is checked again soon.',
  },
  removed: {
    meaning: 'The source is gone. `kind` says how, as far as the platform said.',
    when: 'Enough misses over time, by enough routes, while known sources were still there.',
    todo: 'See what is kept.',
  },
  restricted: {
    meaning: 'The source is there, but not for everybody, or not whole.',
    when: 'A check found a restriction; `kind` is its signal.',
    todo: 'See the signal.',
  },
  restored: {
    meaning: 'The source was removed and is back.',
    when: 'A check found it again.',
    todo: 'Compare the new capture with the earlier ones.',
  },
  unknown: {
    meaning: 'Nothing is known about the source today.',
    when: 'It was never checked, or no route said anything.',
    todo: '`holdfast check`.',
  },
};
