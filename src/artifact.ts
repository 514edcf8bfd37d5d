/** One file that a capture holds, as the room that made it describes it. */

export interface MediaFacts {
  width?: number;
  height?: number;
  durationMs?: number;
  /** Presentation time of a frame, rounded; `facts` of the artifact hold the exact pts and time base. */
  ptsMs?: number;
}

export interface NewArtifact {
  /** `screenshot.full`, `media.original`, `keyframe` … (the list is in the contract). */
  role: string;
  /** Path inside the capture, unique there: `page/screenshot.full.png`. */
  name: string;
  mediaType: string;
  sizeBytes: number;
  sha256: string;
  /** SHA-256 of the artifact it was made from; `null` for what came from outside. */
  derivedFrom: string | null;
  media?: MediaFacts | null;
  /** How it was got or made: address, headers, tool, version, arguments. Plain JSON. */
  facts?: Record<string, unknown>;
}
