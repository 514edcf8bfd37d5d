/** How the routes to X name the asker. */

/** t.co redirects programs and answers browsers with a page, so this one doesn't look like a browser's. */
export const honestAgent = 'holdfast/0.1 (web archiving)';

/** Only where the honest one was refused, and then said so in the record. */
export const browserAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
