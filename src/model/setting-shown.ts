/** A setting as people are shown it: never a secret. */

export interface SettingShown {
  name: string;
  group: string;
  value: string;
  /** Where it was set: `flag`, `environment`, `.env`, `config.json`, or `default`. */
  from: string;
  about: string;
}
