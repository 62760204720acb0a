/**
 * What was expected in one place of a text, at any temperature.
 *
 * The server tells the likeliest tokens with their log probabilities at temperature 1, and of all
 * others how many they are and what they have together. At another temperature T every probability
 * is raised to 1/T and all are made to sum to one again. For the listed tokens that is exact. The
 * others are taken as equally likely among themselves, which is the flattest they can be: what
 * they have together is never told too low above temperature 1, and never too high below it.
 */
import type { Place } from '../api';

export interface Chance {
  token: number;
  /** 0 to 1. */
  chance: number;
}

export interface Distribution {
  /** Best first. */
  likely: Chance[];
  /** What all others have together, 0 to 1. */
  others: number;
}

/** The distribution at a temperature ≥ 0; at 0 the likeliest token is certain. */
export function atTemperature(place: Place, temperature: number): Distribution {
  const { likely, log_probabilities: given, others, others_log_probability: rest } = place;
  const top = given[0] ?? 0;
  if (temperature <= 0) {
    return { likely: likely.map((token, i) => ({ token, chance: i === 0 ? 1 : 0 })), others: 0 };
  }
  // Above the exponent of the best one, so that nothing overflows.
  const weigh = (logProbability: number) => Math.exp((logProbability - top) / temperature);
  const weights = given.map(weigh);
  const ofOthers = rest === null || others === 0 ? 0 : others * weigh(rest - Math.log(others));
  const total = weights.reduce((sum, weight) => sum + weight, ofOthers);
  return {
    likely: likely.map((token, i) => ({ token, chance: (weights[i] ?? 0) / total })),
    others: ofOthers / total,
  };
}

/** Which of the six steps of colour a surprise has: from 0.5, 1, 2, 3 and 4 bits. */
export function step(bits: number): 0 | 1 | 2 | 3 | 4 | 5 {
  if (bits < 0.5) return 0;
  if (bits < 1) return 1;
  if (bits < 2) return 2;
  if (bits < 3) return 3;
  return bits < 4 ? 4 : 5;
}
