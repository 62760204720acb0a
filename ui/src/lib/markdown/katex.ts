/** KaTeX with its style sheet and faces: fetched when the first formula is shown. */
import katex, { ParseError } from 'katex';
import 'katex/dist/katex.min.css';

/** Draws the formula as nodes, with MathML beside them for who listens; false when it cannot. */
export function render(into: HTMLElement, formula: string, displayMode: boolean): boolean {
  try {
    // Not trusted: no links, no pictures, no classes or styles of the formula's own choice.
    katex.render(formula, into, {
      displayMode,
      trust: false,
      strict: 'ignore',
      maxSize: 20,
      maxExpand: 200,
    });
    return true;
  } catch (error) {
    if (error instanceof ParseError || error instanceof RangeError) return false;
    throw error;
  }
}
