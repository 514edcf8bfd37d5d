/**
 * A post as its record claims it to be. Claimed, id-derived and observed times stay apart,
 * ids are text, and `null` or absent means that no record said anything about it.
 */
import type { MediaKind } from '../model/plan.ts';

export interface Post {
  id: string;
  author: Author;
  /** The author's account, as it was at the moment of the capture. */
  account?: Account | null;
  /** What the post shows: cut to its displayed part and unescaped, or the full text of a long post. */
  text: string;
  /** The text byte for byte as the record gives it, escaped and with its short links. */
  rawText?: string;
  /** The record says that more text exists than it gave. */
  textTruncated: boolean;
  claimedAt: string | null;
  idTime: string | null;
  /** As the platform's program guessed it, not as the author declared it. */
  language: string | null;
  /** The program that it was posted with, by the name that this program has at the platform. */
  postedWith?: string | null;
  editIds: string[];
  isStaleEdit: boolean | null;
  replyTo: { id: string; handle: string | null; authorId?: string | null } | null;
  /** The post that its thread began with. */
  conversationId?: string | null;
  quotedId: string | null;
  quoted: Post | null;
  /** What stands where the quoted post should be, in the platform's own words or codes. */
  quotedMissing?: string | null;
  repliedTo: Post | null;
  /** The post that this one only passes on: its own text is then a cut copy. */
  reposted?: Post | null;
  possiblySensitive: boolean | null;
  place: string | null;
  /** Where the author let the post say that it was written: degrees, WGS 84. */
  coordinates?: Coordinates | null;
  /** Accounts named in the text. Handles and names are those of the capture's moment. */
  mentions?: Author[];
  links: { short: string; expanded: string }[];
  /** The post's own pictures and videos, as the record lists them. */
  attached?: Attached[];
  card?: Card | null;
  /** A long article: the record holds its title and beginning only. */
  article?: { title: string; preview: string | null } | null;
  /** A note by readers that the platform shows beside the post. */
  communityNote?: { id: string | null; text: string } | null;
  /** Warnings and limits that the platform puts on the post, in its own words. */
  labels?: string[];
  /** Two-letter countries in which the platform says that it withholds the post. */
  withheldIn?: string[];
  /** Route whose answer this was read from. */
  route: string;
  /** What that answer didn't tell and another route's did: field to route. */
  filledFrom?: Record<string, string>;
  /** What is missing against a full record, as codes: `no-note-text`, `oembed-only` … */
  degraded: string[];
}

export interface Author {
  id: string | null;
  handle: string | null;
  name: string | null;
}

export interface Account {
  createdAt: string | null;
  /** What its owner wrote as its place. */
  location: string | null;
  /** The mark beside its name: `government`, `business`, `blue` (paid), `verified`, `none`. */
  badge: string | null;
  /** Two-letter countries in which the platform says that it withholds the whole account. */
  withheldIn: string[];
}

export interface Coordinates {
  latitude: number;
  longitude: number;
}

export interface Attached {
  /** As in the plan of the capture. */
  id: string;
  kind: MediaKind;
  unavailable: string | null;
  /** How its author describes it to those who can't see it. */
  altText?: string | null;
  /** What its author called it. */
  title?: string | null;
  /** Accounts that its author marked in it. */
  tagged?: Author[];
  /** When the file was uploaded, from the id in its address. */
  uploadedAt?: string | null;
  /** Another post that the record names as the one it was first posted with. */
  firstPostedWith?: string | null;
}

/** What hangs under a post without being a file of it: a poll, a preview of a link, a live stream. */
export interface Card {
  /** The platform's own name of this kind. */
  kind: string;
  title: string | null;
  description: string | null;
  link: string | null;
  poll: Poll | null;
}

export interface Poll {
  choices: { label: string; votes: number | null }[];
  endsAt: string | null;
  /** When the votes were counted. */
  countedAt: string | null;
  isFinal: boolean | null;
}
