/** A conversation in parts of a few turns each, so that what is far costs the browser nothing. */
import type { Turn } from '../api';

export interface Part {
  /** The number of its first turn, from 0. */
  from: number;
  turns: Turn[];
}

const size = 20;

export function inParts(turns: Turn[]): Part[] {
  return Array.from({ length: Math.ceil(turns.length / size) }, (_, i) => ({
    from: i * size,
    turns: turns.slice(i * size, (i + 1) * size),
  }));
}

/** The part that the turn of this number is in. */
export const partOf = (turn: number): number => Math.floor(turn / size);

/** The elements of the parts on the screen, from above; what stands below them comes after. */
export const partsIn = (view: HTMLElement): ArrayLike<HTMLElement> =>
  (view.querySelector('[role=log]')?.children ?? []) as ArrayLike<HTMLElement>;

/** Where the first of some elements, which stand below each other, is that reaches below `y`. */
export function firstBelow(elements: ArrayLike<Element>, y: number): number {
  let [from, to] = [0, elements.length];
  while (from < to) {
    const half = (from + to) >> 1;
    if ((elements[half] as Element).getBoundingClientRect().bottom > y) to = half;
    else from = half + 1;
  }
  return from;
}

/** How far around the view, in its heights, turns stand in full. */
const reach = 1.5;

/** The parts on the screen that are near the view, and the number of the turn at its middle. */
export function nearView(view: HTMLElement): { near: Set<number>; middle: number } {
  const { top, bottom, height } = view.getBoundingClientRect();
  const half = (top + bottom) / 2;
  const near = new Set<number>();
  const parts = partsIn(view);
  let middle = 0;
  for (let i = firstBelow(parts, top - reach * height); i < parts.length; i++) {
    const element = parts[i] as HTMLElement;
    const at = element.getBoundingClientRect();
    if (at.top > bottom + reach * height || element.dataset.part === undefined) break;
    const from = Number(element.dataset.part);
    near.add(from);
    if (at.top <= half) middle = from + size * Math.min(1, (half - at.top) / (at.height || 1));
  }
  return { near, middle };
}
