/** How the report looks on screen and on A4. A demonstration says so on every page. */
import { Html } from './html.ts';

export function styles(demo: boolean): Html {
  const everyPage = demo
    ? 'body::before{content:"DEMONSTRATION";position:fixed;top:40%;left:8%;font-size:64pt;color:#c002;transform:rotate(-30deg);pointer-events:none}'
    : '';
  return new Html(`@page{size:A4;margin:18mm 15mm}
body{font:10pt/1.4 serif;max-width:180mm;margin:0 auto;padding:1em;overflow-wrap:anywhere;unicode-bidi:isolate}
h1{font-size:18pt}h2{font-size:13pt;break-after:avoid;margin-top:2em}h3{font-size:11pt;break-after:avoid}
section{break-before:page}
dl{display:grid;grid-template-columns:42mm 1fr;gap:2px 4mm}dt{font-weight:bold}dd{margin:0;unicode-bidi:plaintext}
table{border-collapse:collapse;width:100%;font-size:8pt;table-layout:fixed}
th,td{border:1px solid #888;padding:2px 4px;text-align:left;vertical-align:top;unicode-bidi:plaintext}
tr{break-inside:avoid}thead{display:table-header-group}
pre{white-space:pre-wrap;font-size:8pt;border:1px solid #888;padding:4px}
.words{white-space:pre-wrap}
.warning{border:2px solid #b00;padding:4px;font-weight:bold}
${everyPage}`);
}
