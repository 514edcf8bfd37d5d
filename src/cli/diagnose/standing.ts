/** How one thing stands that a capture needs. */
import type { App } from '../../app.ts';
import type { Config } from '../../config/config.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';

/** `open`: an archive over a data folder that may be opened; the same for all. */
export type Diagnose = (
  config: Config,
  open: () => Promise<App>,
) => Promise<Omit<Diagnosis, 'what'>>;

export const ok = (found: string) => ({ state: 'ok', found, fix: '' }) as const;
export const warning = (found: string, fix: string) => ({ state: 'warning', found, fix }) as const;
export const fault = (found: string, fix: string) => ({ state: 'fault', found, fix }) as const;

export function firstLineOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.split('\n')[0] ?? words;
}
