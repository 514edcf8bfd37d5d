/** The settings in force and where each was set; never a secret. They are changed where they were set. */
import type { SettingShown } from '../../model/setting-shown.ts';
import { definePage } from '../page.ts';
import { code } from '../parts/captured.ts';
import { html } from '../parts/html.ts';
import { dataLinks, heading } from '../parts/layout.ts';
import { table } from '../parts/table.ts';

interface SettingsPage {
  settings: SettingShown[];
  folder: string;
}

export const settingsPage = definePage<SettingsPage>({
  path: '/settings',
  ask: async ({ settings, parts }) => ({ settings: settings(), folder: parts.home.folder }),
  show: ({ settings, folder }, view) => {
    const { settings: w } = view.words;
    const groups = Map.groupBy(settings, ({ group }) => group);
    return {
      title: w.title,
      body: html`${heading(w.title)}
<p>${w.how}</p><p>${w.folder} ${code(folder)}</p>
${[...groups].map(
  ([group, rows]) =>
    html`<section><h2>${w.groups[group] ?? group}</h2>${table({
      caption: group,
      empty: '',
      rows,
      columns: [
        {
          title: w.name,
          kind: 'main',
          cell: ({ name, about }) =>
            html`${code(name)}<span class="by" lang="en" dir="ltr">${about}</span>`,
        },
        { title: w.value, cell: ({ value }) => code(value) },
        { title: w.from, cell: ({ from }) => w.places[from] ?? from },
      ],
    })}</section>`,
)}
${dataLinks(view)}`,
    };
  },
  record: ({ settings, folder }) => ({ home: folder, settings }),
  rows: ({ settings }) => ({
    columns: ['setting', 'value', 'from', 'about'],
    rows: settings.map(({ name, value, from, about }) => [name, value, from, about]),
  }),
});
