/**
 * An answer's Markdown as a tree of nodes. The components beside this file show the tree; at no
 * point does text become markup, so there is nothing to sanitise.
 *
 * The parser is CommonMark with GitHub's tables and strikethrough, and formulas. What an answer may not do here:
 * HTML stays visible text, pictures are not fetched (they would tell another server who reads
 * what), and only web and mail addresses become links.
 */
import type { Definition, Nodes, Root, RootContent, Text } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmStrikethroughFromMarkdown } from 'mdast-util-gfm-strikethrough';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { mathFromMarkdown, type InlineMath } from 'mdast-util-math';
import { gfmStrikethrough } from 'micromark-extension-gfm-strikethrough';
import { gfmTable } from 'micromark-extension-gfm-table';
import { math } from 'micromark-extension-math';
import { isDisplayed, notAFormula, withDollars } from './maths';

declare module 'mdast-util-math' {
  interface InlineMathData {
    /** It stands on a line of its own. */
    display?: boolean;
  }
}

export interface Document {
  blocks: RootContent[];
  /** Where "[text][name]" points; the page needs them while it shows references. */
  definitions: Map<string, Definition>;
}

/** The tree of a Markdown text. Never raises: every text is Markdown. */
export const parse = (markdown: string): Document => parseWritten(withDollars(markdown));

/** The tree of a text whose formulas stand between dollars. */
export function parseWritten(written: string): Document {
  const root: Root = fromMarkdown(written, {
    extensions: [gfmTable(), gfmStrikethrough({ singleTilde: false }), math()],
    mdastExtensions: [gfmTableFromMarkdown(), gfmStrikethroughFromMarkdown(), mathFromMarkdown()],
  });
  settleFormulas(root, written);
  const definitions = new Map<string, Definition>();
  collect(root, definitions);
  return { blocks: root.children, definitions };
}

/** The address if following it is safe (web or mail), else null. */
export function safeAddress(url: string): string | null {
  // The browser's own reading of the address counts, not a pattern over its letters.
  if (!URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' || protocol === 'mailto:' ? href : null;
}

/** Prices between dollars become text again; what stands by itself is marked. */
function settleFormulas(node: Nodes, markdown: string): void {
  if (!('children' in node)) return;
  node.children.forEach((child, i) => {
    if (child.type !== 'inlineMath') return settleFormulas(child, markdown);
    const price = notAFormula(child, markdown);
    const settled: Text | InlineMath =
      price === null
        ? { ...child, data: { ...child.data, display: isDisplayed(child, markdown) } }
        : { type: 'text', value: price };
    (node.children as Nodes[])[i] = settled;
  });
}

/** The first definition of a name counts, as CommonMark says. */
function collect(node: Nodes, into: Map<string, Definition>): void {
  if (node.type === 'definition' && !into.has(node.identifier)) into.set(node.identifier, node);
  if ('children' in node) for (const child of node.children) collect(child, into);
}
