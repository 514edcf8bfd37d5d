/** What a platform's pure `identity.ts` says about an address. */

import type { rejections } from '../base/codes/rejections.ts';

export type RejectReason = keyof typeof rejections;

/** Claims that came with the link. They never decide identity. */
export interface LinkFacts {
  handle?: string;
  /** 1-based: which picture of the post the link pointed at. */
  media?: number;
  /** Timestamp digits of a Wayback link: the user pointed at that capture. */
  wayback?: string;
  /** Handle of the author that the text around the link names. */
  attributedTo?: string;
  /** What stands right behind the id in the link, and was taken for text and not for a part of it. */
  leftOff?: string;
  [fact: string]: string | number | null | undefined;
}

export interface Identity {
  /** Canonical key: `x:status:1227…`, `web:https://…`. */
  key: string;
  facts: LinkFacts;
}

export interface Rejection {
  rejected: RejectReason;
}

/** `null`: not this platform's address. Pure, total, no I/O. */
export type Identify = (url: URL) => Identity | Rejection | null;
