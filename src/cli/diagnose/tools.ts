/** Of the programs that captures are made with, and of what keeps them to their input. */
import { firstLine } from '../../pipeline/tool-versions.ts';
import { type Diagnose, fault, firstLineOf, ok, warning } from './standing.ts';

export const ofTools: Record<string, Diagnose> = {
  browser: async (config) => {
    const { chromiumPath } = await import('../../browser/browser.ts');
    const path = await chromiumPath(config.tools);
    return ok(`${await firstLine(path, ['--version'])} at ${path}`);
  },
  sandbox: async (config) => {
    if (!config.tools.chromiumSandbox) {
      return warning(
        'switched off by HOLDFAST_CHROMIUM_SANDBOX',
        'unset it; until then every manifest says so',
      );
    }
    const { sandboxReport } = await import('../../browser/sandbox-report.ts');
    const report = await sandboxReport(config);
    return report.sandboxed
      ? ok(report.words)
      : fault(
          report.words,
          'allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1), and run holdfast setup',
        );
  },
  ffmpeg: async (config) => {
    const version = await firstLine(config.tools.ffmpeg, ['-version']);
    const probe = await firstLine(config.tools.ffprobe, ['-version']);
    return version && probe
      ? ok(version)
      : fault('not found', 'apt-get install ffmpeg, or set HOLDFAST_FFMPEG and HOLDFAST_FFPROBE');
  },
  pictures: () =>
    pictureLibrary().then(ok, (error: unknown) =>
      fault(
        `no picture can be read: ${firstLineOf(error)}`,
        'npm ci --include=optional: the native code of sharp is an optional package; and let everybody read the folder that Holdfast is installed in',
      ),
    ),
  'text in pictures': async (config) => {
    const { ocrLanguages } = config.inside;
    if (ocrLanguages.length === 0) return ok('switched off by HOLDFAST_OCR_LANGUAGES');
    if (!(await picturesLoad())) return warning('not checked: pictures cannot be read', '');
    const { openReader } = await import('../../media/inspect/ocr.ts');
    const signal = AbortSignal.timeout(20_000);
    const fix = `apt-get install tesseract-ocr ${ocrLanguages.map((name) => `tesseract-ocr-${name.replace('_', '-')}`).join(' ')}`;
    return await openReader(config.tools.tesseract, ocrLanguages, signal).then(
      ({ version, models, missing }) => {
        const found = `${version}, ${models.map(({ language }) => language).join(', ')}`;
        if (missing.length === 0) return ok(found);
        return warning(`${found}; not ${missing.join(', ')}`, fix);
      },
      (error: unknown) => warning(error instanceof Error ? error.message : String(error), fix),
    );
  },
  'videos of other sites': async (config) => {
    const { ytdlp } = config.tools;
    if (ytdlp === null) return ok('switched off by HOLDFAST_YTDLP');
    const { findExtractor } = await import('../../media/other-sites/extractor-program.ts');
    const { doorConfinement, holdsToDoor } = await import('../../media/tools/confinement.ts');
    const extractor = await findExtractor(ytdlp, AbortSignal.timeout(60_000));
    if (extractor === null) {
      return warning(
        'no yt-dlp: only videos that pages play themselves are captured',
        'pipx install yt-dlp (the newest, since sites change), or set HOLDFAST_YTDLP to its path or to none',
      );
    }
    const found = `yt-dlp ${extractor.version}, ${await doorConfinement()}`;
    return (await holdsToDoor())
      ? ok(found)
      : warning(found, 'apt-get install bubblewrap, and allow user namespaces');
  },
  'tools and hostile files': async () => {
    const { confinement, meansOf } = await import('../../media/tools/confinement.ts');
    const found = await confinement();
    return (await meansOf()).by === 'bubblewrap'
      ? ok(found)
      : warning(
          found,
          'apt-get install bubblewrap (holdfast setup does), and allow user namespaces',
        );
  },
};

/** Of the decoder itself, started the way that jobs start it. */
async function pictureLibrary(): Promise<string> {
  const { openPictures } = await import('../../media/pictures/pictures.ts');
  await using pictures = openPictures(new AbortController().signal);
  const { sharp, libvips } = await pictures.library();
  return `sharp ${sharp}, libvips ${libvips}`;
}

const picturesLoad = () =>
  pictureLibrary().then(
    () => true,
    () => false,
  );
