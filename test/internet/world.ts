/** The state that the sites answer from, and the commands that change it. */
import type { Answer, SiteRequest } from './answer.ts';
import { Content } from './content.ts';
import { Faults } from './faults.ts';
import {
  idAfter,
  type MediaFile,
  mediaCode,
  mediaFiles,
  mediaPageUrl,
  type NewPost,
  type Post,
  type PostState,
} from './post.ts';
import { postText } from './post-text.ts';

export type Route = 'syndication' | 'graphql' | 'oembed' | 'embed' | 'site';

/** A page under an address of its own; `handler` answers by itself. */
export interface Page {
  html?: string;
  bytes?: Buffer;
  mediaType?: string;
  status?: number;
  headers?: Record<string, string>;
  handler?: (request: SiteRequest) => Answer | Promise<Answer>;
}

export class World extends Faults {
  readonly posts = new Map<string, Post>();
  /** `t.co` code to address. */
  readonly codes = new Map<string, string>();
  readonly pages = new Map<string, Page>();
  /** Host and path of a file on twimg.com to the media it belongs to. */
  readonly files = new Map<string, MediaFile>();
  /** Addresses on twimg.com that recorded answers name: served with made-up content. */
  readonly borrowedFiles = new Set<string>();
  readonly content: Content;
  readonly #recorded = new Map<string, Answer>();
  /** Query ids that the GraphQL site knows; others get its bare 404. */
  graphqlQueryIds = ['2ICDjqPd81tulZcYrtpTuQ', 'f2sagi1jweVHFkTUIHzmMQ', 'qxWQxcMLiTPcavz9Qy5hwQ'];
  /** Whether x.com sends everybody without a log-in to the log-in page. */
  loginWall = false;

  constructor(content = new Content()) {
    super();
    this.content = content;
  }

  addPost(described: NewPost): Post {
    const post: Post = {
      ...described,
      state: 'live',
      editIds: [described.id],
      mediaAvailability: 'Available',
    };
    this.posts.set(post.id, post);
    this.#index(post);
    return post;
  }

  addPage(url: string, page: Page): void {
    this.pages.set(new URL(url).href, page);
  }

  /** A short link to anywhere. */
  addCode(code: string, url: string): void {
    this.codes.set(code, url);
  }

  /** An edit as the platform does it: a new post with a new id, the old one marked stale. */
  edit(id: string, text: string): Post {
    const old = this.post(id);
    const edited = this.addPost({ ...old, id: idAfter(id, 60 * old.editIds.length), text });
    const editIds = [...old.editIds, edited.id];
    for (const version of editIds) this.post(version).editIds = editIds;
    return edited;
  }

  /** The same post says something else now, without an edit on record. */
  alter(id: string, changes: Partial<Omit<Post, 'id'>>): void {
    const post = Object.assign(this.post(id), changes);
    this.#index(post);
  }

  delete(id: string, as: 'notice' | 'nothing' = 'notice'): void {
    this.#become(id, as === 'notice' ? 'deleted' : 'vanished');
  }
  suspend(id: string): void {
    this.#become(id, 'suspended');
  }
  protect(id: string): void {
    this.#become(id, 'protected');
  }
  removeAccount(id: string): void {
    this.#become(id, 'account-gone');
  }
  ageGate(id: string): void {
    this.#become(id, 'age-gated');
  }
  restore(id: string): void {
    this.#become(id, 'live');
    this.post(id).mediaAvailability = 'Available';
  }
  /** The post stays, its files answer 403 or 404. */
  withholdMedia(id: string, reason: 'Dmcaed' | 'Deleted' | 'Geoblocked'): void {
    this.post(id).mediaAvailability = reason;
  }

  /**
   * Serves recorded bytes for this id on this route. Files on twimg.com that they name are
   * answered with content of our own.
   */
  raw(id: string, route: Route, bytes: Buffer | string, status = 200): void {
    const mediaType =
      route === 'embed' || route === 'site'
        ? 'text/html; charset=utf-8'
        : 'application/json; charset=utf-8';
    this.#recorded.set(`${route} ${id}`, {
      status,
      headers: { 'content-type': mediaType },
      body: bytes,
    });
    const text = bytes.toString().replaceAll('\\/', '/');
    for (const [file] of text.matchAll(/(?:pbs|video)\.twimg\.com\/[\w\-./]+/g)) {
      this.borrowedFiles.add(file);
    }
  }

  recorded(id: string, route: Route): Answer | null {
    return this.#recorded.get(`${route} ${id}`) ?? null;
  }

  /** @throws when nobody added it: a mistake in the test */
  post(id: string): Post {
    const post = this.posts.get(id);
    if (!post) throw new Error(`the small internet has no post ${id}`);
    return post;
  }

  page(url: URL): Page | null {
    return this.pages.get(url.href) ?? this.pages.get(`${url.origin}${url.pathname}`) ?? null;
  }

  hasPagesOn(hostname: string): boolean {
    return [...this.pages.keys()].some((url) => new URL(url).hostname === hostname);
  }

  #become(id: string, state: PostState): void {
    this.post(id).state = state;
  }

  #index(post: Post): void {
    const code = mediaCode(post);
    // The first version keeps the code: an edit doesn't change where old links lead.
    if (code !== null && !this.codes.has(code)) this.codes.set(code, mediaPageUrl(post));
    for (const [short, url] of postText(post).links) this.codes.set(short, url);
    for (const file of mediaFiles(post)) {
      this.files.set(file.picture, file);
      for (const rung of file.video?.rungs ?? []) this.files.set(rung, file);
      if (file.video?.master) this.files.set(file.video.master, file);
    }
  }
}
