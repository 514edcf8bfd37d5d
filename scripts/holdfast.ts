#!/usr/bin/env node
/** The command line in a checkout, and the program that an installed package runs. */
/** As `publishConfig.engines` says. Nothing is imported before: what is too old can't read it. */
const oldest = [22, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  // npm only warns of it, and what is missing would be told as a fault of ours.
  console.error(
    `error: Holdfast needs Node ${oldest.join('.')} or later, and this is ${process.versions.node}: install a newer Node, then run this again`,
  );
  process.exitCode = 69;
} else {
  const { runCommandLine } = await import('../src/cli/command-line.ts');
  await runCommandLine(async () => (await import('../workers/main.ts')).startWorkers);
}
