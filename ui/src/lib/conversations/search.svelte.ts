/** The search of the sidebar: what is typed, and what was found for it on the server. */
import { ApiError, Unreachable, type Api, type Hit } from '../api';

export class Search {
  query = $state('');
  hits = $state.raw<Hit[]>([]);
  state = $state<'idle' | 'busy' | 'done' | 'failed'>('idle');

  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    private readonly pauseMs = 200,
  ) {}

  /** Asks the server once the typing pauses. */
  type(query: string): void {
    this.query = query;
    clearTimeout(this.#timer);
    if (query.trim()) {
      this.state = 'busy';
      this.#timer = setTimeout(() => void this.#ask(query.trim()), this.pauseMs);
    } else {
      this.state = 'idle';
      this.hits = [];
    }
  }

  async #ask(query: string): Promise<void> {
    try {
      const { hits } = await this.api.search(query);
      if (query !== this.query.trim()) return; // typed on meanwhile
      this.hits = hits;
      this.state = 'done';
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
      if (query === this.query.trim()) this.state = 'failed';
    }
  }
}
