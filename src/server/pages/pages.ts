/** Every page, in the order in which paths are compared. */
import type { AnyPage } from '../page.ts';
import { add } from './add.ts';
import { captureCustody } from './capture/custody.ts';
import { captureFiles } from './capture/files.ts';
import { capture } from './capture/look.ts';
import { captureNetwork } from './capture/network.ts';
import { captureText } from './capture/text.ts';
import { captureVerify } from './capture/verify.ts';
import { cases } from './cases.ts';
import { compare } from './compare/compare.ts';
import { doctor } from './doctor.ts';
import { duplicates } from './duplicates.ts';
import { exportsPage } from './exports.ts';
import { items } from './items.ts';
import { leave } from './leave.ts';
import { overview } from './overview.ts';
import { queuePage } from './queue.ts';
import { settingsPage } from './settings.ts';
import { source } from './source.ts';
import { takedowns } from './takedowns.ts';
import { watches } from './watches.ts';

export const pages: AnyPage[] = [
  ...[overview, items, source, add, queuePage, takedowns, watches, doctor, settingsPage, leave],
  ...[compare, duplicates, cases, exportsPage],
  ...[capture, captureText, captureNetwork, captureFiles, captureCustody, captureVerify],
];
