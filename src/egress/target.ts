/** Reads where a request wants to go, in the one spelling that everything after it uses. */
import { PermanentError } from '../base/errors.ts';

export interface Target {
  /** Lower case, punycode; an IPv6 address without brackets. */
  host: string;
  port: number;
  /** The host is an address, in whatever spelling it came: `0x7f.1` is 127.0.0.1. */
  isAddress: boolean;
}

const authority = /^(\[[^\]\s]*\]|[^\s:/?#@\\[\]]+):(\d{1,5})$/;

/**
 * `host:port` as in CONNECT. The URL standard's host parser decides what is an address,
 * as it does in browsers: a host that ends in a number is an IPv4 address or invalid.
 * @throws PermanentError `bad-url`
 */
export function parseAuthority(text: string): Target {
  const [, host = '', digits = ''] = authority.exec(text) ?? [];
  const port = Number(digits);
  if (!URL.canParse(`http://${host}/`) || port < 1 || port > 65_535) {
    throw new PermanentError(
      'bad-url',
      `not a host and port: ${JSON.stringify(text.slice(0, 300))}`,
    );
  }
  return targetOf(new URL(`http://${host}/`).hostname, port);
}

/** Where a request for this http(s) URL connects to. */
export function targetOfUrl(url: URL): Target {
  return targetOf(url.hostname, Number(url.port || (url.protocol === 'https:' ? 443 : 80)));
}

/**
 * An address that may be fetched: http or https, with a host and without credentials.
 * @throws PermanentError `bad-url`
 */
export function parseWebUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const fetchable =
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '';
  if (!fetchable) {
    throw new PermanentError(
      'bad-url',
      `only http and https links without credentials can be fetched: ${JSON.stringify(text.slice(0, 300))}`,
    );
  }
  return url;
}

function targetOf(hostname: string, port: number): Target {
  const bracketed = hostname.startsWith('[');
  return {
    host: bracketed ? hostname.slice(1, -1) : hostname,
    port,
    isAddress: bracketed || /^\d+\.\d+\.\d+\.\d+$/.test(hostname),
  };
}
