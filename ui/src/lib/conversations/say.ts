/**
 * What is said again: an answer once more, a turn in other words, another version.
 *
 * Unlike a new turn these rest on what stands on the screen, so the server refuses them when the
 * conversation has gone on elsewhere; then it is fetched, and the person sees why.
 */
import { ApiError, type How, type Turn } from '../api';
import { messages as m } from '../../messages';
import type { Thread } from './thread.svelte';

export interface SayParts {
  thread: Thread;
  /** How an answer is to be written where its conversation does not say so. */
  how: () => How;
  /** Runs something a person asked for, and tells a refusal; null then. */
  attempt: <T>(action: () => Promise<T>) => Promise<T | null>;
  tell: (note: string) => void;
}

export class Say {
  constructor(private readonly parts: SayParts) {}

  /** Another answer; `how` may name another model, or have the model answer anyway. */
  again(turn: Turn, how: How = {}): Promise<boolean> {
    return this.#do(() => this.#thread.again(turn, { ...this.parts.how(), ...how }));
  }

  goOn(turn: Turn): Promise<boolean> {
    return this.#do(() => this.#thread.goOn(turn, this.parts.how()));
  }

  edit(turn: Turn, text: string): Promise<boolean> {
    return this.#do(() => this.#thread.edit(turn, text, this.parts.how()));
  }

  goOnHere(): Promise<boolean> {
    return this.#do(() => this.#thread.goOnHere());
  }

  /** The id of the version beside a turn, which is shown now. */
  async leaf(turn: Turn, by: -1 | 1): Promise<string | null> {
    let shown: string | null = null;
    await this.#do(async () => void (shown = await this.#thread.leaf(turn, by)));
    return shown;
  }

  get #thread(): Thread {
    return this.parts.thread;
  }

  /** True when it was done. */
  async #do(action: () => Promise<void>): Promise<boolean> {
    const done = await this.parts.attempt(async () => {
      try {
        await action();
        return true;
      } catch (error) {
        if (!(error instanceof ApiError && error.type === 'conflict')) throw error;
        this.parts.tell(m.wentOnMeanwhile);
        await this.#thread.refresh();
        return false;
      }
    });
    return done ?? false;
  }
}
