/** One line of `doctor`: what a capture needs, how it stands, and the fix. */

export interface Diagnosis {
  what: string;
  state: 'ok' | 'warning' | 'fault';
  found: string;
  fix: string;
}
