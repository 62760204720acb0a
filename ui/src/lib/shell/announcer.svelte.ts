/**
 * What a screen reader hears while an answer is written: whole sentences, not letters.
 *
 * The transcript itself is silent while letters arrive. This region speaks the sentences that are
 * finished, at most once in two seconds; what was finished in between is spoken together.
 */

/** A full stop, question mark or line end that closes a sentence. */
const sentenceEnd = /[.!?…]["”’')\]]*(?=\s)|\n/g;

export class Announcer {
  /** The text of the polite live region. */
  spoken = $state('');

  #waiting = '';
  #taken = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly pauseMs = 2000) {}

  /** Speaks a sentence, after those that wait. */
  say(sentence: string): void {
    this.#waiting = `${this.#waiting} ${sentence}`.trim();
    if (this.#timer === undefined) this.#speak();
  }

  /** A new answer begins; `text` is what of it is known already and not spoken again. */
  begin(text: string): void {
    this.#taken = text.length;
  }

  /** Takes in the answer as it stands; speaks the sentences that are finished now. */
  hear(text: string): void {
    const rest = text.slice(this.#taken);
    const end = lastSentenceEnd(rest);
    if (end === 0) return;
    this.say(rest.slice(0, end).trim());
    this.#taken += end;
  }

  /** Speaks what is left of the finished answer, then the closing words. */
  finish(text: string, closing: string): void {
    this.say(`${text.slice(this.#taken).trim()} ${closing}`.trim());
    this.#taken = 0;
  }

  #speak(): void {
    if (!this.#waiting) {
      this.#timer = undefined;
      return;
    }
    // A region whose text does not change is not spoken again, so the same words get a blank.
    this.spoken = this.#waiting === this.spoken ? `${this.#waiting}\u00a0` : this.#waiting;
    this.#waiting = '';
    this.#timer = setTimeout(() => this.#speak(), this.pauseMs);
  }
}

function lastSentenceEnd(text: string): number {
  let end = 0;
  for (const match of text.matchAll(sentenceEnd)) end = match.index + match[0].length;
  return end;
}
