/** One file that a capture holds, as the room that made it describes it. */
import type { Role } from './roles.ts';

/** What was read from the file itself: pixels, milliseconds. */
export interface MediaFacts {
  width?: number;
  height?: number;
  durationMs?: number;
  /** Presentation time of a frame, rounded; `facts` of the artifact hold the exact pts and time base. */
  ptsMs?: number;
}

/** What every description of a file holds, from the room that makes it to the record that shows it. */
export interface ArtifactFile {
  role: Role;
  /** Path inside the capture, unique there: `page/screenshot.full.png`. */
  name: string;
  mediaType: string;
  sizeBytes: number;
  sha256: string;
  /** SHA-256 of the artifact it was made from; `null` for what came from outside. */
  derivedFrom: string | null;
}

/** As the room that made it hands it over. */
export interface NewArtifact extends ArtifactFile {
  media?: MediaFacts | null;
  /** How it was got or made: address, headers, tool, version, arguments. Plain JSON. */
  facts?: Record<string, unknown>;
}

/** As the catalog has it and the capture record shows it. */
export interface KeptArtifact extends ArtifactFile {
  media: MediaFacts | null;
  /** Copied from `facts.pdq`, where the room that made the artifact puts it. */
  pdq: { hash: string; quality: number } | null;
}
