/** How somebody wants pages to look, as their cookie says; otherwise as their browser does. */
import { parse } from 'hono/utils/cookie';
import { type Preferences, themes } from './view.ts';
import { type Language, languages } from './words/words.ts';

export const preferencesCookie = 'holdfast-look';

/** `ar.dark.grey` */
export function writePreferences({ language, theme, colour }: Preferences): string {
  return [language, theme, colour ? 'colour' : 'grey'].join('.');
}

export function readPreferences(cookies: string, accepted: string): Preferences {
  const [language, theme, colour] = (parse(cookies)[preferencesCookie] ?? '').split('.');
  return {
    language: languages.find((one) => one === language) ?? firstAccepted(accepted),
    theme: themes.find((one) => one === theme) ?? 'system',
    colour: colour === 'colour',
  };
}

/** Of `Accept-Language`, the first that there are words for. */
function firstAccepted(accepted: string): Language {
  for (const part of accepted.split(',')) {
    const tag = part.trim().toLowerCase().split(/[-;]/)[0];
    const known = languages.find((one) => one === tag);
    if (known !== undefined) return known;
  }
  return 'en';
}

/** What a form changes. */
export function changedPreferences(
  now: Preferences,
  asked: { language?: string; theme?: string; colour?: string },
): Preferences {
  return {
    language: languages.find((one) => one === asked.language) ?? now.language,
    theme: themes.find((one) => one === asked.theme) ?? now.theme,
    colour: asked.colour === undefined ? now.colour : asked.colour === 'yes',
  };
}
