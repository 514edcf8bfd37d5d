/** Order in the archive: cases, tags and notes, and the acts by which people make it. */

export const filingKinds = ['case', 'tag', 'note'] as const;
export type FilingKind = (typeof filingKinds)[number];

/** One act of putting order into the archive: a source into a case or out of it, a tag, a note. */
export interface Filing {
  id: string;
  kind: FilingKind;
  change: 'added' | 'removed';
  /** Name of the case, the tag, or the words of the note. */
  value: string;
  /** Key of the source, as it was known then. */
  sourceKey: string;
  /** Where it is about one capture alone; `null`: about the source, and so all its captures. */
  captureId: string | null;
  /** In whose chain of the log it stands, and with which it is handed over; `null`: with none. */
  caseName: string | null;
  by: string;
  at: Date;
  logIndex: number;
}

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
