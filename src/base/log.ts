/** One JSON line an event on stderr: data first, then a short sentence. */
import { pino } from 'pino';

export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

/** @param to who takes the lines; stderr where nobody does */
export function openLog(level: string, to?: { write(line: string): void }): Log {
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    to ?? pino.destination({ fd: 2, sync: true }),
  );
}
