/** How far this machine's clock can be believed, as far as the machine itself says. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toolEnvironment } from '../config/config.ts';

const run = promisify(execFile);
const goodForMs = 5 * 60_000;

export interface ClockState {
  /** Who said it: `chrony`, `systemd-timesyncd`, or `unknown` where nobody did. */
  source: string;
  synchronised: boolean | null;
  /** Own clock minus its reference. */
  offsetMs: number | null;
  stratum: number | null;
  readAt: string;
}

let last: { at: number; state: ClockState } | null = null;

/** Asked at most every five minutes; the answer says when it was given. */
export async function clockState(): Promise<ClockState> {
  if (last !== null && Date.now() - last.at < goodForMs) return last.state;
  const state = (await chrony()) ?? (await timesyncd()) ?? unknown();
  last = { at: Date.now(), state };
  return state;
}

/** `chronyc -c tracking`: comma-separated, stratum third, system time (seconds) fifth. */
async function chrony(): Promise<ClockState | null> {
  const text = await said('chronyc', ['-c', 'tracking']);
  const fields = text?.trim().split(',') ?? [];
  if (fields.length < 6) return null;
  const stratum = Number(fields[2]);
  return {
    source: 'chrony',
    synchronised: stratum > 0 && stratum < 16,
    offsetMs: milliseconds(Number(fields[4]) * 1_000),
    stratum,
    readAt: new Date().toISOString(),
  };
}

async function timesyncd(): Promise<ClockState | null> {
  const text = await said('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']);
  if (text === null) return null;
  return {
    source: 'systemd-timesyncd',
    synchronised: text.trim() === 'yes',
    offsetMs: null,
    stratum: null,
    readAt: new Date().toISOString(),
  };
}

function unknown(): ClockState {
  return {
    source: 'unknown',
    synchronised: null,
    offsetMs: null,
    stratum: null,
    readAt: new Date().toISOString(),
  };
}

async function said(command: string, args: string[]): Promise<string | null> {
  try {
    return (await run(command, args, { timeout: 3_000, env: toolEnvironment() })).stdout;
  } catch {
    return null;
  }
}

/** Whole milliseconds: manifests hold no fractions. */
function milliseconds(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value) : null;
}
