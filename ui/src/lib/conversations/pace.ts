/** How fast letters arrive, over the last moments. */
import { characters } from '../stream';

const spanMs = 2000;
/** A figure that changes more often than this is not read, and each change is laid out anew. */
const heldMs = 500;

export class Pace {
  #arrivals: { at: number; letters: number }[] = [];
  #seen: number;
  #told: number | null = null;
  #toldAt = -Infinity;

  /** `text` is what was there before: it did not arrive now. */
  constructor(text: string) {
    this.#seen = characters(text);
  }

  /** Takes in the text as it is at `now` (ms); returns letters per second, or null at first. */
  measure(text: string, now: number): number | null {
    const letters = characters(text);
    this.#arrivals.push({ at: now, letters: letters - this.#seen });
    this.#seen = letters;
    while ((this.#arrivals[0]?.at ?? now) < now - spanMs) this.#arrivals.shift();
    if (now - this.#toldAt >= heldMs) this.#tell(now);
    return this.#told;
  }

  #tell(now: number): void {
    const [first, ...rest] = this.#arrivals;
    if (!first || now - first.at < spanMs / 4) return;
    this.#told = (rest.reduce((sum, { letters }) => sum + letters, 0) * 1000) / (now - first.at);
    this.#toldAt = now;
  }
}
