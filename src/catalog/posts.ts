/** Posts as captures found them; the searchable part in columns, the whole as JSON. */
import type { Queryable } from './database.ts';
import { storableJson, storableTime } from './storable.ts';

/** What the catalog reads in a post. Platforms know more; all of it is kept. */
export interface CatalogPost {
  id: string;
  author: { id: string | null; handle: string | null; name: string | null };
  text: string;
  claimedAt: string | null;
  idTime: string | null;
}

export async function insertPost(
  db: Queryable,
  captureId: string,
  post: CatalogPost,
): Promise<void> {
  const times = { claimedAt: storableTime(post.claimedAt), idTime: storableTime(post.idTime) };
  await db.query(
    `insert into captured_posts (capture_id, post_id, author_id, author_handle, author_name, body,
       claimed_at, id_time, post)
     select $2, post ->> 'id', post #>> '{author,id}', post #>> '{author,handle}',
       post #>> '{author,name}', post ->> 'text', $3, $4, post
     from (select $1::jsonb) as given (post)
     on conflict (capture_id) do nothing`,
    [storableJson(post), captureId, times.claimedAt, times.idTime],
  );
}

/** The post as it was given to `insertPost`; name its type where more than the catalog's part is needed. */
export async function postOf<Post extends CatalogPost = CatalogPost>(
  db: Queryable,
  captureId: string,
): Promise<Post | null> {
  const { rows } = await db.query<{ post: Post }>(
    'select post from captured_posts where capture_id = $1',
    [captureId],
  );
  return rows[0]?.post ?? null;
}

/** Whether the searchable columns still say what the post itself says. */
export async function postColumnsAgree(db: Queryable, captureId: string): Promise<boolean> {
  const { rows } = await db.query<{ agree: boolean }>(
    `select post_id = post ->> 'id' and body = post ->> 'text'
       and author_id is not distinct from post #>> '{author,id}'
       and author_handle is not distinct from post #>> '{author,handle}'
       and author_name is not distinct from post #>> '{author,name}' as agree
     from captured_posts where capture_id = $1`,
    [captureId],
  );
  return rows[0]?.agree !== false;
}
