/** A long "article" post: the record holds its title, its beginning and its cover, not the article. */
import { z } from 'zod';
import { address, amount, maybe, type PostClaims, text } from './claims.ts';
import { type MediaClaims, pictureClaim } from './media-claims.ts';

const cover = z.object({
  media_info: z.object({
    original_img_url: address,
    original_img_width: maybe(amount),
    original_img_height: maybe(amount),
  }),
});
const article = z.object({ title: text, preview_text: maybe(text), cover_media: maybe(cover) });

export function articleClaims(
  value: unknown,
): Pick<PostClaims, 'article'> & { cover: MediaClaims[] } {
  const parsed = article.safeParse(value);
  if (!parsed.success) return { article: null, cover: [] };
  const { title, preview_text, cover_media } = parsed.data;
  const image = cover_media?.media_info;
  return {
    article: { title, preview: preview_text ?? null },
    cover: image
      ? [
          pictureClaim(image.original_img_url, {
            width: image.original_img_width ?? null,
            height: image.original_img_height ?? null,
          }),
        ]
      : [],
  };
}
