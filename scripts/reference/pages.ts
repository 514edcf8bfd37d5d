/** Every generated page of `docs/reference`, by its file name. */
import { errorsPage, exitCodesPage, reasonsPage } from './failures.ts';
import { page, table } from './markdown.ts';
import { libraryPage, queuePage, settingsPage } from './operation.ts';
import { eventsPage, logEntriesPage, recordsPage, rolesPage, signalsPage } from './records.ts';

const pages: Record<string, [title: string, words: string, make: () => string]> = {
  'settings.md': ['Settings', 'every environment variable, its default and its use', settingsPage],
  'exit-codes.md': ['Exit codes', 'with what a command ends', exitCodesPage],
  'errors.md': ['Error codes', 'what went wrong, and what to do', errorsPage],
  'reasons.md': ['Reasons and notes', 'why a step ended as it did, what is missing', reasonsPage],
  'roles.md': ['Roles of files', 'what each file of a capture is', rolesPage],
  'records.md': ['Records', 'every field that is printed or stored', recordsPage],
  'events.md': ['Events', 'what can happen to sources, captures and the archive', eventsPage],
  'signals.md': [
    'Signals and availability',
    'what an answer says about a source, and what is concluded',
    signalsPage,
  ],
  'log-entries.md': ['Log entries', 'what the log holds', logEntriesPage],
  'queue.md': ['Queue', 'stages, names and job data, for other BullMQ programs', queuePage],
  'library.md': ['Library', 'Holdfast inside a program', libraryPage],
};

function indexPage(): string {
  const rows = Object.entries(pages).map(([file, [title, words]]) => [
    `[${title}](${file})`,
    words,
  ]);
  return page(
    'Reference',
    'What scripts and other programs can rely on. These pages are made from the code, and a test fails where they differ. Asking the catalog with SQL: [the catalog](../catalog.md).',
    table(['Page', 'What it lists'], rows),
  );
}

/** File name → Markdown. */
export function referencePages(): Record<string, string> {
  const made = Object.entries(pages).map(([file, [, , make]]) => [file, make()]);
  return { 'README.md': indexPage(), ...Object.fromEntries(made) };
}
