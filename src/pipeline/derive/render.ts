/** Our own picture of a post, made from its sealed record and media, and labelled as such. */
import type { HeldFile } from '../../catalog/held-files.ts';
import { postOf } from '../../catalog/posts.ts';
import type { MadeDerivation } from '../../model/derivation.ts';
import type { MediaRef } from '../../model/plan.ts';
import type { Post, RenderedMedia } from '../../platforms/platform.ts';
import type { Deriver, Deriving } from './deriver.ts';

const pictureMaxBytes = 32 * 1024 * 1024;
const widthPx = 640;
/** Sharp on paper and on screens of today. */
const scale = 2;

export const render: Deriver = {
  kind: 'render',
  tools: ['chromium'],
  wanted: ({ hasPost, manifestSha256 }) =>
    hasPost ? [{ kind: 'render', subject: manifestSha256, original: null }] : [],
  key: async ({ parts }) => {
    const { holdfast, chromium } = await parts.tools();
    return `render/2 holdfast ${String(holdfast)} ${String(chromium)}`;
  },
  make: draw,
};

async function draw({ parts, capture, held, signal }: Deriving): Promise<MadeDerivation> {
  const { captureId, source, plan } = capture;
  const post = await postOf<Post>(parts.database, captureId);
  const platform = await parts.platformOf(source);
  if (post === null || platform.renderPost === undefined) {
    return { state: 'skipped', reason: 'no-post', files: [], detail: {} };
  }
  const shown = stillsOf(await held(), plan?.media ?? []);
  const html = platform.renderPost(post, await Promise.all(shown.map(asData(parts.vault))), {
    environment: parts.home.environment,
    captureId,
    renderedFrom: post.route,
  });
  const png = await parts.renderBrowser.draw(html, { widthPx, scale, signal });
  const page = await parts.vault.put(html);
  const facts = { what: 'rendered from archived data, not a screenshot', route: post.route };
  const common = { derivedFrom: capture.manifestSha256, facts };
  return {
    state: 'done',
    reason: null,
    inputs: shown.map(({ still }) => still.sha256),
    files: [
      { role: 'render.html', name: 'post.html', mediaType: 'text/html', ...page, ...common },
      {
        ...{ role: 'render', name: 'post.png', mediaType: 'image/png' },
        ...(await parts.vault.put(png)),
        ...{ ...common, derivedFrom: page.sha256 },
      },
    ],
    arguments: { widthPx, scale },
    detail: {},
  };
}

interface Still {
  ref: MediaRef;
  still: HeldFile;
  original: HeldFile | undefined;
}

/** The pictures that stand for each media of the post: the file itself, or a frame of the video. */
function stillsOf(held: HeldFile[], refs: MediaRef[]): Still[] {
  return refs.flatMap((ref) => {
    const original = held.find(
      ({ name, role }) => role === 'media.original' && name.startsWith(`media/${ref.id}.`),
    );
    const still = original?.mediaType.startsWith('image/')
      ? original
      : held.find(
          ({ role, derivedFrom }) => role === 'keyframe' && derivedFrom === original?.sha256,
        );
    if (still === undefined || still.sizeBytes > pictureMaxBytes) return [];
    return [{ ref, still, original }];
  });
}

function asData(vault: Deriving['parts']['vault']) {
  return async ({ ref, still, original }: Still): Promise<RenderedMedia> => {
    const bytes = await vault.read(still.sha256, pictureMaxBytes);
    return {
      mediaId: ref.id,
      belongsTo: ref.belongsTo,
      kind: still === original ? 'picture' : 'video',
      href: `data:${still.mediaType};base64,${bytes.toString('base64')}`,
      altText: ref.altText,
      width: still.media?.width ?? null,
      height: still.media?.height ?? null,
      durationMs: original?.media?.durationMs ?? null,
    };
  };
}
