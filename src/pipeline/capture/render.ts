/** Our own picture of a post, made from its stored record and media, and labelled as such. */
import { artifactsOf } from '../../catalog/artifacts.ts';
import { postOf } from '../../catalog/posts.ts';
import type { MediaRef } from '../../model/plan.ts';
import type { Post, RenderedMedia } from '../../platforms/platform.ts';
import type { Parts, StageRun } from '../parts.ts';
import { plannedStep, planOf } from '../plan-file.ts';
import { runStep, type StepResult } from '../run-step.ts';

const pictureMaxBytes = 32 * 1024 * 1024;
const widthPx = 640;

export async function renderCapture(parts: Parts, run: StageRun): Promise<void> {
  const plan = await planOf(parts, run.captureId);
  await runStep(parts, run, plannedStep(plan, 'render'), async (): Promise<StepResult> => {
    const post = await postOf<Post>(parts.database, run.captureId);
    const platform = parts.platformOf(plan.source);
    if (post === null || platform.renderPost === undefined) {
      return { state: 'skipped', reason: 'no-post' };
    }
    const html = platform.renderPost(post, await renderedMedia(parts, run.captureId, plan.media), {
      environment: parts.home.environment,
      captureId: run.captureId,
      renderedFrom: post.route,
    });
    const png = await parts.renderBrowser.draw(html, { widthPx, signal: run.signal });
    const page = await parts.vault.put(html);
    const picture = await parts.vault.put(png);
    const facts = { what: 'rendered from archived data, not a screenshot', route: post.route };
    return {
      state: 'done',
      artifacts: [
        {
          role: 'render.html',
          name: 'render/post.html',
          mediaType: 'text/html',
          ...page,
          derivedFrom: null,
          facts,
        },
        {
          role: 'render',
          name: 'render/post.png',
          mediaType: 'image/png',
          ...picture,
          derivedFrom: page.sha256,
          facts,
        },
      ],
    };
  });
}

/** The pictures that stand for each media of the post: the file itself, or a frame of the video. */
async function renderedMedia(
  parts: Pick<Parts, 'database' | 'vault'>,
  captureId: string,
  refs: MediaRef[],
): Promise<RenderedMedia[]> {
  const artifacts = await artifactsOf(parts.database, captureId);
  const rendered: RenderedMedia[] = [];
  for (const ref of refs) {
    const original = artifacts.find(
      ({ name, role }) => role === 'media.original' && name.startsWith(`media/${ref.id}.`),
    );
    const still = original?.mediaType.startsWith('image/')
      ? original
      : artifacts.find(
          ({ name, role }) => role === 'keyframe' && name.startsWith(`keyframes/${ref.id}/`),
        );
    if (still === undefined || still.sizeBytes > pictureMaxBytes) continue;
    const bytes = await parts.vault.read(still.sha256, pictureMaxBytes);
    rendered.push({
      mediaId: ref.id,
      belongsTo: ref.belongsTo,
      kind: still === original ? 'picture' : 'video',
      href: `data:${still.mediaType};base64,${bytes.toString('base64')}`,
      altText: ref.altText,
      width: still.media?.width ?? null,
      height: still.media?.height ?? null,
      durationMs: original?.media?.durationMs ?? null,
    });
  }
  return rendered;
}
