/** Something that happened in the catalog, as whoever follows it is told. */

/** One event, in the order in which events became visible. */
export interface CatalogEvent {
  /** Where this stands in the order of events: `since` of a later call goes on after it. */
  cursor: string;
  /** Of the event; of `capture.closed`, the capture's. */
  id: string;
  /**
   * `capture.closed`; of a source `suspect`, `removed`, `restored`, `changed`; of copies
   * `similar.found`, `similar.sound`; of the keeping itself `capture.failed`, `schedule.late`,
   * `verify.failed`, `storage.low`, `worker.down`. More may come: ignore what you don't know.
   */
  kind: string;
  /** Canonical key; `null` where it concerns no source. */
  source: string | null;
  captureId: string | null;
  /** When it happened or was concluded. */
  at: Date;
  /** What else is known, by kind. Plain JSON. */
  detail: Record<string, unknown>;
}

/** Where to begin, and what to leave out. */
export interface EventOptions {
  /**
   * `cursor` of the last event that was dealt with, or `beginning` for everything on record.
   * Left out: from now on.
   */
  since?: string;
  /** Only these kinds. */
  kinds?: string[];
  /** Ends the stream. */
  signal?: AbortSignal;
}
