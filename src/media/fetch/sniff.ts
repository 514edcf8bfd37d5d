/** What bytes really are, whatever their server calls them. */
import { fileTypeFromBuffer } from 'file-type';

export interface Sniffed {
  /** `hls-playlist` names other files; `other` is anything that is no media. */
  kind: 'picture' | 'video' | 'audio' | 'hls-playlist' | 'other';
  mediaType: string;
  extension: string;
}

/** As many first bytes as `sniff` wants to see; it makes do with fewer. */
export const sniffBytes = 4100;

/** Containers that carry moving pictures under another name than `video/…`. */
const videoTypes = new Set(['application/vnd.ms-asf', 'application/ogg', 'application/mp4']);

export async function sniff(head: Uint8Array): Promise<Sniffed> {
  const binary = await fileTypeFromBuffer(head);
  const text = binary === undefined || binary.mime.endsWith('/xml') ? textKind(head) : null;
  if (text !== null) return text;
  if (binary === undefined) return other('application/octet-stream', 'bin');
  if (videoTypes.has(binary.mime)) return { kind: 'video', ...named(binary) };
  const family = binary.mime.split('/')[0];
  if (family === 'image') return { kind: 'picture', ...named(binary) };
  if (family === 'video' || family === 'audio') return { kind: family, ...named(binary) };
  return other(binary.mime, binary.ext);
}

function named({ mime, ext }: { mime: string; ext: string }) {
  // `;` starts parameters such as codecs, which are no part of the name.
  return { mediaType: mime.split(';')[0] ?? mime, extension: ext };
}

function other(mediaType: string, extension: string): Sniffed {
  return { kind: 'other', mediaType, extension };
}

function textKind(head: Uint8Array): Sniffed | null {
  const text = new TextDecoder('utf-8')
    .decode(head)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (text.startsWith('#EXTM3U')) {
    return { kind: 'hls-playlist', mediaType: 'application/vnd.apple.mpegurl', extension: 'm3u8' };
  }
  const start = text.replace(/^(<\?xml[^>]*>|<!--[\s\S]*?-->|<!doctype\s+svg[^>]*>|\s)+/i, '');
  if (/^<svg[\s>]/i.test(start)) {
    return { kind: 'picture', mediaType: 'image/svg+xml', extension: 'svg' };
  }
  if (/^<(!doctype\s+html|html|head|body|script|meta|title|div|p)\b/i.test(start)) {
    return other('text/html', 'html');
  }
  if (/^[[{]/.test(text)) return other('application/json', 'json');
  if (text.startsWith('<?xml') || text.startsWith('<')) return other('application/xml', 'xml');
  return isText(head) ? other('text/plain', 'txt') : null;
}

/** No control characters but white space, and valid UTF-8 up to a cut last character. */
function isText(head: Uint8Array): boolean {
  if (head.length === 0) return false;
  const text = new TextDecoder('utf-8').decode(head, { stream: true });
  return !/[\u0000-\u0008\u000E-\u001A\uFFFD]/.test(text);
}
