/** The verbs that verify what was kept and hand it over. */
import { type Command, Option } from 'commander';
import { examples } from '../terminal/help-examples.ts';
import { several } from '../terminal/several.ts';

export function addHandOverVerbs(program: Command): void {
  program
    .command('verify')
    .description(
      'rehash every stored file and compare it with manifests and log; or verify a bundle',
    )
    .argument('[id...]', 'capture ids, or one bundle (a folder or zip file; needs no data folder)')
    .option('--all', 'every closed capture, and the log as a whole')
    .addOption(several('--vkey <key>', 'bundle: public key of the log, or a file of keys'))
    .option('--tsa-roots <file>', 'bundle: PEM file with the roots of timestamp authorities')
    .option(
      '--bitcoin-headers <file>',
      'block headers to check OpenTimestamps proofs against: lines of height:hex, or 80 bytes each',
    )
    .addOption(several('--earlier <file>', 'bundle: a checkpoint that you kept from before'))
    .addOption(
      several('--witness <key>', 'bundle: public key of a witness that must have co-signed'),
    )
    .option('--not-older-than <time>', 'bundle: its newest timestamp must not be older than this')
    .option('--thorough', 'bundle: also check SHA-512')
    .addHelpText(
      'after',
      examples('holdfast verify --all', 'holdfast verify ./handed-over --vkey vkey.txt'),
    )
    .action(async (ids, _options, command) => (await import('./verify.ts')).verify(ids, command));
  program
    .command('verify-wacz')
    .description('check a web archive file, whoever made it; needs no data folder')
    .argument('<file...>', 'WACZ files')
    .option(
      '--tsa-roots <file>',
      'PEM file with certificates of the time-stamp authorities that you trust',
    )
    .option(
      '--domain-roots <file>',
      'PEM file with more authorities for domain signatures, beside those that come with Node.js',
    )
    .addHelpText(
      'after',
      examples('holdfast verify-wacz page.wacz', 'holdfast verify-wacz *.wacz --jsonl'),
    )
    .action(async (files, _options, command) =>
      (await import('./verify-wacz.ts')).verifyWacz(files, command),
    );
  program
    .command('export')
    .description('hand captures over; nothing is ever overwritten')
    .argument('[id...]', 'capture ids; the first or last eight characters are enough')
    .option(
      '--case <name>',
      'every capture of the sources of this case, and nothing of other cases',
    )
    .requiredOption(
      '--to <path>',
      'a new folder (files, bundle, site) or a new file (wacz, jsonl, csv; bundle as .zip)',
    )
    .addOption(
      new Option(
        '--format <format>',
        'plain files with SHA256SUMS; a bundle that anyone can verify; pages that open from a disk; a web archive; or records',
      )
        .choices(['files', 'bundle', 'site', 'wacz', 'jsonl', 'csv'])
        .default('files'),
    )
    .addOption(several('--role <role>', 'files, bundle: only artifacts with this role'))
    .option('--restricted', 'bundle: include what may hold passwords and cookies')
    .option('--no-pdf', 'bundle: without report.pdf')
    .option('--show-graphic', 'bundle, site: also show what people marked as graphic')
    .addOption(
      new Option('--language <language>', 'site: of its pages').choices(['en', 'ar']).default('en'),
    )
    .addOption(
      several(
        '--since <size>',
        'bundle: prove that the log continues from the checkpoint of this size, which the receiver kept',
      ),
    )
    .addHelpText(
      'after',
      examples(
        'holdfast export --case harbour --to ./handed-over --format bundle',
        'holdfast export 6a0b9c3d --to ./pages --format site',
      ),
    )
    .action(async (ids, _options, command) =>
      (await import('./export.ts')).exportCaptures(ids, command),
    );
}
