/** A feed of what happened to the sources of one case (Atom, RFC 4287), for any feed reader. */
import type { ToldEvent } from '../../catalog/alerts.ts';
import type { Environment } from '../../model/capture-record.ts';

export interface FeedOptions {
  caseName: string;
  environment: Environment;
  /** Names the feed for ever: of the catalog. */
  catalogId: string;
  updatedAt: Date;
}

/** Events as they are, newest first: a feed is made by whoever may see the case. */
export function atomFeed(events: ToldEvent[], options: FeedOptions): string {
  const mark = options.environment === 'demo' ? '[demonstration] ' : '';
  const id = `urn:uuid:${options.catalogId}:${encodeURIComponent(options.caseName)}`;
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${xml(id)}</id>`,
    `<title>${xml(`${mark}Holdfast: ${options.caseName}`)}</title>`,
    `<updated>${(events[0]?.at ?? options.updatedAt).toISOString()}</updated>`,
    '<author><name>Holdfast</name></author>',
    ...events.map((event) => entry(event, mark)),
    '</feed>',
    '',
  ].join('\n');
}

function entry(event: ToldEvent, mark: string): string {
  const title = [event.kind, event.sourceKey].filter(Boolean).join(': ');
  return [
    '<entry>',
    `<id>urn:uuid:${event.id}</id>`,
    `<title>${xml(mark + title)}</title>`,
    `<updated>${event.at.toISOString()}</updated>`,
    `<category term="${xml(event.kind)}"/>`,
    `<content type="text">${xml(JSON.stringify(event.detail, null, 1))}</content>`,
    '</entry>',
  ].join('\n');
}

/** Characters that XML 1.0 has no place for are dropped, those that steer it are escaped. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
