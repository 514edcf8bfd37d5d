/**
 * Named browser profiles for logged-in views: cookies and local storage, encrypted at rest
 * (AES-256-GCM) under a key of the data folder. They are in no vault, no catalog, no export
 * and no backup of either; a manifest names the profile that was used, and nothing of it.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { bytesOf, openAtRest, sealAtRest } from '../base/at-rest.ts';
import { HoldfastError, IntegrityError, NotFoundError, UsageError } from '../base/errors.ts';
import { replaceFile } from '../base/synced-file.ts';

/** As Playwright saves and loads it; other tools' exports of cookies have this shape, too. */
const storageState = z.object({
  cookies: z.array(
    z.object({
      name: z.string(),
      value: z.string(),
      domain: z.string(),
      path: z.string(),
      expires: z.number().default(-1),
      httpOnly: z.boolean().default(false),
      secure: z.boolean().default(false),
      sameSite: z.enum(['Strict', 'Lax', 'None']).default('Lax'),
    }),
  ),
  origins: z
    .array(
      z.object({
        origin: z.string(),
        localStorage: z.array(z.object({ name: z.string(), value: z.string() })),
      }),
    )
    .default([]),
});

export type StorageState = z.infer<typeof storageState>;

export interface Profile {
  name: string;
  /** When this state was put in; observed by this machine's clock. */
  keptAt: string;
  state: StorageState;
}

export interface ProfileSummary {
  name: string;
  /** `null` where it can't be read. */
  keptAt: string | null;
  /** Domains that have cookies in it; no names, no values. */
  domains: string[];
  /** Why it can't be used, and what to do. */
  fault: string | null;
}

const sealed = z.object({
  name: z.string(),
  keptAt: z.string(),
  state: storageState,
});
const kind = 'holdfast-profile/1';
const nameForm = /^[a-z0-9][a-z0-9-]{0,40}$/;

/** Takes the place of an earlier state of that name. @throws UsageError `bad-profile`, IntegrityError `profile-key-damaged` */
export async function saveProfile(home: string, name: string, text: string): Promise<Profile> {
  if (!nameForm.test(name))
    throw new UsageError('bad-profile', 'a profile is named in lower-case letters, digits and -');
  const parsed = storageState.safeParse(jsonOf(text));
  if (!parsed.success) {
    throw new UsageError(
      'bad-profile',
      "not a browser's storage state: a JSON object with `cookies` and `origins` as Playwright writes it",
    );
  }
  const profile = { name, keptAt: new Date().toISOString(), state: parsed.data };
  const folder = await profilesFolder(home);
  const bytes = await sealAtRest(home, kind, Buffer.from(JSON.stringify(profile)));
  await replaceFile(join(folder, `${name}.sealed`), bytes);
  return profile;
}

/** @throws NotFoundError `no-profile`, IntegrityError `profile-unreadable` */
export async function openProfile(home: string, name: string): Promise<Profile> {
  const bytes = nameForm.test(name)
    ? await bytesOf(join(home, 'profiles', `${name}.sealed`)).catch((cause: unknown) => {
        throw unreadable(name, `can't be read (${String(cause)})`);
      })
    : null;
  if (bytes === null) {
    throw new NotFoundError(
      'no-profile',
      `this machine has no browser profile called ${JSON.stringify(name.slice(0, 60))}: holdfast profile add`,
    );
  }
  try {
    const text = (await openAtRest(home, kind, bytes)).toString('utf8');
    const profile = sealed.parse(JSON.parse(text));
    if (profile.name === name) return profile;
  } catch (cause) {
    throw unreadable(
      name,
      `can't be decrypted with the key of this data folder (${String(cause)})`,
    );
  }
  throw unreadable(name, 'is another one under its name');
}

/** All of them: one that is damaged hides no other. */
export async function listProfiles(home: string): Promise<ProfileSummary[]> {
  const files = await readdir(join(home, 'profiles')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names = files.filter((file) => file.endsWith('.sealed')).map((file) => file.slice(0, -7));
  return Promise.all(names.sort().map((name) => summaryOf(home, name)));
}

async function summaryOf(home: string, name: string): Promise<ProfileSummary> {
  try {
    const { keptAt, state } = await openProfile(home, name);
    const domains = [...new Set(state.cookies.map(({ domain }) => domain))].sort();
    return { name, keptAt, domains, fault: null };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { name, keptAt: null, domains: [], fault: error.message };
  }
}

function unreadable(name: string, what: string): IntegrityError {
  return new IntegrityError(
    'profile-unreadable',
    `the profile ${name} ${what}: add it again with holdfast profile add ${name} FILE`,
  );
}

/** Whether there was one. */
export async function removeProfile(home: string, name: string): Promise<boolean> {
  if (!nameForm.test(name)) return false;
  const path = join(home, 'profiles', `${name}.sealed`);
  if ((await bytesOf(path)) === null) return false;
  await rm(path);
  return true;
}

async function profilesFolder(home: string): Promise<string> {
  const folder = join(home, 'profiles');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
