/**
 * Which turns of a conversation stand in full.
 *
 * Every word of a conversation is in the document, so that the browser's own search finds it and
 * a screen reader reads it. What makes a turn dear (Markdown, marks, buttons) it wears only near
 * what is being read: put on a turn at a time, taken off again far away.
 */

/** Whether one turn stands in full. */
class Dress {
  on = $state(false);
}

export class Dressing {
  readonly #turns = new Map<string, Dress>();
  /** Those that stand in full, in the order they came to it. */
  readonly #worn = new Set<string>();

  /** `most` turns stand in full at a time, and all that are wanted. */
  constructor(private readonly most = 120) {}

  /**
   * Whether a turn stands in full, for what shows it. A component asks once, when it is made: a
   * state that is born where it is read is not watched there.
   */
  of(id: string): Readonly<Dress> {
    return this.#dress(id);
  }

  put(id: string): void {
    this.#worn.add(id);
    this.#dress(id).on = true;
  }

  /** These stand in full, and no others. */
  only(ids: Iterable<string>): void {
    for (const id of [...this.#worn]) this.#take(id);
    for (const id of ids) this.put(id);
  }

  /** Puts on the first wanted turn that lacks it, else takes off one too many; false: all is well. */
  step(wanted: readonly string[]): boolean {
    const next = wanted.find((id) => !this.#worn.has(id));
    if (next !== undefined) {
      this.put(next);
      return true;
    }
    if (this.#worn.size <= this.most) return false;
    const near = new Set(wanted);
    const far = [...this.#worn].find((id) => !near.has(id));
    if (far === undefined) return false;
    this.#take(far);
    return true;
  }

  #take(id: string): void {
    this.#worn.delete(id);
    this.#dress(id).on = false;
  }

  #dress(id: string): Dress {
    let dress = this.#turns.get(id);
    if (!dress) this.#turns.set(id, (dress = new Dress()));
    return dress;
  }
}
