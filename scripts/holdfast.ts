#!/usr/bin/env node
/** The command line in a checkout, and the program that an installed package runs. */
import { runCommandLine } from '../src/cli/command-line.ts';

await runCommandLine(async () => (await import('../workers/main.ts')).startWorkers);
