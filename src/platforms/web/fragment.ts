/**
 * Which fragments of an address are part of what it names. Pages that are one program show
 * another view for each (`#/inbox`, `#!news`, `#id=7`); in others it only points at an element.
 */
import { isTracking } from './tracking.ts';

/**
 * As much of a fragment as belongs to the key: all of it, without the words that a browser is
 * to highlight (`:~:text=`) and without what only counts visitors. Empty where nothing is left.
 */
export function keptFragment(hash: string): string {
  const fragment = hash.replace(/:~:.*$/s, '');
  if (fragment.length < 2) return '';
  const parts = fragment.slice(1).split('&');
  return parts.every((part) => isTracking(part) || countsInFragments.test(part)) ? '' : fragment;
}

/** Publishers write these behind the sign, where no server sees them. */
const countsInFragments = /^(?:echobox|xtor)=/i;

/** What addresses are made of: `#/…`, `#!…`, `#a=b`, `#at:10`. */
const addressForm = /^#!|[/=:]/;

/**
 * The address that this one would be if its fragment were the name of an element; `null` where
 * it has none, or one whose form is an address.
 */
export function withoutElementName(address: string): string | null {
  const sign = address.indexOf('#');
  if (sign === -1 || addressForm.test(address.slice(sign))) return null;
  return address.slice(0, sign);
}

/** As servers and other archives know it. */
export function withoutFragment(address: string): string {
  return address.replace(/#.*$/s, '');
}
