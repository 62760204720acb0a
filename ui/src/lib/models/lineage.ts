/**
 * The tree of checkpoints as lines beside their list, newest first: each row knows the lane its
 * own point is on, the lanes that pass it, and those of younger ones that began here.
 */
import type { Checkpoint } from '../api';

export interface Place {
  /** Where its point is, counted from the left. */
  lane: number;
  /** Lanes of younger checkpoints that come from this one; its own among them. */
  from: number[];
  /** Lanes that pass by. */
  past: number[];
  /** Whether a line goes on from it to an older one. */
  below: boolean;
}

/** What a checkpoint was made from. */
export const above = ({ parent, came_from }: Checkpoint) => parent ?? came_from;

/** The places of checkpoints that are given newest first, and how many lanes they need. */
export function lineage(checkpoints: Checkpoint[]): { places: Place[]; lanes: number } {
  const known = new Set(checkpoints.map(({ digest }) => digest));
  const waiting: (string | null)[] = []; // the digest each lane leads down to
  let lanes = 0;
  const places = checkpoints.map((one): Place => {
    const from = waiting.flatMap((digest, lane) => (digest === one.digest ? [lane] : []));
    const free = waiting.indexOf(null);
    const lane = from[0] ?? (free < 0 ? waiting.length : free);
    for (const done of from) waiting[done] = null;
    const past = waiting.flatMap((digest, at) => (digest === null ? [] : [at]));
    const origin = above(one);
    const below = origin !== null && origin !== one.digest && known.has(origin);
    waiting[lane] = below ? origin : null;
    lanes = Math.max(lanes, lane + 1, ...past.map((at) => at + 1));
    return { lane, from, past, below };
  });
  return { places, lanes };
}
