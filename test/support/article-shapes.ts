/**
 * Saved articles in the shapes that news sites have, made by us: what is in them, and which of it
 * a reader who saves the article would want kept.
 */
const site = 'https://www.daily.example';
const post = (id: number) => `https://twitter.com/witness/status/12273818023986462${id}`;
const many = (count: number, path: string, words: string) =>
  Array.from(
    { length: count },
    (_, at) => `<li><a href="${site}/${path}/${at}">${words} ${at}</a></li>`,
  ).join('\n');
const own = (path: string) => `<link rel="canonical" href="${site}/${path}">`;
const tweet = (
  id: number,
) => `<blockquote class="twitter-tweet"><p lang="en" dir="ltr">A convoy near the town
  <a href="https://t.co/GcOPR6wfTJ">pic.twitter.com/GcOPR6wfTJ</a></p>&mdash; Witness (@witness)
  <a href="${post(id)}?ref_src=twsrc%5Etfw">February 12, 2020</a></blockquote>
  <script async src="https://platform.twitter.com/widgets.js"></script>`;
const prose =
  'The convoy stopped at the edge of the village before noon, and people who live there came out to look at it. ';
const shareBar = (
  address: string,
) => `<div class="article-share"><a href="https://twitter.com/intent/tweet?url=${address}&text=x">Tweet</a>
  <a href="https://www.facebook.com/sharer/sharer.php?u=${address}">Share</a>
  <a href="https://api.whatsapp.com/send?text=${address}">WhatsApp</a><a href="https://t.me/share/url?url=${address}">Telegram</a>
  <a href="mailto:?subject=x&body=${address}">Mail</a><a href="javascript:window.print()">Print</a></div>`;
const followUs =
  '<ul class="follow-us"><li><a href="https://www.facebook.com/dailyexample">Facebook</a></li><li><a href="https://twitter.com/dailyexample">Twitter</a></li><li><a href="https://www.youtube.com/@dailyexample">YouTube</a></li></ul>';
const header = `<header><a href="${site}/">Daily</a><nav aria-label="Sections"><ul>${many(150, 'section', 'Section')}</ul></nav></header>`;
const footer = `<footer><ul>${many(20, 'about', 'About us')}</ul>${followUs}<a href="mailto:desk@daily.example">Write to us</a></footer>`;

export interface ArticleShape {
  name: string;
  html: string;
  /** What `add` takes, in its order. */
  kept: string[];
}

export const articleShapes: ArticleShape[] = [
  {
    name: 'a menu of 150 links, an article with two embedded posts, and a footer',
    html: `<!doctype html><head>${own('convoy')}</head><body>${header}
      <main><article><h1>The convoy</h1><p>${prose}As <a href="https://agency.example/report">the agency reported</a>, it turned back.</p>
      ${tweet(71)}<p>${prose}</p>${tweet(72)}${shareBar(`${site}/convoy`)}</article></main>${footer}</body>`,
    kept: [
      `${post(71)}?ref_src=twsrc%5Etfw`,
      `${post(72)}?ref_src=twsrc%5Etfw`,
      `${site}/convoy`,
      'https://agency.example/report',
    ],
  },
  {
    name: 'posts whose embeds were lost when the text was copied',
    html: `<html><body><nav><ul>${many(30, 'section', 'Section')}</ul></nav><div class="story"><p>${prose} “US convoy near the town” pic.twitter.com/Wl1MGCMy3j</p>
      <p>${prose} Statement. @CJTFOIRpic.twitter.com/GcOPR6wfTJ — OIR Spokesman (@OIRSpox)</p></div><footer>${many(12, 'about', 'About')}</footer></body></html>`,
    kept: ['pic.twitter.com/Wl1MGCMy3j', 'pic.twitter.com/GcOPR6wfTJ'],
  },
  {
    name: 'related stories and "read also" inside the article',
    html: `<head>${own('bridge')}</head><body>${header}<article><p>${prose}The bridge was <a href="${site}/2019/bridge">repaired last year</a>, residents say.</p>
      <p><strong>Read also: <a href="${site}/2020/harbour">What happened at the harbour, hour by hour</a></strong></p><p>${prose}</p>
      <section class="related-articles"><h2>More on this</h2><ul>${many(6, 'story', 'A story about something else entirely, number')}</ul></section>
      <p>${prose}</p></article>${footer}</body>`,
    kept: [`${site}/bridge`, `${site}/2019/bridge`],
  },
  {
    name: 'a cookie bar, a newsletter box and an author’s biography',
    html: `<head>${own('mill')}</head><body><div id="cookie-consent-banner" role="dialog"><p>We and our <a href="https://partners.example/list">184 partners</a> keep what you do here in mind, see the <a href="${site}/privacy">privacy notice</a>.</p></div>
      <main><article><header><h1>The mill</h1><p>By <a rel="author" href="${site}/staff/ada">Ada</a>, <a href="https://twitter.com/ada_daily">@ada_daily</a></p></header>
      <p>${prose}The owner published <a href="https://owner.example/letter">a letter</a> the same day.</p>
      <div class="newsletter-signup"><p>Our letter every morning: <a href="https://letters.example/daily">subscribe to it here</a> and read what matters.</p></div>
      <div class="author-bio"><p>Ada covers the region. Before she wrote for <a href="https://other-paper.example/">another paper</a> for ten years.</p></div>
      </article></main>${footer}</body>`,
    kept: [`${site}/mill`, 'https://owner.example/letter'],
  },
  {
    name: 'players in frames, lazily loaded ones and a clip of the site’s own',
    html: `<head>${own('clips')}</head><body>${header}<main><p>${prose}</p>
      <figure><iframe src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ" allowfullscreen></iframe></figure>
      <iframe src="about:blank" data-src="https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fvideos%2F1%2F"></iframe>
      <iframe src="https://ads.example/slot?id=3"></iframe><video controls><source src="${site}/media/clip.mp4" type="video/mp4"></video>
      <script async src="https://telegram.org/js/telegram-widget.js?22" data-telegram-post="channel/1234"></script>
      <blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/B8e1xyz/"><a href="https://www.instagram.com/p/B8e1xyz/">A post</a></blockquote>
      <blockquote class="tiktok-embed" cite="https://www.tiktok.com/@witness/video/6792" data-video-id="6792"><section><a href="https://www.tiktok.com/@witness">@witness</a></section></blockquote>
      <p>${prose}</p></main>${footer}</body>`,
    kept: [
      'https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ',
      'https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fvideos%2F1%2F',
      `${site}/media/clip.mp4`,
      'https://t.me/channel/1234',
      'https://www.instagram.com/p/B8e1xyz/',
      'https://www.tiktok.com/@witness/video/6792',
      `${site}/clips`,
    ],
  },
  {
    name: 'an embedded post in a sidebar and one in a footer',
    html: `<head>${own('side')}</head><body>${header}<main><article><p>${prose}</p><p>${prose}</p></article></main>
      <aside>${tweet(73)}<ul>${many(9, 'popular', 'Most read')}</ul></aside><footer>${tweet(74)}</footer></body>`,
    kept: [`${post(73)}?ref_src=twsrc%5Etfw`, `${post(74)}?ref_src=twsrc%5Etfw`, `${site}/side`],
  },
  {
    name: 'old markup: tables, no element that says what it is',
    html: `<html><body><table><tr><td colspan=2>${Array.from({ length: 24 }, (_, at) => `<a href="http://www.paper.example/rubric${at}.html">Rubric ${at}</a> | `).join('')}<a href="http://shop.paper-books.example/">Shop</a></td></tr>
      <tr><td width=150>${Array.from({ length: 16 }, (_, at) => `<a href="http://www.paper.example/box${at}.html">Headline of the day ${at}</a><br>`).join('')}</td>
      <td><b>The dam</b><br>${prose.repeat(3)}<a href="http://water-ministry.example/notice">The ministry’s notice</a> says otherwise.<br><br>${prose}The video is at https://x.com/witness/status/1227381802398646275<br>
      <a href="http://www.paper.example/files/dam-report.pdf">The report (PDF)</a></td></tr></table></body></html>`,
    kept: [
      'https://x.com/witness/status/1227381802398646275',
      'http://www.paper.example/files/dam-report.pdf',
      'http://water-ministry.example/notice',
    ],
  },
  {
    name: 'blocks named by classes only',
    html: `<head>${own('fire')}</head><body class="single has-sidebar tag-fire"><div class="site-nav">${many(40, 's', 'Section')}</div><div class="page-wrap sidebar-right"><div class="entry-content">
      <p>${prose.repeat(2)}<a href="https://fire-service.example/log">Its log</a> is public.</p><p><a href="https://archive.example/pictures">https://archive.example/pictures</a></p><p>${prose}</p></div>
      <div class="SidebarWidget"><ul>${many(10, 'latest', 'Latest')}<li><a href="https://partner.example/offer">An offer</a></li></ul></div></div><div class="siteFooter">${followUs}</div></body>`,
    kept: [`${site}/fire`, 'https://fire-service.example/log', 'https://archive.example/pictures'],
  },
  {
    name: 'a live blog: many entries, each with sources',
    html: `<head>${own('live')}</head><body>${header}<main>${Array.from(
      { length: 8 },
      (_, at) =>
        `<article><h2>1${at}:00</h2><p>${prose}</p><p><a href="https://agency.example/flash/${at}">Agency</a></p></article>`,
    ).join('')}${tweet(75)}</main>${footer}</body>`,
    kept: [
      `${post(75)}?ref_src=twsrc%5Etfw`,
      `${site}/live`,
      ...Array.from({ length: 8 }, (_, at) => `https://agency.example/flash/${at}`),
    ],
  },
  {
    name: 'cards of other stories, as articles with teasers and "read more"',
    html: `<head>${own('market')}</head><body>${header}<div><p>Our new application: <a href="https://apps.example/daily">get it for your telephone</a> and read us every day.</p></div><main><article><h1>The market</h1><p>${prose.repeat(5)}</p><p>${prose}</p></article>
      ${Array.from({ length: 5 }, (_, at) => `<article><h3><a href="${site}/card/${at}">Another story ${at}</a></h3><p>What happened next surprised nobody there. <a href="${site}/card/${at}">Read more</a></p></article>`).join('')}</main>${footer}</body>`,
    kept: [`${site}/market`],
  },
  {
    name: 'a list of sources at the end, and a rejoinder',
    html: `<head>${own('report')}</head><body>${header}<main><article><p>${prose.repeat(2)}</p><h2>Sources</h2><ul>
      <li><a href="https://court.example/ruling">The ruling</a></li><li><a href="https://ngo.example/data.csv">The data</a></li>
      <li><a href="https://web.archive.org/web/20200212191500/https://army.example/statement">The statement, archived</a></li>
      <li><a href="https://data.daily.example/convoy">Our own table</a></li>
      <li><a href="https://t.me/witness_channel/77">The first picture</a></li></ul><p>Comments to <a href="mailto:desk@daily.example">the desk</a>.</p></article></main>${footer}</body>`,
    kept: [
      'https://ngo.example/data.csv',
      'https://t.me/witness_channel/77',
      `${site}/report`,
      'https://court.example/ruling',
      'https://web.archive.org/web/20200212191500/https://army.example/statement',
      'https://data.daily.example/convoy',
    ],
  },
  {
    name: 'a list of links that somebody keeps, with no article in it',
    html: `<title>Links</title><h1>To archive</h1><ul>${Array.from({ length: 12 }, (_, at) => `<li><a href="https://one-paper.example/story/${at}">Story ${at}</a></li>`).join('')}<li><a href="https://other.example/x">Other</a></li></ul>`,
    kept: [
      ...Array.from({ length: 12 }, (_, at) => `https://one-paper.example/story/${at}`),
      'https://other.example/x',
    ],
  },
  {
    name: 'an Arabic page, right to left, with a post pasted at the end of a sentence',
    html: `<html dir="rtl" lang="ar"><head>${own('ar')}</head><body><nav>${many(25, 'ar/s', 'أخبار')}</nav><main><p>${'شوهد الرتل صباح اليوم قرب القرية وخرج السكان لمشاهدته ثم عاد أدراجه. '.repeat(4)}<a href="https://agency.example/ar/77">بحسب الوكالة</a> pic.twitter.com/Wl1MGCMy3j</p></main><footer>${many(8, 'ar/f', 'من نحن')}</footer></body></html>`,
    kept: ['pic.twitter.com/Wl1MGCMy3j', `${site}/ar`, 'https://agency.example/ar/77'],
  },
  {
    name: 'comments below the article',
    html: `<head>${own('talk')}</head><body><main><article><p>${prose.repeat(4)}</p></article><section id="comments"><article class="comment"><p>As I wrote on <a href="https://my-blog.example/">my own blog about this whole story</a>, nobody saw it coming.</p></article>
      <article class="comment"><p>Cheap watches, best quality in the whole town, see <a href="https://spam.example/">this offer</a></p></article></section></main></body>`,
    kept: [`${site}/talk`],
  },
];
