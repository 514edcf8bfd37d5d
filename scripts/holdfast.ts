#!/usr/bin/env node
/** The command line in a checkout, and the program that an installed package runs. */
import { runCommandLine } from '../src/cli/command-line.ts';

await runCommandLine(async (app, options) => {
  // Loaded only by the verbs that work: they bring the browser and the media tools with them.
  const { startWorkers } = await import('../workers/main.ts');
  return startWorkers(app, options);
});
