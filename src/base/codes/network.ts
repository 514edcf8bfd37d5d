/** Codes about the way to a host: TransientError and ThrottledError may pass, PermanentError does not. */
import { codeTable } from './entry.ts';

export const transientNetworkCodes = codeTable({
  dns: {
    meaning: 'The name could not be resolved.',
    when: 'The host does not exist, or the name servers do not answer.',
    todo: 'Check the link. It is retried automatically.',
  },
  'mail-refused': {
    meaning: 'The mail server did not take an alert.',
    when: 'Wrong password, refused sender, or no connection.',
    todo: 'Check the channel with `holdfast alerts test NAME`.',
  },
  refused: {
    meaning: 'The host refused the connection.',
    when: 'Nothing listens on that port.',
    todo: 'Nothing: it is tried again. If it lasts, the site is down.',
  },
  reset: {
    meaning: 'The connection broke.',
    when: 'The host or something on the way ended it before the answer was whole.',
    todo: 'Nothing: it is tried again.',
  },
  'server-error': {
    meaning: 'The server answered with an error (5xx or 408).',
    when: 'Fetching media.',
    todo: 'Nothing: it is tried again.',
  },
  'timed-out': {
    meaning: 'It took longer than the limit allows.',
    when: 'No answer, no more bytes, or a step at its time limit.',
    todo: 'Raise the limit in the [settings](settings.md) if it happens often, then `holdfast retry`.',
  },
  tls: {
    meaning: 'The connection could not be secured.',
    when: 'The certificate is not valid for this host, or not trusted. Holdfast never looks away.',
    todo: 'Check the site’s certificate; an authority of your own goes into `HOLDFAST_EXTRA_CA`.',
  },
  unreachable: {
    meaning: 'The host could not be reached.',
    when: 'No route, or every way to the source failed.',
    todo: 'Check this machine’s network and `HOLDFAST_UPSTREAM_PROXY`; it is tried again.',
  },
  'upstream-failed': {
    meaning: 'The upstream proxy can’t be used.',
    when: 'It does not answer, or refuses the log-in.',
    todo: 'Check `HOLDFAST_UPSTREAM_PROXY`.',
  },
});

export const throttledCodes = codeTable({
  'rate-limited': {
    meaning: 'The host asks to come back later.',
    when: 'It answered 429, or our own pace for it is used up.',
    todo: 'Nothing: it is tried again when the host said, within `HOLDFAST_MAX_WAIT_MS`.',
  },
});

export const permanentNetworkCodes = codeTable({
  'address-refused': {
    meaning: 'The address is not on the public internet, so Holdfast does not go there.',
    when: 'A link, redirect or embedded file leads to a private, local or reserved address.',
    todo: 'If you mean to capture it, allow its range in `HOLDFAST_ALLOW_PRIVATE`.',
  },
  'bad-request': {
    meaning: 'This can’t be asked of a host.',
    when: 'An address or header holds characters that HTTP does not allow.',
    todo: 'Check the link.',
  },
  'bad-url': {
    meaning: 'This is not an address that can be fetched.',
    when: 'Another scheme than http and https, a port that browsers refuse, credentials in the address, or a malformed redirect.',
    todo: 'Check the link.',
  },
  forbidden: {
    meaning: 'The server refuses the file (401 or 403).',
    when: 'Fetching media that is not public.',
    todo: 'Nothing, unless you may log in: see `holdfast profile`.',
  },
  gone: {
    meaning: 'The server says that the file is not there (404 or 410).',
    when: 'Fetching media.',
    todo: 'Nothing: the refusal is recorded.',
  },
  'range-refused': {
    meaning: 'The server does not send the part that was asked for.',
    when: 'Resuming a download or fetching a piece of a stream.',
    todo: 'Run `holdfast retry` later.',
  },
  'redirect-loop': {
    meaning: 'The redirects lead in a circle.',
    when: 'Following a link.',
    todo: 'Check the link in a browser.',
  },
  'too-large': {
    meaning: 'It is larger than the limit allows.',
    when: 'A file or an answer is over its limit.',
    todo: 'Raise `HOLDFAST_MEDIA_MAX_BYTES` or `HOLDFAST_PAGE_MAX_BYTES`, then `holdfast retry`.',
  },
  'too-many-redirects': {
    meaning: 'There are more redirects than are followed.',
    when: 'Following a link.',
    todo: 'Check the link in a browser.',
  },
  'unexpected-status': {
    meaning: 'The server answered with a status that brings no file.',
    when: 'Fetching media.',
    todo: 'See the exchange in the capture’s WARC.',
  },
});
