// Runs inside the embed page of the small internet: asks syndication, draws the post.

const id = new URLSearchParams(location.search).get('id') ?? '';
const app = document.querySelector('#app');

function element(name, attributes = {}, children = []) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

function token() {
  return ((Number(id) / 1e15) * Math.PI).toString(36).replace(/(0+|\.)/g, '');
}

function drawMedia(media) {
  const picture = element('img', { src: media.media_url_https, alt: media.ext_alt_text ?? '' });
  if (media.type === 'photo') return element('div', { 'data-testid': 'tweetPhoto' }, [picture]);
  const play = element('button', { 'aria-label': 'Play' }, ['▶']);
  return element('div', { 'data-testid': 'videoPlayer' }, [picture, play]);
}

function unescaped(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function drawPost(post) {
  const address = `https://x.com/${post.user.screen_name}/status/${post.id_str}`;
  const shown = [...post.text].slice(...post.display_text_range).join('');
  const when = new Date(post.created_at).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  app.append(
    element('article', { 'data-testid': 'tweet', role: 'article' }, [
      element('div', { 'data-testid': 'User-Name' }, [
        element('img', { src: post.user.profile_image_url_https, alt: '' }),
        element('b', {}, [post.user.name]),
        element('span', {}, [`@${post.user.screen_name}`]),
      ]),
      element('div', { 'data-testid': 'tweetText', lang: post.lang }, [unescaped(shown)]),
      ...(post.mediaDetails ?? []).map(drawMedia),
      element('p', {}, [
        element('a', { href: address }, [element('time', { datetime: post.created_at }, [when])]),
      ]),
    ]),
  );
}

function drawNotice(text) {
  app.append(element('div', { 'data-testid': 'tombstone', role: 'status' }, [text]));
}

async function draw() {
  const answer = await fetch(
    `https://cdn.syndication.twimg.com/tweet-result?id=${id}&lang=en&token=${token()}`,
  );
  if (answer.status === 404) return drawNotice('Not found');
  const record = await answer.json();
  if (record.__typename === 'Tweet') return drawPost(record);
  drawNotice(record.tombstone?.text?.text ?? 'Log in to see this Post.');
}

draw().catch(() => drawNotice('Something went wrong. Try reloading.'));

// The page around the frame makes it as tall as the post.
new ResizeObserver(() => {
  parent.postMessage({ embeddedPost: id, height: app.scrollHeight }, '*');
}).observe(app);
