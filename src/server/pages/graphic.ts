/** Marking graphic material, and having it shown. */
import { noteExposure } from '../../catalog/exposures.ts';
import { markGraphic, unmarkGraphic } from '../../pipeline/copies/graphic.ts';
import { type Action, type Asked, type FormFields, field } from '../page.ts';
import { ownPath } from '../pages-app.ts';

/** A source that is marked is withheld from whoever marks it too: it was marked for that. */
export const graphicActions: Action[] = [
  {
    path: '/graphic/mark',
    act: async ({ parts, who, session }, form) => {
      const source = field(form, 'source');
      const note = field(form, 'note').trim().slice(0, 300) || null;
      await markGraphic(parts, source, { note, by: who });
      session.shown.delete(source);
      return ownPath(form.get('back'));
    },
  },
  {
    path: '/graphic/unmark',
    act: async ({ parts, who }, form) => {
      await unmarkGraphic(parts, field(form, 'source'), { by: who });
      return ownPath(form.get('back'));
    },
  },
  {
    path: '/graphic/hide',
    act: async ({ session }, form) => {
      session.shown.delete(field(form, 'source'));
      return ownPath(form.get('back'));
    },
  },
  { path: '/graphic/show', act: show },
];

/** Counted, for the sake of whoever looks. */
async function show({ parts, who, session }: Asked, form: FormFields): Promise<string> {
  const back = ownPath(form.get('back'));
  const [, captureId] = /^\/captures\/([0-9a-f-]{36})/.exec(back) ?? [];
  if (captureId !== undefined) await noteExposure(parts.database, who, captureId);
  session.shown.add(field(form, 'source'));
  return back;
}
