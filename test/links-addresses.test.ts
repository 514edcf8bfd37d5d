/** One line an address: what was pasted, and the key (with #n and @wayback= from the facts). */
import { describe, expect, test } from 'vitest';
import { identifyLink } from '../src/links/identify-link.ts';

const id = '1227656969236877313';
const post = `x:status:${id}`;

/** Key and facts in one word, such as `x:status:1227#2@wayback=20200212`. */
function said(text: string): string {
  const found = identifyLink(text);
  if ('rejected' in found) return `reject:${found.rejected}`;
  const { media, wayback } = found.facts;
  return `${found.key}${media ? `#${media}` : ''}${wayback ? `@wayback=${wayback}` : ''}`;
}

function table(name: string, rows: [pasted: string, said: string][]): void {
  describe(name, () => {
    test.each(rows)('%s', (pasted, expected) => expect(said(pasted)).toBe(expected));
  });
}

table('a post under any door of X', [
  [`https://x.com/OIRSpox/status/${id}`, post],
  [`https://m.twitter.com/OIRSpox/status/${id}`, post],
  [`https://web.twitter.com/OIRSpox/status/${id}`, post],
  [`https://pro.x.com/OIRSpox/status/${id}`, post],
  [`https://tweetdeck.twitter.com/OIRSpox/status/${id}`, post],
  [`https://new-door.x.com/OIRSpox/status/${id}`, post],
  [`https://x.com./OIRSpox/status/${id}`, post],
  [`http://twitter.com:80/OIRSpox/status/${id}`, post],
  [`https://twitter.com:443/OIRSpox/status/${id}`, post],
  [`https://x.com:8443/OIRSpox/status/${id}`, post],
  [`//x.com/OIRSpox/status/${id}`, post],
  [`x.com/OIRSpox/status/${id}`, post],
  [`MOBILE.X.COM/i/status/${id}`, post],
  [`https://user:secret@x.com/OIRSpox/status/${id}`, post],
]);

table('a post in any form of path', [
  [`https://x.com/i/web/status/${id}`, post],
  [`https://x.com/OIRSpox/statuses/${id}`, post],
  [`https://x.com/status/${id}`, post],
  [`https://x.com/status/status/${id}`, post],
  [`https://x.com/@OIRSpox/status/${id}`, post],
  [`https://x.com/OIRSpox/StAtUs/${id}`, post],
  [`https://x.com/OIRSpox%2Fstatus%2F${id}`, post],
  [`https://x.com/OIRSpox/status/${id}%20`, post],
  [`https://x.com/OIRSpox/status/${id}%E2%80%8B`, post],
  [`https://x.com/OIRSpox/status/${id}/photo/2`, `${post}#2`],
  [`https://x.com/OIRSpox/status/${id}/video/1/`, `${post}#1`],
  [`https://x.com/OIRSpox/status/${id}/PHOTO/3?s=20`, `${post}#3`],
  [`https://x.com/OIRSpox/status/${id}/photo/0`, post],
  [`https://x.com/OIRSpox/status/${id}/photo/`, post],
  [`https://x.com/OIRSpox/status/${id}/retweets/with_comments`, post],
  [`https://x.com/OIRSpox/status/${id}/quotes`, post],
  [`https://x.com/OIRSpox/status/${id}/likes`, post],
  [`https://x.com/OIRSpox/status/${id}/history`, post],
  [`https://twitter.com/#!/OIRSpox/statuses/${id}`, post],
  [`https://twitter.com/i/videos/${id}?embed_source=facebook`, post],
  [`https://twitter.com/i/cards/tfw/v1/${id}`, post],
  [`https://x.com/OIRSpox/article/${id}/media/1`, post],
  [`https://x.com/OIRSpox/status/${id}?lang=ar&s=19`, post],
  [`https://x.com/OIRSpox/status/${id}#anchor`, post],
  [`x.com///OIRSpox//status///${id}`, post],
  [`OIRSpox/status/${id}`, post],
  [`/OIRSpox/status/${id}`, post],
]);

table('a post named in a query', [
  [`https://x.com/intent/like?tweet_id=${id}`, post],
  [`https://twitter.com/intent/retweet?tweet_id=${id}&related=a`, post],
  [`https://x.com/intent/post?in_reply_to=${id}`, post],
  [`https://x.com/intent/post?url=https%3A%2F%2Fx.com%2FOIRSpox%2Fstatus%2F${id}`, post],
  [`https://x.com/i/flow/login?redirect_after_login=%2FOIRSpox%2Fstatus%2F${id}`, post],
  [`https://x.com/login?redirect_after_login=%2FOIRSpox%2Fstatus%2F${id}`, post],
  [`https://platform.x.com/embed/Tweet.html?id=${id}`, post],
  [`https://platform.twitter.com/embed/index.html?dnt=false&id=${id}`, post],
  [`https://publish.twitter.com/oembed?url=https://twitter.com/OIRSpox/status/${id}`, post],
  [
    `https://publish.twitter.com/?query=https%3A%2F%2Ftwitter.com%2FOIRSpox%2Fstatus%2F${id}&widget=Tweet`,
    post,
  ],
  [`https://api.twitter.com/1/statuses/oembed.json?id=${id}`, post],
  [`https://api.twitter.com/1.1/statuses/show/${id}.json`, post],
  [`https://api.twitter.com/1.1/statuses/show.json?id=${id}`, post],
  [`https://api.x.com/2/tweets/${id}?expansions=author_id`, post],
  [`https://cdn.syndication.twimg.com/tweet-result?token=a&id=${id}&lang=en`, post],
  [`https://syndication.twitter.com/tweet?id=${id}`, post],
  [`twitter://tweet?id=${id}`, post],
  [`twitter://status?status_id=${id}`, post],
  [
    `intent://twitter.com/OIRSpox/status/${id}#Intent;package=com.twitter.android;scheme=https;end`,
    post,
  ],
  [`android-app://com.twitter.android/https/twitter.com/OIRSpox/status/${id}`, post],
  [`view-source:https://x.com/OIRSpox/status/${id}`, post],
]);

table('a post shown by somebody else', [
  [`https://fixupx.com/OIRSpox/status/${id}`, post],
  [`https://twittpr.com/OIRSpox/status/${id}/en`, post],
  [`https://xfixup.com/OIRSpox/status/${id}/photo/2/de`, `${post}#2`],
  [`https://g.fixupx.com/OIRSpox/status/${id}`, post],
  [`https://d.vxtwitter.com/OIRSpox/status/${id}.jpg`, post],
  [`https://www.fxtwitter.com/dir/OIRSpox/status/${id}`, post],
  [`https://fxtwitter.com/dl/OIRSpox/status/${id}.mp4`, post],
  [`https://api.vxtwitter.com/OIRSpox/status/${id}`, post],
  [`https://api.fxtwitter.com/OIRSpox/status/${id}/en`, post],
  [`https://fxtwitter.com/i/status/${id}`, post],
  [`https://xcancel.com/OIRSpox/status/${id}#m`, post],
  [`https://nitter.poast.org/OIRSpox/status/${id}`, post],
  [`nitter.net/i/status/${id}`, post],
  ['https://nitter.net/pic/orig/media%2FBm54nBCCYAACwBi.jpg', 'x:photo:Bm54nBCCYAACwBi'],
  ['https://nitter.net/OIRSpox', 'x:user:oirspox'],
  ['https://nitter.net/about', 'web:https://nitter.net/about'],
  [`https://fxtwitter.com/OIRSpox/status/${id}x`, 'reject:bad-id'],
]);

table('a word or handle that stands right behind 19 digits is text, and named', [
  [`https://x.com/a/status/${id}Some`, post],
  [`https://x.com/a/status/${id}.Then`, post],
  [`https://x.com/a/status/${id}@CJTFOIR`, post],
  [`https://x.com/a/status/${id.slice(1)}Some`, 'reject:bad-id'],
  [`https://x.com/a/status/${id}SOME`, 'reject:bad-id'],
  [`https://x.com/a/status/${id}Some2`, 'reject:bad-id'],
]);

table('an id is whole or refused', [
  ['https://x.com/a/status/9223372036854775807', 'x:status:9223372036854775807'],
  ['https://x.com/a/status/9223372036854775808', 'reject:bad-id'],
  ['https://x.com/a/status/12276569692368773131', 'reject:bad-id'],
  ['https://x.com/a/status/0', 'reject:bad-id'],
  ['https://x.com/a/status/0020', 'reject:bad-id'],
  ['https://x.com/a/status/-20', 'reject:bad-id'],
  [`https://x.com/a/status/${id}abc`, 'reject:bad-id'],
  [`https://x.com/a/status/${id}.exe`, 'reject:bad-id'],
  [`https://x.com/a/status/${id}&s=20`, 'reject:bad-id'],
  ['https://x.com/a/status/١٢٢٧', 'reject:bad-id'],
  ['https://x.com/a/status/1.2e18', 'reject:bad-id'],
  ['9223372036854775807', 'x:status:9223372036854775807'],
  ['9223372036854775808', 'reject:bad-id'],
  ['12276569692368773131', 'reject:bad-id'],
  ['twitter://status?id=12x', 'reject:bad-id'],
  ['https://platform.twitter.com/embed/Tweet.html?id=12x', 'reject:bad-id'],
  ['https://video.twimg.com/ext_tw_video/12x/pu/vid/a.mp4', 'reject:bad-id'],
  ['2020', 'reject:not-a-link'],
  ['00963123456789012', 'reject:not-a-link'],
]);

table('short links are provisional', [
  ['https://t.co/GcOPR6wfTJ?amp=1', 'x:tco:GcOPR6wfTJ'],
  ['https://t.co/GcOPR6wfTJ/', 'x:tco:GcOPR6wfTJ'],
  ['T.CO/GcOPR6wfTJ', 'x:tco:GcOPR6wfTJ'],
  ['https://pic.twitter.com/GcOPR6wfTJ', 'x:tco:GcOPR6wfTJ'],
  ['http://pic.x.com/GcOPR6wfTJ', 'x:tco:GcOPR6wfTJ'],
  ['PIC.TWITTER.COM/GcOPR6wfTJ', 'x:tco:GcOPR6wfTJ'],
  ['wordpic.x.com/GcOPR6wfTJ, and more', 'x:tco:GcOPR6wfTJ'],
  ['pic.twitter.com/GcOPR6wfTJ— Name', 'x:tco:GcOPR6wfTJ'],
  ['القامشليpic.twitter.com/GcOPR6wfTJالقامشلي', 'x:tco:GcOPR6wfTJ'],
  ['pic.twitter.com/GcO...', 'reject:truncated-display-url'],
  ['https://t.co/GcOPR…', 'reject:truncated-display-url'],
  ['https://t.co/GcO%E2%80%A6', 'reject:truncated-display-url'],
  ['“pic.twitter.com/GcOPR6…”', 'reject:truncated-display-url'],
  ['pic.twitter.com/abc', 'reject:bad-id'],
  ['pic.twitter.com/abcdefghijklmnopq', 'reject:bad-id'],
  ['https://t.co/', 'reject:x-other'],
]);

table('media files of X', [
  ['https://pbs.twimg.com/media/EQmZ0hPXUAAxxxx.png', 'x:photo:EQmZ0hPXUAAxxxx'],
  [
    'https://pbs.twimg.com/media/EQmZ0hPXUAAxxxx?format=webp&name=4096x4096',
    'x:photo:EQmZ0hPXUAAxxxx',
  ],
  ['pbs.twimg.com/media/EQ_Z0h-XUAAxxxx.jpg%3Aorig', 'x:photo:EQ_Z0h-XUAAxxxx'],
  [
    'https://video.twimg.com/amplify_video/1671753482821328896/vid/1280x720/a.mp4',
    'x:video:1671753482821328896',
  ],
  [
    'https://video.twimg.com/amplify_video/1671753482821328896/pl/a.m3u8',
    'x:video:1671753482821328896',
  ],
  [
    'https://pbs.twimg.com/amplify_video_thumb/1671753482821328896/img/a.jpg',
    'x:video:1671753482821328896',
  ],
  ['https://pbs.twimg.com/tweet_video_thumb/GYWCeZAaMAQ32uh.jpg', 'x:gif:GYWCeZAaMAQ32uh'],
  [
    'https://pbs.twimg.com/profile_banners/12/1742427520/1500x500',
    'x:banner:/profile_banners/12/1742427520/1500x500',
  ],
  [
    'https://abs.twimg.com/emoji/v2/72x72/1f600.png',
    'web:https://abs.twimg.com/emoji/v2/72x72/1f600.png',
  ],
]);

table('other things on X', [
  ['https://x.com/i/spaces/1yNGaQLWpejGj?s=20', 'x:space:1yNGaQLWpejGj'],
  ['https://x.com/i/spaces/1yNGaQLWpejGj/peek', 'x:space:1yNGaQLWpejGj'],
  ['https://x.com/i/article/2064823727674503169', 'x:article:2064823727674503169'],
  ['https://x.com/i/events/abc', 'reject:bad-id'],
  ['https://x.com/@BabakTaghvaee', 'x:user:babaktaghvaee'],
  ['https://x.com/BabakTaghvaee/with_replies', 'x:user:babaktaghvaee'],
  ['https://twitter.com/#!/BabakTaghvaee', 'x:user:babaktaghvaee'],
  ['https://x.com/intent/user?screen_name=BabakTaghvaee', 'x:user:babaktaghvaee'],
  ['https://x.com/intent/follow?screen_name=BabakTaghvaee', 'x:user:babaktaghvaee'],
  ['twitter://user?screen_name=BabakTaghvaee', 'x:user:babaktaghvaee'],
  ['https://x.com/a_name_that_is_too_long', 'reject:x-other'],
  ['https://x.com/', 'reject:x-other'],
  ['https://x.com/home', 'reject:x-other'],
  ['https://x.com/i/lists/12', 'reject:x-other'],
  ['https://twitter.com/hashtag/Qamishli?src=hash', 'reject:x-other'],
  ['https://twitter.com/share?url=https://example.org/', 'reject:x-other'],
  ['https://twitter.com/intent/tweet?url=https://example.org/', 'reject:x-other'],
  ['twitter://timeline', 'reject:x-other'],
  [
    'https://help.x.com/en/rules-and-policies/x-rules',
    'web:https://help.x.com/en/rules-and-policies/x-rules',
  ],
  ['https://blog.twitter.com/en/article/12', 'web:https://blog.twitter.com/en/article/12'],
]);

table('what only looks like X', [
  [
    `https://twitter.com.evil.example/a/status/${id}`,
    `web:https://twitter.com.evil.example/a/status/${id}`,
  ],
  [`https://netflix.com/a/status/${id}`, `web:https://netflix.com/a/status/${id}`],
  [`https://twitter.com@evil.example/a/status/${id}`, `web:https://evil.example/a/status/${id}`],
  [`https://xn--twiter-507b.com/a/status/${id}`, `web:https://xn--twiter-507b.com/a/status/${id}`],
  [`https://notfxtwitter.com/a/status/${id}`, `web:https://notfxtwitter.com/a/status/${id}`],
  [
    `https://example.org/?u=x.com/a/status/${id}`,
    `web:https://example.org/?u=x.com/a/status/${id}`,
  ],
  [`https://example.org/x.com/a/status/${id}`, `web:https://example.org/x.com/a/status/${id}`],
  ['see netflix.com/title/3', 'web:https://netflix.com/title/3'],
]);

table('wrappers', [
  [
    `https://web.archive.org/web/20200212191500/https://x.com/a/status/${id}`,
    `${post}@wayback=20200212191500`,
  ],
  [
    `http://web.archive.org/web/20200212191500if_/http://twitter.com:80/a/status/${id}`,
    `${post}@wayback=20200212191500`,
  ],
  [
    `https://web.archive.org/web/20200212191500/twitter.com/a/status/${id}/photo/1`,
    `${post}#1@wayback=20200212191500`,
  ],
  [
    `https://web.archive.org/web/2020/https%3A%2F%2Ftwitter.com%2Fa%2Fstatus%2F${id}`,
    `${post}@wayback=2020`,
  ],
  [`https://web.archive.org/web/*/https://twitter.com/a/status/${id}`, post],
  [`https://web.archive.org/web/https://twitter.com/a/status/${id}`, post],
  [`https://web.archive.org/save/https://twitter.com/a/status/${id}`, post],
  ['https://web.archive.org/web/2020/https://t.co/GcOPR6wfTJ', 'x:tco:GcOPR6wfTJ@wayback=2020'],
  [
    'https://web.archive.org/web/2020/https://example.org/a?b=1&utm_source=x',
    'web:https://example.org/a?b=1@wayback=2020',
  ],
  [
    `https://web.archive.org/web/2020/https://www.google.com/url?q=https://x.com/a/status/${id}`,
    `${post}@wayback=2020`,
  ],
  [
    'https://web.archive.org/web/2020/https://x.com/search?q=a',
    'web:https://web.archive.org/web/2020/https://x.com/search?q=a',
  ],
  [
    'https://web.archive.org/web/*/https://example.org/*',
    'web:https://web.archive.org/web/*/https://example.org/*',
  ],
  ['https://web.archive.org/about/', 'web:https://web.archive.org/about/'],
  [`https://archive.is/20200212191500/https://twitter.com/a/status/${id}`, post],
  [`https://archive.today/newest/https://twitter.com/a/status/${id}`, post],
  [`archive.fo/https://twitter.com/a/status/${id}`, post],
  [`https://archive.md/o/Ab12C/https://twitter.com/a/status/${id}`, post],
  ['https://archive.ph/Ab12C', 'web:https://archive.ph/Ab12C'],
  [`https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fx.com%2Fa%2Fstatus%2F${id}`, post],
  [`https://lm.facebook.com/l.php?u=https%3A%2F%2Fx.com%2Fa%2Fstatus%2F${id}`, post],
  [`https://l.instagram.com/?u=https%3A%2F%2Fx.com%2Fa%2Fstatus%2F${id}&e=A`, post],
  [
    `https://x.com/safety/unsafe_link_warning?unsafe_link=https%3A%2F%2Fexample.org%2Fa`,
    'web:https://example.org/a',
  ],
  [
    `https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fx.com%252Fa%252Fstatus%252F${id}`,
    post,
  ],
  [
    'https://www.google.com/url?q=javascript:alert(1)',
    'web:https://www.google.com/url?q=javascript:alert(1)',
  ],
  [
    'https://www.google.com/search?q=https://x.com/',
    'web:https://www.google.com/search?q=https://x.com/',
  ],
  [
    'https://cdn.ampproject.org/v/s/example.org/a?amp_js_v=0.1&usqp=abc&id=7',
    'web:https://example.org/a?id=7',
  ],
  ['https://example-org.cdn.ampproject.org/c/example.org/a', 'web:http://example.org/a'],
  ['https://www.google.com/amp/s/example.org/a/amp', 'web:https://example.org/a/amp'],
]);

table('pages', [
  ['HTTPS://WWW.Example.ORG:443/A/b?C=D#part', 'web:https://www.example.org/A/b?C=D#part'],
  ['http://example.org:80', 'web:http://example.org/'],
  ['https://example.org:8443/a', 'web:https://example.org:8443/a'],
  ['example.org:8080/a', 'web:https://example.org:8080/a'],
  ['example.org', 'web:https://example.org/'],
  ['https://example.org./a', 'web:https://example.org/a'],
  ['https://name:secret@example.org/a', 'web:https://example.org/a'],
  ['https://пример.рф/путь', 'web:https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C'],
  ['https://example.org/#!/news/1', 'web:https://example.org/#!/news/1'],
  ['https://example.org/#/Inbox/1?a=b', 'web:https://example.org/#/Inbox/1?a=b'],
  ['https://example.org/map#6/36.9/40.4', 'web:https://example.org/map#6/36.9/40.4'],
  ['https://example.org/film#t=90', 'web:https://example.org/film#t=90'],
  [
    'https://example.org/wiki#Талица',
    'web:https://example.org/wiki#%D0%A2%D0%B0%D0%BB%D0%B8%D1%86%D0%B0',
  ],
  ['https://example.org/a#', 'web:https://example.org/a'],
  ['https://example.org/a#:~:text=a%20convoy', 'web:https://example.org/a'],
  ['https://example.org/#/a:~:text=a%20convoy', 'web:https://example.org/#/a'],
  ['https://example.org/a#Echobox=1581500000', 'web:https://example.org/a'],
  ['https://example.org/a#utm_medium=y&id=7', 'web:https://example.org/a#utm_medium=y&id=7'],
  ['https://example.org/a?b=%7e&a=1&b=2&&c', 'web:https://example.org/a?b=%7e&a=1&b=2&&c'],
  [
    'https://example.org/a?UTM_Source=x&ref=y&s=1&twclid=2&ref_src=z',
    'web:https://example.org/a?ref=y&s=1',
  ],
  ['https://example.org/a?utm_source=x#utm_medium=y', 'web:https://example.org/a'],
  ['https://example.org/a?', 'web:https://example.org/a'],
  [
    'https://en.wikipedia.org/wiki/Qamishli_(city)',
    'web:https://en.wikipedia.org/wiki/Qamishli_(city)',
  ],
  [
    '(https://en.wikipedia.org/wiki/Qamishli_(city))',
    'web:https://en.wikipedia.org/wiki/Qamishli_(city)',
  ],
  ['«https://example.org/a»', 'web:https://example.org/a'],
  ['https://www.example.org/news/very-lon…', 'reject:truncated-display-url'],
  ['https://203.0.113.7/a', 'web:https://203.0.113.7/a'],
  ['https://[2001:db8::1]/a', 'web:https://[2001:db8::1]/a'],
  ['hxxps://example[.]org/a', 'web:https://example.org/a'],
  ['https://https://example.org/a', 'web:https://example.org/a'],
]);

table('what is no link', [
  ['', 'reject:empty'],
  ['  \u200b ', 'reject:empty'],
  ['()', 'reject:empty'],
  ['hello there', 'reject:not-a-link'],
  ['@OIRSpox', 'reject:not-a-link'],
  ['mailto:a@example.org', 'reject:scheme'],
  ['ftp://example.org/a', 'reject:scheme'],
  ['file:///etc/passwd', 'reject:scheme'],
  ['data:text/html,<p>', 'reject:scheme'],
  ['JavaScript:alert(1)', 'reject:scheme'],
  ['https://', 'reject:bad-address'],
  ['https://../a', 'reject:bad-address'],
  ['x.com/#!https://', 'reject:x-other'],
  ['https://exa mple.org:99999/', 'web:https://exa/'],
  ['https://example.org:99999/', 'reject:bad-address'],
  ['https://%%%/', 'reject:bad-address'],
  [`https://example.org/${'a'.repeat(20_000)}`, 'reject:bad-address'],
]);
