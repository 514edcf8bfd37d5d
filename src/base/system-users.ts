/** The system users as which programs run where this process is root's: set-up makes them, and they own nothing. */
import { readFile } from 'node:fs/promises';

export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

/** Chromium's. */
export const browserUser = 'holdfast-browser';

/** The first of these that there is. */
export async function systemUser(names: readonly string[]): Promise<SystemUser | null> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  for (const wanted of names) {
    const line = lines.find((each) => each.startsWith(`${wanted}:`));
    const [name = '', , uid, gid] = line?.split(':') ?? [];
    if (name !== '' && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return null;
}
