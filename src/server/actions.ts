/** Everything that a form can do. */
import type { Action } from './page.ts';
import { captureAgain, readText, submitDraft } from './pages/add.ts';
import { fileAction } from './pages/capture/filing.ts';
import { verifyAction } from './pages/capture/verify.ts';
import { duplicateActions } from './pages/duplicates.ts';
import { exportActions } from './pages/exports.ts';
import { graphicActions } from './pages/graphic.ts';
import { markSeen } from './pages/overview.ts';
import { cancelAction } from './pages/queue.ts';
import { watchActions } from './pages/watches.ts';

export const actions: Action[] = [
  ...[markSeen, readText, submitDraft, captureAgain, cancelAction, verifyAction, fileAction],
  ...watchActions,
  ...graphicActions,
  ...duplicateActions,
  ...exportActions,
];
