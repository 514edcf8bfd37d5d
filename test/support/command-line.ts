/** Runs the program as a person or a script does. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../scripts/holdfast.ts', import.meta.url));

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  home?: string;
  /** Another program than the command line. */
  script?: string;
}

/** In this folder, with settings of its own and no others; read once, compiled once. */
export function commandLine(folder: string) {
  return (args: string[], options: RunOptions = {}): Promise<Ran> => {
    const env = {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
      ...(options.home === undefined ? {} : { HOLDFAST_HOME: options.home }),
    };
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [options.script ?? program, ...args],
        { cwd: folder, env },
        (error, stdout, stderr) =>
          resolve({
            code: typeof error?.code === 'number' ? error.code : error ? 1 : 0,
            stdout,
            stderr,
          }),
      );
      child.stdin?.end(options.input ?? '');
    });
  };
}
