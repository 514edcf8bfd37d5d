/** How much of what a text links to is captured, and what is told of the rest. */

export const followLevels = ['none', 'embeds', 'body', 'all'] as const;
/**
 * `none`: only the page's own address, where it names one. `embeds`: and posts, clips and files.
 * `body`: and whatever the text itself links to. `all`: and menus, footers, related pages, buttons.
 */
export type FollowLevel = (typeof followLevels)[number];

export interface FollowChoice {
  /** `body` where left out. */
  follow?: FollowLevel;
  /** Only links of these platforms: `x`, `telegram`, `youtube` …, `web` for every other site. */
  platforms?: string[];
  /** Only links to the site that the page itself is of. */
  sameHost?: boolean;
}

/** A link that was seen and not taken. */
export interface AsideLink {
  link: string;
  /** Null: nothing that could be captured. */
  key: string | null;
  why: AsideReason;
}

/**
 * `navigation`: in a menu, footer, sidebar or the like. `related`: leads to another page of the same
 * site and stands alone. `share`: a button. `no-page`: `mailto:`, `javascript:` and what else can't
 * be captured. `not-asked-for`: by `follow`. `other-platform`, `other-host`: by those choices.
 */
export type AsideReason =
  | 'navigation'
  | 'related'
  | 'share'
  | 'no-page'
  | 'not-asked-for'
  | 'other-platform'
  | 'other-host';
