/** A query cut into its pieces, each with its place. */
import type { UsageError } from '../../base/errors.ts';

export type Token =
  | { kind: 'open' | 'close' | 'not' | 'or'; at: number }
  | { kind: 'word' | 'phrase'; value: string; at: number }
  | { kind: 'field'; name: string; value: string; at: number; valueAt: number };

/** Curly ones too: phones and word processors put them in. */
const quotes: Record<string, string> = { '"': '"', '“': '”', '”': '”', '„': '“', '«': '»' };
const fieldName = /^([a-z][a-z0-9]*):(?!\/\/)/i;

export function tokensOf(
  text: string,
  problemAt: (at: number, problem: string) => UsageError,
): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const add = (token: Token, end: number) => {
    tokens.push(token);
    at = end;
  };
  while (at < text.length) {
    const sign = text[at] ?? '';
    if (/\s/.test(sign)) at += 1;
    else if (sign === '(') add({ kind: 'open', at }, at + 1);
    else if (sign === ')') add({ kind: 'close', at }, at + 1);
    else if (sign === '-' && startsTerm(text, at)) add({ kind: 'not', at }, at + 1);
    else if (quotes[sign] !== undefined) {
      const { value, end } = quotedFrom(text, at, problemAt);
      add({ kind: 'phrase', value, at }, end);
    } else {
      const token = fieldFrom(text, at, problemAt) ?? bareFrom(text, at);
      add(token.token, token.end);
    }
  }
  return tokens;
}

/** "-" parts words that stand together, and denies where it stands before one. */
function startsTerm(text: string, at: number): boolean {
  return at === 0 || /[\s(]/.test(text[at - 1] ?? '') ? !/\s|^$/.test(text[at + 1] ?? ' ') : false;
}

function bareFrom(text: string, at: number): { token: Token; end: number } {
  const value = bare(text, at);
  const token: Token = /^or$/i.test(value)
    ? { kind: 'or', at }
    : { kind: 'word', value: value === '-' ? ' ' : value, at };
  return { token, end: at + value.length };
}

function fieldFrom(
  text: string,
  at: number,
  problemAt: (at: number, problem: string) => UsageError,
): { token: Token; end: number } | null {
  const found = fieldName.exec(text.slice(at, at + 40));
  if (found === null) return null;
  const valueAt = at + found[0].length;
  const name = (found[1] ?? '').toLowerCase();
  if (quotes[text[valueAt] ?? ''] !== undefined) {
    const { value, end } = quotedFrom(text, valueAt, problemAt);
    return { token: { kind: 'field', name, value, at, valueAt }, end };
  }
  const value = bare(text, valueAt);
  return { token: { kind: 'field', name, value, at, valueAt }, end: valueAt + value.length };
}

/** To the next space or parenthesis that closes; one that was opened within belongs to it. */
function bare(text: string, from: number): string {
  let open = 0;
  let end = from;
  for (; end < text.length; end += 1) {
    const sign = text[end] ?? '';
    if (/\s/.test(sign)) break;
    if (sign === '(') open += 1;
    if (sign === ')') {
      if (open === 0) break;
      open -= 1;
    }
  }
  return text.slice(from, end);
}

function quotedFrom(
  text: string,
  at: number,
  problemAt: (at: number, problem: string) => UsageError,
): { value: string; end: number } {
  const close = quotes[text[at] ?? ''] ?? '"';
  const end = text.indexOf(close, at + 1);
  if (end === -1) throw problemAt(at, 'this quotation mark is never closed');
  return { value: text.slice(at + 1, end), end: end + 1 };
}
