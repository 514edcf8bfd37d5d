/** What every frame of a page says and how it is built, shadow roots included, the closed ones too. */
import type { CDPSession } from 'playwright';
import { within } from '../base/time-limit.ts';
import { readingDrawnWords } from './drawn-words.ts';
import type { FrameWorld, FrameWorlds } from './frame-worlds.ts';
import { functionInFrame, inFrame, readingText } from './in-frame.ts';

export interface FrameContent {
  url: string;
  isMain: boolean;
  unreachableUrl: string | null;
  text: string;
  /** The document as HTML, shadow roots as `<template shadowrootmode>`. */
  html: string;
}

/** A node of the protocol's picture of a document. */
interface ProtocolNode {
  backendNodeId: number;
  frameId?: string;
  shadowRootType?: 'user-agent' | 'open' | 'closed';
  shadowRoots?: ProtocolNode[];
  children?: ProtocolNode[];
  contentDocument?: ProtocolNode;
}

const mainLimitMs = 20_000;
const frameLimitMs = 3_000;
/** The protocol's picture of more than so many elements takes seconds. */
const mostElements = 40_000;

/** @throws when the page's own document can't be read */
export async function readFrames(
  worlds: FrameWorlds,
  signal: AbortSignal,
): Promise<FrameContent[]> {
  const frames = await worlds.all(signal);
  const closed = await closedRoots(frames, signal);
  const contents: FrameContent[] = [];
  for (const frame of frames) {
    const limitMs = frame.isMain ? mainLimitMs : frameLimitMs;
    const told = frame.call<Pick<FrameContent, 'text' | 'html'>>(
      content,
      closed.get(frame.frameId) ?? [],
    );
    try {
      const { text, html } = await within(limitMs, signal, told);
      const { url, isMain, unreachableUrl } = frame;
      contents.push({ url, isMain, unreachableUrl, text, html });
    } catch (error) {
      signal.throwIfAborted();
      if (frame.isMain) throw error;
      // A frame that left, or that is too busy, has nothing to say.
    }
  }
  return contents;
}

/** The text of the page's own frame alone. */
export function readText(worlds: FrameWorlds, signal: AbortSignal): Promise<string> {
  return within(
    mainLimitMs,
    signal,
    worlds.main.run<string>(inFrame(`${readingText} return textOf();`)),
  );
}

const content = functionInFrame(`
  ${readingText}
  ${readingDrawnWords}
  const closed = given.filter((one) => one instanceof ShadowRoot);
  const shadowRoots = everyRoot(closed).filter((one) => one instanceof ShadowRoot);
  const asHtml = () => {
    if (!(root instanceof HTMLHtmlElement)) return root === null ? '' : new XMLSerializer().serializeToString(document);
    const type = document.doctype instanceof DocumentType ? new XMLSerializer().serializeToString(document.doctype) : '';
    const shell = Node.prototype.cloneNode.call(root, false).outerHTML;
    return type + shell.slice(0, -'</html>'.length) + Element.prototype.getHTML.call(root, { shadowRoots }) + '</html>';
  };
  return { text: withDrawnWords(textOf(closed), closed), html: asHtml() };
`);

const countElements = inFrame('return within(document).length;');

/** Closed roots by their frame, as nodes of the protocol: nobody else knows of them. */
export async function closedRoots(
  frames: FrameWorld[],
  signal: AbortSignal,
): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  for (const session of new Set(frames.map((frame) => frame.session))) {
    const own = frames.filter((frame) => frame.session === session);
    const look = async () => {
      const counts = await Promise.all(own.map((frame) => frame.run<number>(countElements)));
      if (counts.reduce((sum, count) => sum + count, 0) > mostElements) return;
      collectClosed(await wholeTree(session), own[0]?.frameId ?? '', found);
    };
    await within(frameLimitMs, signal, look()).catch(() => signal.throwIfAborted());
  }
  return found;
}

async function wholeTree(session: CDPSession): Promise<ProtocolNode> {
  try {
    const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
    return root as ProtocolNode;
  } finally {
    // It would tell of every change from here on.
    await session.send('DOM.disable').catch(() => {});
  }
}

function collectClosed(tree: ProtocolNode, frameId: string, found: Map<string, number[]>): void {
  const waiting = [{ node: tree, frameId }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node } = next;
    if (node.shadowRootType === 'closed')
      found.set(next.frameId, [...(found.get(next.frameId) ?? []), node.backendNodeId]);
    for (const child of [...(node.children ?? []), ...(node.shadowRoots ?? [])])
      if (child.shadowRootType !== 'user-agent')
        waiting.push({ node: child, frameId: next.frameId });
    if (node.contentDocument !== undefined)
      waiting.push({ node: node.contentDocument, frameId: node.frameId ?? next.frameId });
  }
}
