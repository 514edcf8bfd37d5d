/** What a file is called, by its server and its address; a name that is safe in any folder. */
import type { Downloaded } from './download.ts';
import { headerOf } from './exchange.ts';

type Named = Pick<Downloaded, 'headers' | 'url' | 'sniffed'>;

const longestName = 120;

/** Never empty, and never a way out of its folder. */
export function fileNameOf(file: Named): string {
  const disposition = headerOf(file, 'content-disposition') ?? '';
  const name =
    safeName(extendedName(disposition)) ||
    safeName(plainName(disposition)) ||
    safeName(inAddress(file.url));
  const { extension } = file.sniffed;
  if (name === '') return `file.${extension}`;
  return /\.[A-Za-z0-9]{1,8}$/.test(name) || extension === 'bin' ? name : `${name}.${extension}`;
}

/** RFC 8187: `filename*=UTF-8''%e2%82%ac.pdf`. */
function extendedName(disposition: string): string {
  const coded = /(?:^|;)\s*filename\*\s*=\s*(?:utf-8|iso-8859-1)'[^']*'([^;\s]+)/i.exec(
    disposition,
  );
  return decoded(coded?.[1] ?? '');
}

function plainName(disposition: string): string {
  const [, quoted, bare] =
    /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '';
}

function inAddress(url: string): string {
  return decoded(URL.parse(url)?.pathname.split('/').at(-1) ?? '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Without folders, control and direction signs, and dots that hide a file; its end stays. */
function safeName(name: string): string {
  const last = name.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const plain = last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"|?*]/gu, '').trim();
  return plain.replace(/^[.\s]+|[.\s]+$/g, '').slice(-longestName);
}

const unspecific = new Set([
  'application/octet-stream',
  'text/plain',
  'application/zip',
  'application/xml',
  'application/x-cfb',
]);

/** What its bytes say; where they say little, what its server calls it. */
export function fileTypeOf(file: Named): string {
  const { mediaType } = file.sniffed;
  if (!unspecific.has(mediaType)) return mediaType;
  const [served = ''] = (headerOf(file, 'content-type') ?? '').toLowerCase().split(';');
  const isType = /^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/.test(served.trim());
  return isType && !unspecific.has(served.trim()) && !/html/.test(served)
    ? served.trim()
    : mediaType;
}
