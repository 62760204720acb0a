/**
 * What is being forgotten: asked for once, then followed until no checkpoint knows it any more.
 *
 * The text is gone when `ask` returns; `current` says how far the models are.
 */
import { ApiError, Unreachable, type Api, type Forgetting, type Wish } from '../api';

const lookMs = 2000;

export class Forgetter {
  current = $state.raw<Forgetting | null>(null);

  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly api: Api) {}

  async ask(what: Wish): Promise<void> {
    this.#take(await this.api.forget(what));
  }

  #take(next: Forgetting): void {
    this.current = next;
    clearTimeout(this.#timer);
    const id = next.goes_on_in ?? next.id;
    if (next.goes_on_in !== null || next.state !== 'done')
      this.#timer = setTimeout(() => void this.#look(id), lookMs);
  }

  async #look(id: string): Promise<void> {
    try {
      this.#take(await this.api.forgetting(id));
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
      this.#timer = setTimeout(() => void this.#look(id), lookMs);
    }
  }
}
