/** How the report looks on screen and on A4. A demonstration says so on every page. */
import { Html } from './html.ts';

export function styles(demo: boolean): Html {
  const everyPage = demo
    ? 'body::before{content:"DEMONSTRATION";position:fixed;top:45%;left:0;width:100%;text-align:center;font:bold 46pt sans-serif;color:#c002;transform:rotate(-30deg);pointer-events:none;overflow-wrap:normal}'
    : '';
  return new Html(`@page{size:A4;margin:18mm 15mm}
body{font:10pt/1.4 serif;max-width:180mm;margin:0 auto;padding:1em;overflow-wrap:anywhere;unicode-bidi:isolate}
h1{font-size:18pt}h2{font-size:13pt;break-after:avoid;margin-top:2em}h3{font-size:11pt;break-after:avoid}
section{border-top:1px solid #888;margin-top:6mm}section.begins{break-before:page;border:0}
.cards{display:grid;grid-template-columns:1fr 1fr;gap:5mm}
.card{border:1px solid #888;padding:3mm;break-inside:avoid;font-size:8pt}.card p{margin:1mm 0}.card h3{margin:2mm 0 1mm}
.shown{height:62mm;display:flex;align-items:flex-start;justify-content:center;overflow:hidden;background:#f4f4f4}
.shown img{max-width:100%;max-height:62mm;object-fit:contain;display:block}.none{margin:auto;color:#666}
figure{margin:0;break-inside:avoid}figure img{max-width:100%;border:1px solid #bbb;display:block}
.pictures{display:grid;grid-template-columns:1fr 1fr 1fr;gap:4mm;margin-top:4mm}.wide{grid-column:1/-1}
.picture img{max-height:85mm}.wide img{width:100%;max-height:112mm;object-fit:contain;object-position:left}
.graphic{border:1px dashed #888;padding:4mm;margin:auto}
figcaption{font-size:8pt;margin-top:1mm}code{font:7.5pt monospace}a{color:inherit}
dl{display:grid;grid-template-columns:42mm 1fr;gap:2px 4mm}dt{font-weight:bold}dd{margin:0;unicode-bidi:plaintext}
table{border-collapse:collapse;width:100%;font-size:8pt;table-layout:fixed}
th,td{border:1px solid #888;padding:2px 4px;text-align:left;vertical-align:top;unicode-bidi:plaintext}
tr{break-inside:avoid}pre{break-inside:auto;columns:2;font-size:7pt}thead{display:table-header-group}
pre{white-space:pre-wrap;font-size:8pt;border:1px solid #888;padding:4px}
.words{white-space:pre-wrap}
.warning{border:2px solid #b00;padding:4px;font-weight:bold}
${everyPage}`);
}
