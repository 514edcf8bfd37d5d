/**
 * HLS playlists (RFC 8216), as far as keeping a finished video needs them. Pure.
 *
 * Why not hls-parser 0.16.1: 260 kB that list 5,000 sounds and 500 variants take it 140 s; a title
 * with a letter beyond ASCII is a URIError; when lenient it reads a byte range of `x@y` as 0 bytes
 * at 0; when strict it refuses playlists without `EXT-X-TARGETDURATION`, which players accept.
 */
import { PermanentError } from '../../base/errors.ts';

export interface Variant {
  url: string;
  bandwidth: number;
  width: number | null;
  height: number | null;
  /** Group of sound tracks that go with it. */
  audioGroup: string | null;
}

export interface MasterPlaylist {
  kind: 'master';
  /** Best first: largest picture, then most bits. */
  variants: Variant[];
  /** Playlists of separate sound, by group; the group's default first. */
  sound: { group: string; url: string }[];
}

export interface Segment {
  url: string;
  /** Set where the segment is a part of the file at `url`. */
  range: { start: number; length: number } | null;
  /** `EXT-X-MAP`: what a decoder needs before this segment. */
  header: Segment | null;
}

export interface MediaPlaylist {
  kind: 'media';
  segments: Segment[];
  /** Without an end the stream is still running. */
  ended: boolean;
  /** Method of encryption; `null` where there is none. */
  encryption: string | null;
  /** Parts with other parameters follow each other. */
  discontinuities: number;
}

type Attributes = Map<string, string>;

/** Addresses in one playlist: a short line can become a long one, so they are counted as they come. */
const addressesMax = 20_000;

/** @throws PermanentError `playlist-unreadable` */
export function parsePlaylist(text: string, baseUrl: string): MasterPlaylist | MediaPlaylist {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
  if (lines[0] !== '#EXTM3U')
    throw new PermanentError('playlist-unreadable', `${baseUrl} is not an HLS playlist`);
  const isMaster = lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:'));
  return isMaster ? masterOf(lines, baseUrl) : mediaOf(lines, baseUrl);
}

function masterOf(lines: string[], baseUrl: string): MasterPlaylist {
  const variants: Variant[] = [];
  const sound: (MasterPlaylist['sound'][number] & { isDefault: boolean })[] = [];
  let pending: Attributes | null = null;
  for (const line of lines) {
    const [tag, attributes] = tagOf(line);
    if (tag === '#EXT-X-STREAM-INF') pending = attributes;
    else if (tag === '#EXT-X-MEDIA' && attributes.get('TYPE') === 'AUDIO') {
      const uri = attributes.get('URI');
      const group = attributes.get('GROUP-ID') ?? '';
      const isDefault = attributes.get('DEFAULT') === 'YES';
      if (uri === undefined) continue;
      refuseWhereFull(sound, baseUrl);
      sound.push({ group, url: addressOf(uri, baseUrl), isDefault });
    } else if (line !== '' && !line.startsWith('#') && pending !== null) {
      refuseWhereFull(variants, baseUrl);
      variants.push(variantOf(pending, addressOf(line, baseUrl)));
      pending = null;
    }
  }
  sound.sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
  variants.sort((a, b) => area(b) - area(a) || b.bandwidth - a.bandwidth);
  return { kind: 'master', variants, sound: sound.map(({ group, url }) => ({ group, url })) };
}

function variantOf(attributes: Attributes, url: string): Variant {
  const [, width, height] = /^(\d{1,6})x(\d{1,6})$/.exec(attributes.get('RESOLUTION') ?? '') ?? [];
  return {
    url,
    bandwidth: wholeNumber(attributes.get('BANDWIDTH')) ?? 0,
    width: wholeNumber(width),
    height: wholeNumber(height),
    audioGroup: attributes.get('AUDIO') ?? null,
  };
}

function area({ width, height }: Variant): number {
  return (width ?? 0) * (height ?? 0);
}

function mediaOf(lines: string[], baseUrl: string): MediaPlaylist {
  const playlist: MediaPlaylist = {
    kind: 'media',
    segments: [],
    ended: false,
    encryption: null,
    discontinuities: 0,
  };
  let range: string | null = null;
  let header: Segment | null = null;
  for (const line of lines) {
    const [tag, attributes, value] = tagOf(line);
    if (tag === '#EXT-X-ENDLIST') playlist.ended = true;
    else if (tag === '#EXT-X-DISCONTINUITY') playlist.discontinuities += 1;
    else if (tag === '#EXT-X-BYTERANGE') range = value;
    else if (tag === '#EXT-X-KEY') playlist.encryption ??= encryptionOf(attributes);
    else if (tag === '#EXT-X-MAP') header = headerOf(attributes, baseUrl);
    else if (line !== '' && !line.startsWith('#')) {
      refuseWhereFull(playlist.segments, baseUrl);
      const url = addressOf(line, baseUrl);
      playlist.segments.push({ url, range: rangeOf(range, playlist.segments.at(-1), url), header });
      range = null;
    }
  }
  return playlist;
}

function encryptionOf(attributes: Attributes): string | null {
  const method = attributes.get('METHOD') ?? 'unknown';
  return method === 'NONE' ? null : method;
}

function headerOf(attributes: Attributes, baseUrl: string): Segment {
  const url = addressOf(attributes.get('URI') ?? '', baseUrl);
  return { url, range: rangeOf(attributes.get('BYTERANGE') ?? null, undefined, url), header: null };
}

/** `length[@start]`; without a start it goes on after the part before. */
function rangeOf(text: string | null, before: Segment | undefined, url: string): Segment['range'] {
  if (text === null) return null;
  const [, length, start] = /^(\d{1,15})(?:@(\d{1,15}))?$/.exec(text) ?? [];
  const follows = before?.url === url && before.range !== null ? before.range : null;
  if (length === undefined || (start === undefined && follows === null && before !== undefined)) {
    throw new PermanentError('playlist-unreadable', `a byte range of ${url} can't be read`);
  }
  const next = follows === null ? 0 : follows.start + follows.length;
  return { start: start === undefined ? next : Number(start), length: Number(length) };
}

function tagOf(line: string): [tag: string, attributes: Attributes, value: string] {
  if (!line.startsWith('#EXT')) return ['', new Map(), ''];
  const colon = line.indexOf(':');
  const tag = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(colon + 1);
  const attributes = value
    .matchAll(/(?<![A-Z0-9-])([A-Z0-9-]+)=(?:"([^"]*)"|([^",]*))/g)
    .map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? ''] as const);
  return [tag, new Map(attributes), value];
}

function refuseWhereFull(list: unknown[], baseUrl: string): void {
  if (list.length < addressesMax) return;
  throw new PermanentError(
    'playlist-unreadable',
    `${baseUrl} lists more than ${addressesMax} files`,
  );
}

function addressOf(reference: string, baseUrl: string): string {
  if (reference !== '' && URL.canParse(reference, baseUrl)) return new URL(reference, baseUrl).href;
  throw new PermanentError('playlist-unreadable', `${baseUrl} names an address that can't be read`);
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
