/**
 * Ghost text: what would go on at the cursor, asked for while somebody writes.
 *
 * One question at a time, the newest next; an answer to a text that stands there no longer is
 * dropped. Whoever types what is suggested sees the rest of it at once. A server that does not
 * answer, or refuses, suggests nothing: ghost text never complains.
 */
import { ApiError, Unreachable, type Api } from '../api';

/** The server reads at most this much before the cursor; cut in steps, so that it can go on. */
const most = 4000;
const step = 1000;

export class Ghost {
  words = $state.raw<string[]>([]);
  /** Words taken, and keystrokes that were not needed for them. */
  taken = $state({ words: 0, keys: 0 });

  #before: string | null = null;
  #asking = false;

  constructor(private readonly api: Api) {}

  get text(): string {
    return this.words.join('');
  }

  /** Shows how `before` goes on, as soon as it is known. */
  async ask(before: string): Promise<void> {
    this.#shrink(before);
    this.#before = before;
    if (this.#asking) return;
    this.#asking = true;
    try {
      for (let asked: string | null = null; this.#before !== null && asked !== this.#before;) {
        asked = this.#before;
        const words = await this.#suggested(asked);
        if (asked === this.#before) this.words = words;
      }
    } finally {
      this.#asking = false;
    }
  }

  hide(): void {
    this.#before = null;
    this.words = [];
  }

  /** Takes the first word, or all; returns what is to be written. */
  take(all: boolean): string {
    const taken = all ? this.words : this.words.slice(0, 1);
    const text = taken.join('');
    this.taken = {
      words: this.taken.words + taken.length,
      keys: this.taken.keys + Math.max([...text].length - 1, 0),
    };
    this.words = this.words.slice(taken.length);
    if (this.#before !== null) this.#before += text;
    return text;
  }

  async #suggested(before: string): Promise<string[]> {
    try {
      return (await this.api.suggest(lastOf(before))).words;
    } catch (error) {
      if (error instanceof ApiError || error instanceof Unreachable) return [];
      throw error;
    }
  }

  /** Keeps the rest of a suggestion that is being typed. */
  #shrink(before: string): void {
    const typed = this.#before !== null && before.startsWith(this.#before);
    const added = typed ? before.slice(this.#before?.length) : null;
    if (added === null || !this.text.startsWith(added)) {
      this.words = [];
      return;
    }
    let left = added.length;
    this.words = this.words.flatMap((word) => {
      const rest = word.slice(left);
      left = Math.max(left - word.length, 0);
      return rest ? [rest] : [];
    });
  }
}

/** The end of a text, within what is read, beginning where it did a letter ago. */
export function lastOf(text: string): string {
  const line = text.lastIndexOf('\n', text.length - 1);
  const begin = Math.max(0, line - 100);
  const long = text.length - begin;
  const cut = long <= most ? begin : begin + Math.ceil((long - most) / step) * step;
  const code = text.charCodeAt(cut);
  return text.slice(code >= 0xdc00 && code <= 0xdfff ? cut + 1 : cut);
}
