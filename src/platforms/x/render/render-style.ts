const word =
  '<svg xmlns="http://www.w3.org/2000/svg" width="560" height="400"><text x="280" y="215" transform="rotate(-27 280 200)" text-anchor="middle" font-family="sans-serif" font-weight="800" font-size="58" letter-spacing="3" fill="#b51b0d" fill-opacity="0.17">DEMONSTRATION</text></svg>';
/** Repeated down the page, so that no part cut out of it is without the word. */
const watermark = `data:image/svg+xml;base64,${Buffer.from(word).toString('base64')}`;

/** The look of a rendered post. Its digest stands in the page's policy, so nothing else can style it. */
export const style = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #eceae4; color: #17191c; font: 16px/1.45 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", "Noto Color Emoji", sans-serif; }
main { max-width: 600px; margin: 0 auto; padding: 20px; }
p, h2, dl, dd, figure { margin: 0; }
.label { text-align: center; font-size: 12px; letter-spacing: .04em; color: #5d5a52; padding-bottom: 12px; }
.post { background: #fff; border: 1px solid #d3cfc4; border-radius: 10px; padding: 20px; box-shadow: 0 1px 2px #0000000f; }
header { display: flex; gap: 12px; align-items: center; min-width: 0; }
.avatar { width: 48px; height: 48px; border-radius: 50%; flex: none; object-fit: cover; background: #d9d5ca; }
.who { min-width: 0; overflow: hidden; padding: 2px 0; }
.name { display: block; font-weight: 650; font-size: 17px; line-height: 1.35; max-height: 2.7em; overflow: hidden; overflow-wrap: anywhere; unicode-bidi: isolate; }
.handle { display: block; color: #5d5a52; font-size: 14px; overflow-wrap: anywhere; }
.text { margin-top: 14px; font-size: 19px; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; overflow: hidden; unicode-bidi: isolate; }
.sign { font: 11px/1 ui-monospace, "DejaVu Sans Mono", monospace; border: 1px solid #b0762a; color: #7a4c0c; border-radius: 3px; padding: 0 3px; unicode-bidi: isolate; }
.media { display: grid; gap: 8px; margin-top: 16px; }
.media.many { grid-template-columns: 1fr 1fr; align-items: start; }
.frame { position: relative; background: #f3f1ec; border: 1px solid #dedacf; border-radius: 6px; overflow: hidden; }
.frame img { display: block; width: 100%; height: auto; max-height: 900px; object-fit: contain; }
.play { position: absolute; left: 50%; top: 50%; width: 60px; height: 60px; margin: -30px 0 0 -30px; border-radius: 50%; background: #17191ccc; border: 2px solid #fff; }
.play::after { content: ""; position: absolute; left: 22px; top: 16px; border-style: solid; border-width: 12px 0 12px 19px; border-color: transparent transparent transparent #fff; }
figcaption, .small, .gap, .none { font-size: 13px; color: #5d5a52; overflow-wrap: anywhere; }
figcaption { padding-top: 5px; }
.alt { unicode-bidi: isolate; }
.missing { border: 1px dashed #b3aea1; border-radius: 6px; padding: 26px 14px; text-align: center; font-size: 14px; color: #5d5a52; background: #faf9f6; }
.gap, .none { margin-top: 10px; font-style: italic; }
.reply { margin-top: 12px; }
.article { margin-top: 16px; border-left: 3px solid #d3cfc4; padding-left: 14px; overflow: hidden; }
.article h2 { font-size: 18px; line-height: 1.35; overflow-wrap: anywhere; }
.article p { margin-top: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.quoted, .parent { border: 1px solid #dedacf; border-radius: 8px; padding: 14px; background: #fcfbf9; }
.quoted { margin-top: 16px; }
.parent { margin-bottom: 12px; }
.quoted .avatar, .parent .avatar { width: 32px; height: 32px; }
.quoted .name, .parent .name { font-size: 15px; }
.quoted .text, .parent .text { font-size: 16px; margin-top: 8px; }
.quoted .small, .parent .text + .small { margin-top: 10px; }
.parent > .small:first-child { margin-bottom: 8px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; padding: 16px 20px 4px; font-size: 13px; color: #3f3d38; }
dt { color: #5d5a52; }
dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; overflow: hidden; }
.demo { display: block; text-align: center; color: #fff; background: repeating-linear-gradient(135deg, #9d1408 0 22px, #b51b0d 22px 44px); padding: 12px 8px; }
.demo b { display: block; font-size: 42px; line-height: 1.1; letter-spacing: .1em; font-weight: 800; }
.demo span { font-size: 14px; }
.is-demo main { position: relative; }
.is-demo main::after { content: ""; position: absolute; inset: 0; pointer-events: none; background: url("${watermark}") center top / 560px 400px repeat; }
`;
