/** Findings for people: what is in order is counted, kind by kind; all else has a line of its own. */
import { forTerminal } from '../../base/for-terminal.ts';
import type { BundleFinding } from '../../seal/verify/findings.ts';

const words = { ok: 'ok', invalid: 'FAULT', incomplete: 'MISSING', note: 'note' };
/** As many of them as there are files and entries. */
const many = new Set<BundleFinding['kind']>(['bag', 'file', 'entry', 'derivation']);

export interface FindingLines {
  add(finding: BundleFinding): void;
  /** After the last one. */
  end(): void;
}

export function findingLines(write: (line: string) => void): FindingLines {
  let alike: BundleFinding[] = [];
  const end = () => {
    const [first] = alike;
    if (first === undefined) return;
    write(alike.length === 1 ? lineOf(first) : countOf(first, alike.length));
    alike = [];
  };
  return {
    add: (finding) => {
      const isCounted = finding.result === 'ok' && many.has(finding.kind);
      if (!isCounted || alike[0]?.kind !== finding.kind) end();
      if (isCounted) alike.push(finding);
      else write(lineOf(finding));
    },
    end,
  };
}

export function lineOf({ kind, subject, result, message }: BundleFinding): string {
  return forTerminal(`${headOf(result, kind)}${subject}: ${message}`);
}

const captureId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** So many captures are named each, with what is to be known of all of them. */
const mostNamed = 3;

/** What a reader must be told, once for the many captures that it holds for. */
export function warningLines(warnings: string[]): string[] {
  const parted = warnings.map((warning) => {
    const [subject = '', ...message] = warning.split(': ');
    return { warning, subject, message: message.join(': ') };
  });
  const alike = Map.groupBy(parted, ({ subject, message, warning }) =>
    captureId.test(subject) ? message : warning,
  );
  return [...alike]
    .flatMap(([message, of]) =>
      of.length > mostNamed ? `${of.length} captures: ${message}` : of.map((one) => one.warning),
    )
    .map((line) => `*** ${forTerminal(line)} ***`);
}

function countOf({ result, kind }: BundleFinding, count: number): string {
  return `${headOf(result, kind)}${count} checked, all in order (--jsonl lists each)`;
}

function headOf(result: BundleFinding['result'], kind: string): string {
  return `${words[result].padEnd(8)}${kind.padEnd(12)}`;
}
