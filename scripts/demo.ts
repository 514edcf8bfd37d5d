/**
 * Archives the founding story from the small internet: the real program, queue, browser
 * and ffmpeg against a stand-in for the outside. Everything it keeps is a demonstration
 * and says so: own home, marked for life, own key space, the word on every picture.
 */
import { reportFailure } from '../src/base/report-failure.ts';
import { startStandIn } from './demo-stand-in.ts';

try {
  // Reading the one program takes as long as starting the other: side by side.
  const standIn = startStandIn();
  standIn.catch(() => {});
  const { captureStory } = await import('./demo-story.ts');
  await captureStory(standIn);
} catch (error) {
  process.exitCode = await reportFailure(error);
}
