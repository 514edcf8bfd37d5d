/** Settings: flags > environment > `.env` > file > defaults. The only reader of `process.env`. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { ConfigError } from '../base/errors.ts';
import {
  type AvailabilityRule,
  type BreakerRule,
  defaultBreaker,
  defaultRule,
} from '../model/watch-rules.ts';
import { safeJson } from './settings/kinds.ts';
import { type SettingName, type Settings, settings } from './settings.ts';

export interface Config {
  /** Absolute path of the data folder. */
  home: string;
  databaseUrl: string | null;
  databaseSchema: string;
  redisUrl: string | null;
  egress: EgressConfig;
  operator: string | null;
  tools: ToolConfig;
  /** Folder of the player of web archives; there may be none in it. */
  replayer: string;
  inside: InsideConfig;
  limits: LimitConfig;
  queue: {
    bound: number;
    concurrency: number;
    retryBaseMs: number;
    maxWaitMs: number;
    /** A worker that is silent for this many milliseconds loses its job to another. */
    lockMs: number;
  };
  /** Whether the Wayback Machine is asked about what is already gone. */
  wayback: boolean;
  /** Cases whose captures the Wayback Machine is asked to keep, too, and the key (`access:secret`) to ask with. */
  saveElsewhere: { cases: string[]; key: string | null };
  alerts: {
    /** JSON file of channels; none where it doesn't exist. */
    file: string;
    /** CIDRs that alerts, and only they, may reach although they are not public. */
    allowPrivate: string[];
    storageLowBytes: number;
  };
  x: { bearer: string | null; queryIds: string[] };
  watch: WatchConfig;
  seal: SealConfig;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export interface SealConfig {
  /** Name of the log where it is not to be `holdfast.local/…`; only for a log that has no key yet. */
  origin: string | null;
  /** A checkpoint is made after so many entries, or when the oldest has waited so long. */
  checkpointEntries: number;
  checkpointSeconds: number;
  /** RFC 3161 authorities, and the PEM file of the roots that they are trusted under. */
  tsaUrls: string[];
  tsaRootsFile: string | null;
  /** Policies of theirs that are accepted, dotted; any where none is named. */
  tsaPolicies: string[];
  /** OpenTimestamps calendars, without a slash at the end; none: no proofs are asked for. */
  otsCalendars: string[];
  /** `vkey url` of each witness. */
  witnesses: string[];
  /** Every stored object is hashed again within so many days. */
  fixityDays: number;
  /** Folder of the second store, from which damaged objects are mended. */
  secondVault: string | null;
  organisation: string | null;
  legalBasis: string | null;
}

export interface WatchConfig {
  /** Links or keys of sources that are known to be there, and to be gone. */
  canaries: { good: string[]; gone: string[] };
  /** How many misses make a removal. */
  rule: AvailabilityRule;
  /** How much of a platform must vanish at once to be taken for trouble of the platform. */
  breaker: BreakerRule;
}

export interface EgressConfig {
  upstreamProxy: string | null;
  dnsServers: string[];
  extraCaFile: string | null;
  /** CIDRs that captures may reach although they are not public. */
  allowPrivate: string[];
  exitLabel: string | null;
  /** At least this long between two first requests to one host. */
  hostIntervalMs: number;
}

export interface ToolConfig {
  chromium: string | null;
  chromiumSandbox: boolean;
  ffmpeg: string;
  ffprobe: string;
  tesseract: string;
  /** Program and arguments that finds the videos of other sites; null: switched off. */
  ytdlp: string[] | null;
}

/** How far media are looked into. */
export interface InsideConfig {
  /** Tesseract's names; none: pictures are not read. */
  ocrLanguages: string[];
  /** So many pictures and frames of a capture are read. */
  ocrPictures: number;
  /** Which frames of a video its hash track holds: `auto` goes by its length. */
  hashRule: { frames: 'auto' | 'frame' | 'second'; everyFrameUpToMs: number };
  /** Command that writes down speech; off by default. */
  transcriber: string[] | null;
}

export interface LimitConfig {
  mediaMaxBytes: number;
  mediaTimeoutMs: number;
  pageTimeoutMs: number;
  /** A page that asked for nothing for so long is settled. */
  pageQuietMs: number;
  pageMaxHeightPx: number;
  /** Decoded bytes of all bodies that the page step of one capture keeps. */
  pageMaxBytes: number;
  keyframesPerMinute: number;
}

export type Variables = Record<string, string | undefined>;

/**
 * Reads every setting once. `overrides` come from flags; `defaults` are what a caller
 * prefers where nobody set anything.
 * @throws ConfigError with every problem together
 */
export function readConfig(overrides: Variables = {}, defaults: Variables = {}): Config {
  const { home, layers } = layersOf(overrides, defaults);
  const given = settingNames.map((name) => [name, settingIn(layers, name)]);
  const parsed = settings.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    );
  }
  return grouped(parsed.data, home);
}

/** Where a setting was found, the strongest first. */
const places = ['flag', 'environment', '.env', 'config.json', 'default'] as const;

export interface SettingInForce {
  name: SettingName;
  /** As it was written; `null` where its default holds. */
  text: string | null;
  from: (typeof places)[number];
}

/** Every setting as it was written, and where. Reads nothing of what it says. */
export function settingsInForce(overrides: Variables = {}): SettingInForce[] {
  const { layers } = layersOf(overrides, {});
  return settingNames.map((name) => {
    const at = layers.findIndex((layer) => settingIn([layer], name) !== undefined);
    return {
      name,
      text: settingIn(layers, name) ?? null,
      from: (at === -1 ? undefined : places[at]) ?? 'default',
    };
  });
}

const settingNames = Object.keys(settings.shape) as SettingName[];

/** One for each of `places`. */
function layersOf(overrides: Variables, defaults: Variables) {
  const layers = [defined(overrides), defined(process.env), dotEnv()];
  const home = resolve(settingIn(layers, 'HOLDFAST_HOME') ?? 'holdfast-data');
  layers.push(settingsFile(home), defined(defaults));
  return { home, layers };
}

function grouped(values: Settings, home: string): Config {
  return {
    home,
    databaseUrl: values.DATABASE_URL,
    databaseSchema: values.HOLDFAST_DATABASE_SCHEMA,
    redisUrl: values.REDIS_URL,
    egress: {
      upstreamProxy: values.HOLDFAST_UPSTREAM_PROXY,
      dnsServers: values.HOLDFAST_DNS,
      extraCaFile: values.HOLDFAST_EXTRA_CA,
      allowPrivate: values.HOLDFAST_ALLOW_PRIVATE,
      exitLabel: values.HOLDFAST_EXIT,
      hostIntervalMs: values.HOLDFAST_HOST_INTERVAL_MS,
    },
    operator: values.HOLDFAST_OPERATOR,
    tools: {
      chromium: values.HOLDFAST_CHROMIUM,
      chromiumSandbox: values.HOLDFAST_CHROMIUM_SANDBOX,
      ffmpeg: values.HOLDFAST_FFMPEG,
      ffprobe: values.HOLDFAST_FFPROBE,
      tesseract: values.HOLDFAST_TESSERACT,
      ytdlp: extractorNamed(values.HOLDFAST_YTDLP),
    },
    replayer: values.HOLDFAST_REPLAYER ?? join(home, 'replaywebpage'),
    inside: {
      ocrLanguages: values.HOLDFAST_OCR_LANGUAGES,
      ocrPictures: values.HOLDFAST_OCR_PICTURES,
      hashRule: {
        frames: values.HOLDFAST_HASH_FRAMES,
        everyFrameUpToMs: values.HOLDFAST_HASH_EVERY_FRAME_UP_TO_S * 1000,
      },
      transcriber: values.HOLDFAST_TRANSCRIBER,
    },
    limits: {
      mediaMaxBytes: values.HOLDFAST_MEDIA_MAX_BYTES,
      mediaTimeoutMs: values.HOLDFAST_MEDIA_TIMEOUT_MS,
      pageTimeoutMs: values.HOLDFAST_PAGE_TIMEOUT_MS,
      pageQuietMs: values.HOLDFAST_PAGE_QUIET_MS,
      pageMaxHeightPx: values.HOLDFAST_PAGE_MAX_HEIGHT_PX,
      pageMaxBytes: values.HOLDFAST_PAGE_MAX_BYTES,
      keyframesPerMinute: values.HOLDFAST_KEYFRAMES_PER_MINUTE,
    },
    queue: {
      bound: values.HOLDFAST_QUEUE_BOUND,
      concurrency: values.HOLDFAST_CONCURRENCY,
      retryBaseMs: values.HOLDFAST_RETRY_BASE_MS,
      maxWaitMs: values.HOLDFAST_MAX_WAIT_MS,
      lockMs: values.HOLDFAST_LOCK_MS,
    },
    wayback: values.HOLDFAST_WAYBACK,
    saveElsewhere: {
      cases: values.HOLDFAST_WAYBACK_SAVE_CASES,
      key: values.HOLDFAST_WAYBACK_KEY,
    },
    alerts: {
      file: values.HOLDFAST_ALERTS ?? join(home, 'alerts.json'),
      allowPrivate: values.HOLDFAST_ALERT_ALLOW_PRIVATE,
      storageLowBytes: values.HOLDFAST_STORAGE_LOW_BYTES,
    },
    x: { bearer: values.HOLDFAST_X_BEARER, queryIds: values.HOLDFAST_X_QUERY_IDS },
    watch: watchSettings(values),
    seal: {
      origin: values.HOLDFAST_LOG_ORIGIN,
      checkpointEntries: values.HOLDFAST_CHECKPOINT_ENTRIES,
      checkpointSeconds: values.HOLDFAST_CHECKPOINT_SECONDS,
      tsaUrls: values.HOLDFAST_TSA_URLS,
      tsaRootsFile: values.HOLDFAST_TSA_ROOTS,
      tsaPolicies: values.HOLDFAST_TSA_POLICIES,
      otsCalendars: values.HOLDFAST_OTS_CALENDARS,
      witnesses: values.HOLDFAST_WITNESSES,
      fixityDays: values.HOLDFAST_FIXITY_DAYS,
      secondVault: values.HOLDFAST_SECOND_VAULT,
      organisation: values.HOLDFAST_ORGANISATION,
      legalBasis: values.HOLDFAST_LEGAL_BASIS,
    },
    logLevel: values.HOLDFAST_LOG_LEVEL,
  };
}

function extractorNamed(command: string[] | null): string[] | null {
  if (command?.length === 1 && command[0] === 'none') return null;
  return command ?? ['yt-dlp'];
}

function watchSettings(values: Settings): WatchConfig {
  const named = (word: string) =>
    values.HOLDFAST_CANARIES.flatMap((text) =>
      text.startsWith(`${word}=`) ? [text.slice(word.length + 1)] : [],
    );
  return {
    canaries: { good: named('good'), gone: named('gone') },
    rule: {
      ...defaultRule,
      stated: {
        misses: values.HOLDFAST_STATED_MISSES,
        overMs: values.HOLDFAST_STATED_MINUTES * 60_000,
      },
      silent: {
        misses: values.HOLDFAST_REMOVED_MISSES,
        overMs: values.HOLDFAST_REMOVED_HOURS * 3_600_000,
      },
      routes: values.HOLDFAST_REMOVED_ROUTES,
    },
    breaker: {
      ...defaultBreaker,
      share: values.HOLDFAST_BREAKER_PERCENT / 100,
      atLeast: values.HOLDFAST_BREAKER_AT_LEAST,
    },
  };
}

/** The data folder that somebody named: by flag, environment or `.env`. */
export function homeNamed(flag?: string): string | null {
  const layers = [defined({ HOLDFAST_HOME: flag }), defined(process.env), dotEnv()];
  const named = settingIn(layers, 'HOLDFAST_HOME');
  return named === undefined ? null : resolve(named);
}

/** The data folder that a reading verb means: the one that is named, else the nearest `holdfast-data` upwards. */
export function existingHome(flag?: string): string | null {
  return homeNamed(flag) ?? nearestHome(process.cwd());
}

function nearestHome(from: string): string | null {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const candidate = join(folder, 'holdfast-data');
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return null;
  }
}

/** Environment for child processes: what tools need, and no secrets. */
export function toolEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const kept = ['PATH', 'LANG', 'LC_ALL', 'TMPDIR', 'FONTCONFIG_PATH', 'FONTCONFIG_FILE'];
  const inherited = kept.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), TZ: 'UTC', ...extra };
}

function defined(variables: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  );
}

function dotEnv(): Record<string, string> {
  if (!existsSync('.env')) return {};
  return defined(parseEnv(textOf(resolve('.env'))));
}

function settingsFile(home: string): Record<string, string> {
  const path = join(home, 'config.json');
  if (!existsSync(path)) return {};
  const parsed = z.record(z.string(), z.string()).safeParse(safeJson(textOf(path)));
  if (!parsed.success) throw new ConfigError([`${path}: must be a JSON object of strings`]);
  return parsed.data;
}

/** @throws ConfigError where it is a folder, or may not be read */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([`${path}: can't be read (${String(error)})`]);
  }
}

/**
 * The first layer that knows a setting decides. Any setting may also be given as
 * `<NAME>_FILE`, the way container secrets are; in one layer the value itself goes first.
 */
function settingIn(layers: Record<string, string>[], name: string): string | undefined {
  const layer = layers.find((one) => (one[name] ?? one[`${name}_FILE`]) !== undefined);
  const path = layer?.[`${name}_FILE`];
  if (path === undefined || layer?.[name] !== undefined) return layer?.[name];
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ConfigError([`${name}_FILE: can't read ${path} (${String(error)})`]);
  }
}
