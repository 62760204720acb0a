/**
 * Where somebody was reading, so that a reload comes back to the same line.
 *
 * A place is a turn and how far its top stood from the top of the view. At the end of the
 * conversation there is no place to keep: the end is where one is put anyway.
 */

import { firstBelow, partsIn } from './parts';

export interface Place {
  turn: string;
  /** Pixels from the top of the view to the top of the turn. */
  offset: number;
}

/** The first turn that is in view. */
export function readPlace(view: HTMLElement): Place | null {
  const { top } = view.getBoundingClientRect();
  // Part by part: asking where a turn of a skipped part is would have all of it laid out.
  const parts = partsIn(view);
  for (let i = firstBelow(parts, top); i < parts.length; i++) {
    const turns = (parts[i] as HTMLElement).querySelectorAll<HTMLElement>('[data-turn]');
    const turn = turns[firstBelow(turns, top)];
    if (turn)
      return { turn: turn.dataset.turn ?? '', offset: turn.getBoundingClientRect().top - top };
  }
  return null;
}

/** Scrolls the view to a place; false when its turn is not there. */
export function goTo(view: HTMLElement, place: Place): boolean {
  const article = findTurn(view, place.turn);
  if (!article) return false;
  view.scrollTop +=
    article.getBoundingClientRect().top - view.getBoundingClientRect().top - place.offset;
  return true;
}

export function findTurn(view: HTMLElement, id: string): HTMLElement | null {
  return view.querySelector<HTMLElement>(`[data-turn="${CSS.escape(id)}"]`);
}

/** How far from the end still counts as at the end. */
const nearPx = 48;

export function isAtEnd(view: HTMLElement): boolean {
  return view.scrollHeight - view.scrollTop - view.clientHeight <= nearPx;
}

export function keepPlace(conversation: string, place: Place | null): void {
  const name = `l2c.place.${conversation}`;
  if (place) sessionStorage.setItem(name, JSON.stringify(place));
  else sessionStorage.removeItem(name);
}

export function keptPlace(conversation: string): Place | null {
  const kept = sessionStorage.getItem(`l2c.place.${conversation}`);
  return kept ? (JSON.parse(kept) as Place) : null;
}
