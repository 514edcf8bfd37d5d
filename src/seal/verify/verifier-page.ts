/**
 * The verifier as one web page: a bundle is dropped on it and never leaves the machine.
 * `scripts/build-verifier-page.ts` makes the page; nothing here is loaded by the program.
 */

import { type BundleFinding, bundleStatement, count, newTally, verdictOf } from './findings.ts';
import { textOf } from './formats/bytes.ts';
import { streamHasher } from './formats/stream-hash.ts';
import { blobAccess, openZip } from './formats/zip-files.ts';
import { type BundleQuestion, plainQuestion, verifyBundle } from './verify-bundle.ts';

/** As much of the browser's document as is used here. */
interface PageElement {
  textContent: string;
  className: string;
  value: string;
  files: ArrayLike<Blob & { name: string }> | null;
  append(...children: PageElement[]): void;
  replaceChildren(): void;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
}
interface PageEvent {
  preventDefault(): void;
  dataTransfer?: { files: ArrayLike<Blob & { name: string }> } | null;
}
declare const document: {
  getElementById(id: string): PageElement;
  createElement(name: string): PageElement;
  body: PageElement;
};

/** Longer lists would only slow the browser down; faults are always shown. */
const mostLines = 2_000;

const verdictWords = {
  valid: 'No fault was found',
  invalid: 'FAULTS WERE FOUND',
  incomplete: 'Something that is needed is missing',
};

let running = 0;

async function verifyFile(file: Blob & { name: string }): Promise<void> {
  running += 1;
  const turn = running;
  const [verdict, list] = [document.getElementById('verdict'), document.getElementById('findings')];
  const warnings = document.getElementById('warnings');
  for (const element of [list, warnings]) element.replaceChildren();
  say(verdict, 'running', `Checking ${file.name} …`);
  const tally = newTally();
  try {
    const files = await openZip(blobAccess(file), streamHasher);
    for await (const line of verifyBundle(files, await question())) {
      if (turn !== running) return;
      count(tally, line);
      if (line.kind === 'warning')
        warnings.append(made('p', 'warning', `${line.subject}: ${line.message}`));
      const fault = line.result === 'invalid' || line.result === 'incomplete';
      if (fault || tally.findings < mostLines) list.append(row(line));
    }
    const found = verdictOf(tally);
    const numbers = `${tally.findings} findings, ${tally.invalid} faults, ${tally.incomplete} missing`;
    say(verdict, found, `${verdictWords[found]}: ${file.name}, ${numbers}`);
  } catch (error) {
    say(
      verdict,
      'invalid',
      `This could not be checked: ${error instanceof Error ? error.message : error}`,
    );
  }
}

async function question(): Promise<BundleQuestion> {
  const lines = (id: string) =>
    document
      .getElementById(id)
      .value.split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  const roots = document.getElementById('roots').files?.[0];
  const earlier = document.getElementById('earlier').files?.[0];
  const headers = document.getElementById('headers').files?.[0];
  return {
    ...plainQuestion,
    vkeys: lines('vkeys'),
    witnesses: lines('witnesses'),
    tsaRoots: roots === undefined ? null : textOf(await bytesOf(roots)),
    bitcoinHeaders: headers === undefined ? null : await bytesOf(headers),
    earlier: earlier === undefined ? [] : [await bytesOf(earlier)],
  };
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

function row({ kind, subject, result, message }: BundleFinding): PageElement {
  const line = made('tr', result, '');
  for (const text of [result, kind, subject, message]) line.append(made('td', '', text));
  return line;
}

/** Text only: nothing from a bundle ever becomes part of the page's own code. */
function made(name: string, className: string, text: string): PageElement {
  const element = document.createElement(name);
  say(element, className, text);
  return element;
}

function say(element: PageElement, className: string, text: string): void {
  element.className = className;
  element.textContent = text;
}

document.getElementById('statement').textContent = bundleStatement;
const picker = document.getElementById('bundle');
picker.addEventListener('change', () => start(picker.files?.[0]));
document.body.addEventListener('dragover', (event) => event.preventDefault());
document.body.addEventListener('drop', (event) => {
  event.preventDefault();
  start(event.dataTransfer?.files[0]);
});

function start(file: (Blob & { name: string }) | undefined): void {
  if (file !== undefined) void verifyFile(file);
}
