/**
 * Makes the verifier one HTML file: node scripts/build-verifier-page.ts [FILE]
 * It needs no network and no server, and its own policy forbids it any.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

export async function verifierPage(): Promise<string> {
  await using bundle = await rolldown({
    input: fileURLToPath(new URL('../src/seal/verify/verifier-page.ts', import.meta.url)),
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'iife', minify: true, codeSplitting: false });
  // A script ends at the first of these, wherever it stands.
  const script = output[0].code.replaceAll('</script', '<\\/script');
  return pageAround(script);
}

function pageAround(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>Check a bundle</title>
<style>
body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em;overflow-wrap:anywhere}
#drop{border:3px dashed #777;padding:2em;text-align:center}
label{display:block;margin:1em 0}textarea{width:100%;box-sizing:border-box}
#verdict{font-size:1.3em;padding:.5em;border:2px solid #777;margin:1em 0}
#verdict.valid{border-color:#060}#verdict.invalid,#verdict.incomplete{border-color:#b00;font-weight:bold}
.warning{border:2px solid #b00;padding:.3em}
table{border-collapse:collapse;width:100%;font-size:.8em}td{border:1px solid #ccc;padding:2px 6px;vertical-align:top}
tr.invalid td,tr.incomplete td{background:#fdd;font-weight:bold}tr.note td{background:#ffc}
</style></head>
<body>
<h1>Check a bundle</h1>
<p>Nothing leaves this machine: the page works without a network. Fill in what you have first, then drop the zip file.</p>
<label>Public keys of the log, one a line, as its owner publishes them (not from the bundle)
<textarea id="vkeys" rows="2" spellcheck="false"></textarea></label>
<label>Roots of timestamp authorities (PEM) <input type="file" id="roots"></label>
<label>A checkpoint that you have kept from before <input type="file" id="earlier"></label>
<label>Bitcoin block headers for OpenTimestamps proofs (lines height:hex, or 80 bytes each) <input type="file" id="headers"></label>
<label>Public keys of witnesses that must have co-signed
<textarea id="witnesses" rows="1" spellcheck="false"></textarea></label>
<div id="drop"><label>Drop the bundle (a zip file) anywhere here, or choose it: <input type="file" id="bundle" accept=".zip"></label></div>
<div id="verdict" role="status">Nothing checked yet.</div>
<div id="warnings"></div>
<p id="statement"></p>
<table><tbody id="findings"></tbody></table>
<script>${script}</script>
</body></html>
`;
}

if (import.meta.main) {
  const [path = 'dist/verify.html'] = process.argv.slice(2);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await verifierPage());
  console.error(`${path}: open it in a browser and drop a bundle on it`);
}
