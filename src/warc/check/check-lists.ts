/** What records say of each other: links between them, and the lists of a page's requests. */
import { z } from 'zod';
import type { Findings } from './findings.ts';
import type { PackageFacts, PageList } from './package-facts.ts';

export function checkLinks(facts: PackageFacts, findings: Findings): void {
  for (const { subject, to } of facts.links) {
    findings.examined('warc-links');
    if (to.length === 0) findings.note('warc-links', subject, 'no WARC-Concurrent-To');
    for (const id of to) {
      if (facts.targetOf(id) !== null) continue;
      findings.fault(
        'warc-links',
        subject,
        `WARC-Concurrent-To leads to ${id}, which is not there`,
      );
    }
  }
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
  for (const { url, class: kind, status, record } of requests) {
    findings.examined('page-info');
    counted.set(kind, (counted.get(kind) ?? 0) + 1);
    if (record === null) {
      if (kind === 'recorded' && status !== null && /^https?:/i.test(url)) {
        findings.fault('page-info', subject, `${url} is called recorded and names no record`);
      }
      continue;
    }
    const target = facts.targetOf(`<${record}>`);
    if (target === null) {
      findings.fault('page-info', subject, `${url} should be in ${record}, which is not there`);
    } else if (target !== encoded(url)) {
      findings.fault('page-info', subject, `${record} is of ${target}, not of ${url}`);
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
