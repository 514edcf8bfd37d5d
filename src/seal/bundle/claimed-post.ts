/** A post as a manifest has it, read for the report: whatever its platform and version. */
import { z } from 'zod';

const text = z.string().nullish();

/** Beside the post itself: in another shape it is left to the manifest, and the post is shown all the same. */
const beside = <Shape extends z.ZodType>(shape: Shape) => shape.nullish().catch(undefined);

const account = z.object({ id: text, handle: text, name: text });

const attached = z.object({
  id: text,
  kind: text,
  unavailable: text,
  altText: beside(z.string()),
  title: beside(z.string()),
  uploadedAt: beside(z.string()),
  firstPostedWith: beside(z.string()),
});

const poll = z.object({
  choices: z.array(z.object({ label: z.string(), votes: z.number().nullish() })),
  endsAt: text,
  countedAt: text,
  isFinal: z.boolean().nullish(),
});

const card = z.object({
  kind: text,
  title: text,
  description: text,
  link: text,
  poll: poll.nullish(),
});

/** Loose: posts of other versions, or of a platform that knows less, are shown as far as they go. */
export const claimedPost = z.object({
  id: text,
  author: account.nullish(),
  account: beside(
    z.object({
      createdAt: text,
      location: text,
      badge: text,
      withheldIn: z.array(z.string()).nullish(),
    }),
  ),
  text,
  textTruncated: z.boolean().nullish(),
  claimedAt: text,
  idTime: text,
  postedWith: beside(z.string()),
  editIds: z.array(z.string()).nullish(),
  replyTo: z.object({ id: text, handle: text }).nullish(),
  place: text,
  coordinates: beside(z.object({ latitude: z.number(), longitude: z.number() })),
  mentions: beside(z.array(account)),
  links: z.array(z.object({ short: text, expanded: text })).nullish(),
  attached: z.array(attached).nullish(),
  card: beside(card),
  article: beside(z.object({ title: text, preview: text })),
  communityNote: beside(z.object({ text: z.string() })),
  labels: beside(z.array(z.string())),
  withheldIn: beside(z.array(z.string())),
  quotedMissing: beside(z.string()),
  route: text,
  filledFrom: beside(z.record(z.string(), z.string())),
  degraded: z.array(z.string()).nullish(),
  quoted: z.unknown().optional(),
  repliedTo: z.unknown().optional(),
  reposted: z.unknown().optional(),
});

export type ClaimedPost = z.infer<typeof claimedPost>;
export type ClaimedMedia = z.infer<typeof attached>;
export type ClaimedPoll = z.infer<typeof poll>;
