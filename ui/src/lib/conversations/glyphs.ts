/** The small signs of the margins, on a 12 px grid: how an answer was made, what a turn became. */
import type { Mark, Origin } from '../api';

export const originStrokes: Record<Origin, string> = {
  generated: 'M2 6h.01M6 6h.01M10 6h.01',
  practised: 'M2 4.5h.01M6 4.5h.01M10 4.5h.01M2 8h8',
  computed: 'M2 4.25h8M2 7.75h8',
  remembered: 'M2 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0M6 6h.01',
  quoted: 'M4.5 2.5 3 6.5M8.5 2.5 7 6.5',
  declined: 'M2 6h8',
};

const disc = 'M1.75 6a4.25 4.25 0 1 0 8.5 0a4.25 4.25 0 1 0-8.5 0';

/** Strokes and fill of each mark; shape alone tells them apart. */
export const markShapes: Record<Mark, { stroke: string; fill: string }> = {
  learned: { stroke: '', fill: 'M1 6a5 5 0 1 0 10 0a5 5 0 1 0-10 0' },
  queued: { stroke: disc, fill: 'M6 1.75a4.25 4.25 0 0 1 0 8.5z' },
  to_forget: { stroke: disc, fill: 'M6 1.75a4.25 4.25 0 0 0 0 8.5z' },
  off: { stroke: `${disc}M3.2 8.8 8.8 3.2`, fill: '' },
  refused: { stroke: 'm2.5 2.5 7 7M9.5 2.5l-7 7', fill: '' },
  none: { stroke: disc, fill: '' },
};

export const markTone: Record<Mark, string> = {
  learned: 'is-learned',
  queued: 'is-waiting',
  to_forget: 'is-waiting',
  off: '',
  refused: 'is-halted',
  none: '',
};
