/**
 * A page's text cut where its passages and a quoted place begin and end.
 *
 * The server counts Unicode code points, JavaScript UTF-16 units; the cuts are made in code points.
 */

export interface Segment {
  text: string;
  /** It is the quoted place. */
  quoted: boolean;
  /** A passage begins here. */
  begins: boolean;
}

export type Span = readonly [start: number, end: number];

/** The text as pieces; empty ones are left out, and spans beyond the text end with it. */
export function segments(text: string, passages: readonly Span[], quote: Span | null): Segment[] {
  const letters = Array.from(text);
  const starts = new Set(passages.map(([start]) => start));
  const cuts = [0, letters.length, ...starts, ...(quote ?? [])]
    .filter((cut) => cut >= 0 && cut <= letters.length)
    .sort((a, b) => a - b);
  return cuts.slice(1).flatMap((end, i) => {
    const start = cuts[i] ?? 0;
    if (start === end) return [];
    return {
      text: letters.slice(start, end).join(''),
      quoted: quote !== null && start >= quote[0] && end <= quote[1],
      begins: starts.has(start),
    };
  });
}

/** The passage a place lies in, or the place itself where no passage holds it. */
export function passageAround(passages: readonly Span[], quote: Span): Span {
  return passages.find(([start, end]) => start <= quote[0] && quote[1] <= end) ?? quote;
}

/** As much of a passage as a card shows: the place, and some of what stands before and after it. */
export function around(passage: Span, quote: Span, letters = 140): Span {
  return [Math.max(passage[0], quote[0] - letters), Math.min(passage[1], quote[1] + letters)];
}

/** A part of a text, counted in code points. */
export function slice(text: string, [start, end]: Span): string {
  return Array.from(text).slice(start, end).join('');
}
