/** Settings as they are shown: with their defaults, without their secrets. */
import { safeJson } from './settings/kinds.ts';
import { addressSettings, type SettingName, secretSettings, settings } from './settings.ts';

/** What it is for. */
export function aboutSetting(name: SettingName): string {
  return settings.shape[name].description ?? '';
}

/** The default in words: what holds where nothing is set. */
export function defaultInWords(name: SettingName): string {
  const value: unknown = settings.shape[name].parse(undefined);
  if (value === null) return 'unset';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.join(',') || 'none';
  return String(value);
}

/** A setting's text without what could be a secret. */
export function withoutSecrets(name: SettingName, text: string): string {
  if (secretSettings.has(name)) return '(set)';
  if (addressSettings.has(name)) return text.split(',').map(withoutPassword).join(',');
  return withoutArguments(text);
}

/** The address without its password, and without its query, where passwords and paid keys stand too. */
function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return '(set)';
  const url = new URL(address);
  if (url.password !== '') url.password = 'hidden';
  if (url.search !== '') url.search = '?(hidden)';
  return url.href;
}

/** Of a command its program: its arguments may hold a password. */
function withoutArguments(text: string): string {
  const command = text.startsWith('[') ? safeJson(text) : null;
  if (!Array.isArray(command) || command.length < 2) return text;
  return `${command[0]} (and ${command.length - 1} arguments)`;
}
