/** What a run of a tool asks for. */
import type { DoorSocket } from './door-socket.ts';

/** What a tool may use of the machine's cores. */
export const toolThreads = 2;

export interface ConfineLimits {
  /** `Infinity`: whoever opened it sees to that. */
  timeLimitMs: number;
  /** What it may write to of its memory. Absent: all of its address space has a limit, which what only puts addresses aside, as Node does, would soon meet. */
  memoryBytes?: number;
  /** Absent: what all threads that a tool may have could spend until the time limit. */
  processorLimitMs?: number;
  /** Nobody waits for it: whatever else wants the processor goes first. */
  yielding?: boolean;
  /** To the door. Absent: no network at all. */
  doorSocket?: DoorSocket;
}

/** A tool, and what it gets to see and to write to. */
export interface ConfinedTool extends ConfineLimits {
  executable: string;
  options: string[];
  /** Files that it reads. */
  inputs?: string[];
  /** What it is made of, where that is a part of this program. */
  parts?: string[];
  /** Words of its command that are the operator's: the files that they name are shown to it. */
  operators?: string[];
  /** Working folder, and all that it may write to. When it has ended, nothing is left in it but plain files and folders. */
  folder?: string;
  /** A folder around the working folder, where it may write to all of that. */
  writes?: string;
  /** Beside what every tool gets of the environment. */
  environment?: Record<string, string>;
}

/** One that runs to its end. */
export interface ConfinedRun extends ConfinedTool {
  onLine: (line: string) => void;
  /**
   * A file that isn't there yet: what is printed goes into it and is read from there, every so
   * often. For what prints a line at a time: through a pipe each of them would wake this process,
   * which takes a core from the tool.
   */
  linesThrough?: string;
}
