/** A case, as lists show it. */
export interface Case {
  name: string;
  /** How often a link was submitted to it. */
  submissions: number;
  /** Sources that it holds now. */
  sources: number;
  /** Closed captures of these, whoever asked for them. */
  captures: number;
  firstAt: Date;
  lastAt: Date;
}

/** A tag, as lists show it. */
export interface Tag {
  name: string;
  sources: number;
  captures: number;
}
