/**
 * HTML as the plain series of its tags and texts. Links need no tree, and a tree of hostile
 * HTML (a million open tags) costs quadratic time; a tokenizer reads any input once.
 */
import { type Token, Tokenizer, TokenizerMode } from 'parse5';

export interface HtmlTag {
  name: string;
  attributes: Map<string, string>;
  /** The tag exactly as the page has it, with its angle brackets. */
  source: string;
}

export interface HtmlReader {
  open(tag: HtmlTag): void;
  close(name: string): void;
  text(text: string): void;
  comment?(text: string): void;
}

/** Elements whose content isn't markup; a browser runs or shows it otherwise. */
const modes: Record<string, Tokenizer['state']> = {
  script: TokenizerMode.SCRIPT_DATA,
  style: TokenizerMode.RAWTEXT,
  xmp: TokenizerMode.RAWTEXT,
  noembed: TokenizerMode.RAWTEXT,
  noframes: TokenizerMode.RAWTEXT,
  iframe: TokenizerMode.RAWTEXT,
  title: TokenizerMode.RCDATA,
  textarea: TokenizerMode.RCDATA,
};

/** Reads tags and texts in the order of the document; scripts and styles are left out. */
export function readHtml(html: string, reader: HtmlReader): void {
  let hidden: string | null = null;
  const text = ({ chars }: Token.CharacterToken) => {
    if (hidden === null) reader.text(chars);
  };
  const tokenizer = new Tokenizer(
    { sourceCodeLocationInfo: true },
    {
      onStartTag(tag) {
        const mode = modes[tag.tagName];
        if (mode !== undefined) {
          hidden = tag.tagName;
          tokenizer.state = mode;
        }
        const attributes = new Map(tag.attrs.map(({ name, value }) => [name, value]));
        const { startOffset = 0, endOffset = 0 } = tag.location ?? {};
        reader.open({ name: tag.tagName, attributes, source: html.slice(startOffset, endOffset) });
      },
      onEndTag(tag) {
        if (tag.tagName === hidden) hidden = null;
        reader.close(tag.tagName);
      },
      onCharacter: text,
      onWhitespaceCharacter: text,
      onNullCharacter() {},
      onComment({ data }) {
        reader.comment?.(data);
      },
      onDoctype() {},
      onEof() {},
    },
  );
  tokenizer.write(html, true);
}
