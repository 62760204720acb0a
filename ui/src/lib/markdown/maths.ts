/**
 * Formulas in an answer: which dollars and brackets begin one, and KaTeX, fetched for the first.
 *
 * Models write formulas between dollars or between `\(…\)` and `\[…\]`. Only dollars are known to
 * the parser, so brackets become dollars first, outside of code. People write prices: a dollar
 * opens a formula only when no space follows it, and closes one only when no space stands before
 * it and no digit after it (Pandoc's rule). What is no formula stays as it was written.
 */
import type { InlineMath } from 'mdast-util-math';
import type { render } from './katex';

/** Code, which stays as it is, or a formula between brackets. Bounded, so that no text is slow. */
const pieces =
  /(`{3,}|~{3,})[\s\S]*?(?:\1|$)|`[^`\n]*`|\\\(([^\n]{1,300}?)\\\)|\\\[([\s\S]{1,1000}?)\\\]/g;

/** The Markdown with formulas between dollars only. */
export function withDollars(markdown: string): string {
  if (!markdown.includes('\\(') && !markdown.includes('\\[')) return markdown;
  return markdown.replace(pieces, (all, _fence, inline?: string, display?: string) => {
    const formula = inline ?? display;
    if (formula === undefined) return all;
    const line = formula.replace(/\s*\n\s*/g, ' ').trim();
    return inline === undefined ? `$$${line}$$` : `$${line}$`;
  });
}

/** The text as it was written, when a pair of dollars is no formula; else null. */
export function notAFormula(node: InlineMath, markdown: string): string | null {
  const [start, end] = [node.position?.start.offset, node.position?.end.offset];
  if (start === undefined || end === undefined) return null;
  const written = markdown.slice(start, end);
  if (written.startsWith('$$')) return null;
  const inner = written.slice(1, -1);
  const price = /^\s|\s$/.test(inner) || /^\d/.test(markdown.slice(end));
  return price ? written : null;
}

/** Whether a formula stands by itself: between two dollars on either side. */
export const isDisplayed = (node: InlineMath, markdown: string): boolean =>
  markdown.slice(node.position?.start.offset, node.position?.end.offset).startsWith('$$');

/** Longer ones stay text: nobody reads them, and they cost seconds. */
const longest = 2000;

let katex: Promise<{ render: typeof render }> | null = null;

/** Draws a formula into an element, as nodes; false when it is none that KaTeX can read. */
export async function draw(into: HTMLElement, formula: string, display: boolean): Promise<boolean> {
  if (formula.length > longest) return false;
  katex ??= import('./katex');
  katex.catch(() => (katex = null)); // the next formula tries again
  return (await katex).render(into, formula, display);
}
