/** What records say of each other: links between them, and the lists of a page's requests. */
import { z } from 'zod';
import type { Findings } from './findings.ts';
import type { NamedRecord, PackageFacts, PageList } from './package-facts.ts';

export function checkLinks(facts: PackageFacts, findings: Findings): void {
  for (const { subject, from, to } of facts.links) {
    findings.examined('warc-links');
    if (to.length === 0) findings.note('warc-links', subject, 'no WARC-Concurrent-To');
    for (const id of to) {
      const other = facts.recordOf(id);
      const odd =
        other === null
          ? [`WARC-Concurrent-To leads to ${id}, which is not there`]
          : unlike(from, other).map((words) => `it belongs to ${id}, ${words}`);
      // Makers pack parts of what they recorded: what is said of the rest is worth knowing, and breaks nothing.
      for (const message of odd) findings.note('warc-links', subject, message);
    }
  }
}

const answers = new Set(['response', 'revisit']);

/**
 * Question and answer are one event (ISO 28500:2017, 5.4 and 5.7): of one address and one date.
 * Where they weren't, a question could be put under another site's answer.
 */
function unlike(from: NamedRecord, other: NamedRecord): string[] {
  if (from.type !== 'request' || !answers.has(other.type)) return [];
  return [
    ...(from.target === other.target ? [] : [`which is of ${other.target}, not of ${from.target}`]),
    ...(sameMoment(from.date, other.date)
      ? []
      : [`which is of ${other.date}, not of ${from.date}`]),
  ];
}

function sameMoment(one: string | null, other: string | null): boolean {
  return one === other || Date.parse(one ?? '') === Date.parse(other ?? '');
}

export function checkPageLists(facts: PackageFacts, findings: Findings): void {
  for (const list of facts.pageLists) {
    let content: unknown;
    try {
      content = JSON.parse(list.content.toString('utf8'));
    } catch {
      findings.fault('page-info', list.subject, 'the list is no JSON');
      continue;
    }
    const ours = ourList.safeParse(content);
    const theirs = otherList.safeParse(content);
    if (ours.success) checkOurs(list, ours.data, facts, findings);
    else if (theirs.success) checkOther(list, theirs.data, facts, findings);
    else findings.note('page-info', list.subject, 'a list of an unknown form');
  }
}

const ourList = z.object({
  schema: z.literal('holdfast.pageinfo/1'),
  counts: z.record(z.string(), z.number()),
  requests: z.array(
    z.object({
      url: z.string(),
      class: z.string(),
      status: z.number().nullable(),
      bodySha256: z.string().nullish(),
      record: z.string().nullable(),
    }),
  ),
});

const otherList = z.object({
  urls: z.record(
    z.string(),
    z.object({ status: z.number().optional(), error: z.string().optional() }),
  ),
});

function checkOurs(
  { subject }: PageList,
  { requests, counts }: z.infer<typeof ourList>,
  facts: PackageFacts,
  findings: Findings,
): void {
  const counted = new Map<string, number>();
  for (const request of requests) {
    const { url, class: kind, status, record } = request;
    findings.examined('page-info');
    counted.set(kind, (counted.get(kind) ?? 0) + 1);
    if (record === null) {
      if (kind === 'recorded' && status !== null && /^https?:/i.test(url)) {
        findings.fault('page-info', subject, `${url} is called recorded and names no record`);
      }
      continue;
    }
    const named = facts.recordOf(`<${record}>`);
    if (named === null) {
      findings.fault('page-info', subject, `${url} should be in ${record}, which is not there`);
      continue;
    }
    for (const words of otherwise(request, named)) {
      findings.fault('page-info', subject, `${record} ${words}`);
    }
  }
  for (const [kind, count] of Object.entries(counts)) {
    if ((counted.get(kind) ?? 0) === count) continue;
    findings.fault(
      'page-info',
      subject,
      `it counts ${count} ${kind} and lists ${counted.get(kind) ?? 0}`,
    );
  }
}

/** Where a list and the record that it names tell different things of one answer. */
function otherwise(
  { url, status, bodySha256 }: z.infer<typeof ourList>['requests'][number],
  record: NamedRecord,
): string[] {
  const body = bodySha256 ?? null;
  return [
    ...(record.target === encoded(url) ? [] : [`is of ${record.target}, not of ${url}`]),
    ...(record.status === status ? [] : [`has status ${record.status}, not ${status}`]),
    ...(body === null || record.payloadSha256 === body
      ? []
      : [`has a body of SHA-256 ${record.payloadSha256 ?? 'that it does not tell'}, not ${body}`]),
  ];
}

/** Other makers list what a page asked for, some of which they leave out on purpose. */
function checkOther(
  { subject }: PageList,
  { urls }: z.infer<typeof otherList>,
  facts: PackageFacts,
  findings: Findings,
): void {
  for (const [url, { status = 0, error }] of Object.entries(urls)) {
    findings.examined('page-info');
    if (status === 0 || error !== undefined || facts.hasAddress(url)) continue;
    findings.note('page-info', subject, `no record of ${url}`);
  }
}

function encoded(url: string): string {
  return url.replace(/[\u0000-\u0020\u007f<>]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`;
  });
}
