/** Every setting that there is: the environment variable, how its text is read, its default, and what it is for. */
import { z } from 'zod';
import {
  analysisSettings,
  limitSettings,
  originSettings,
  toolSettings,
} from './settings/capture.ts';
import { dataSettings, networkSettings, queueSettings } from './settings/services.ts';
import { alertSettings, sealSettings, watchSettings } from './settings/upkeep.ts';

/** As people look for them. */
export const settingGroups = {
  'Data and services': dataSettings,
  Network: networkSettings,
  'Who collects': originSettings,
  Tools: toolSettings,
  'Limits of a capture': limitSettings,
  'Frames and text in pictures': analysisSettings,
  Queue: queueSettings,
  'The log and its proofs': sealSettings,
  'Coming back': watchSettings,
  Alerts: alertSettings,
};

export const settings = z.object({
  ...dataSettings,
  ...networkSettings,
  ...originSettings,
  ...toolSettings,
  ...limitSettings,
  ...analysisSettings,
  ...queueSettings,
  ...sealSettings,
  ...watchSettings,
  ...alertSettings,
});

export type Settings = z.infer<typeof settings>;
export type SettingName = keyof Settings;

/** Never shown. */
export const secretSettings = new Set<SettingName>(['HOLDFAST_WAYBACK_KEY', 'HOLDFAST_X_BEARER']);

/** Addresses, or lists of them, that may hold a password: shown without it. */
export const addressSettings = new Set<SettingName>([
  'DATABASE_URL',
  'REDIS_URL',
  'HOLDFAST_UPSTREAM_PROXY',
  'HOLDFAST_TSA_URLS',
]);
