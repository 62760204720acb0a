/**
 * The tree of a Markdown text that grows at its end, as an answer does while it is written.
 *
 * What more letters cannot change is parsed once: every block but the last, and of a list that is
 * being written every item but the last two (the last may turn out to be none, and whether a blank
 * line stands between them belongs to both). Their nodes stay the same objects, so nothing of them
 * is shown anew. The tree is that of `parse` at every letter, which the tests compare. A link's
 * definition may stand anywhere and change what stands before it: where there is one, the whole
 * text is parsed each time.
 */
import type { List, RootContent } from 'mdast';
import { withDollars } from './maths';
import { parseWritten, type Document } from './parse';

/** The parser drops this where a text begins with it, and then counts from behind it. */
const byteOrderMark = '\ufeff';

export class Growing {
  /** The settled beginning of the text, as the parser reads it. */
  #settled = '';
  #blocks: RootContent[] = [];
  /** The settled items of the list in which the rest of the text begins. */
  #list: List | null = null;

  /** The tree of a text; cheap when the text begins with the one before. */
  parse(markdown: string): Document {
    const written = withDollars(markdown);
    if (!written.startsWith(this.#settled)) this.#forget();
    const rest = written.slice(this.#settled.length);
    const { blocks: parsed, definitions } = parseWritten(rest);
    const first = parsed[0];
    const goesOn = !this.#list || (first?.type === 'list' && first.ordered === this.#list.ordered);
    if (definitions.size || !goesOn || rest.startsWith(byteOrderMark)) {
      this.#forget();
      return parseWritten(written);
    }
    const open =
      this.#list && first?.type === 'list'
        ? [joined(this.#list, first), ...parsed.slice(1)]
        : parsed;
    const blocks = [...this.#blocks, ...open];
    this.#settle(parsed, open, rest);
    return { blocks, definitions };
  }

  /** Keeps what is behind us: `parsed` is the rest of the text alone, `open` with what it goes on. */
  #settle(parsed: RootContent[], open: RootContent[], rest: string): void {
    const last = Math.max(
      parsed.findLastIndex((block) => standsApart(block, rest)),
      0,
    );
    const [alone, whole] = [parsed[last], open[last]];
    if (!alone || !whole) return;
    let end = 0;
    if (last > 0) {
      this.#blocks = [...this.#blocks, ...open.slice(0, last)];
      this.#list = null;
      end = lineOf(alone, rest);
    }
    const next =
      alone.type === 'list' && last === parsed.length - 1 ? alone.children.at(-2) : undefined;
    if (alone.type === 'list' && whole.type === 'list' && next && alone.children.length > 2) {
      const spread = (this.#list?.spread ?? false) || isSpread(alone.children.slice(0, -1));
      this.#list = { ...whole, children: whole.children.slice(0, -2), spread };
      end = lineOf(next, rest);
    }
    this.#settled += rest.slice(0, end);
  }

  #forget(): void {
    this.#settled = '';
    this.#blocks = [];
    this.#list = null;
  }
}

/**
 * Whether an empty line stands before a block. Else what it is may rest on what it follows ("#" is
 * a heading, "#x" goes on with a paragraph), and it must not be parsed alone.
 */
const standsApart = (block: RootContent | List['children'][number], text: string): boolean =>
  /(?:^|\n|\r(?!\n))[ \t]*(?:\r\n|\n|\r)$/.test(text.slice(0, lineOf(block, text)));

const joined = (settled: List, rest: List): List => ({
  ...settled,
  children: [...settled.children, ...rest.children],
  spread: (settled.spread ?? false) || (rest.spread ?? false),
});

/** Whether a blank line stands between two of these items. */
const isSpread = (items: List['children']): boolean =>
  items.some((item, i) => {
    const next = items[i + 1]?.position?.start.line;
    return next !== undefined && next - (item.position?.end.line ?? next) > 1;
  });

/** Where the line begins that a node begins on. */
function lineOf(node: RootContent | List['children'][number], text: string): number {
  const at = node.position?.start.offset ?? 0;
  if (at === 0) return 0;
  return Math.max(text.lastIndexOf('\n', at - 1), text.lastIndexOf('\r', at - 1)) + 1;
}
