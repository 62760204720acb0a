/** The dreams of the models, newest first: asked for, kept, discarded. */
import type { Api, Dream } from '../api';

export class Dreams {
  items = $state.raw<Dream[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Whether a dream is being dreamt. */
  dreaming = $state(false);
  more = $state(false);

  #next: number | null = null;

  constructor(private readonly api: Api) {}

  /** Fetches the newest page. */
  async load(): Promise<void> {
    if (this.state === 'failed') this.state = 'loading';
    try {
      const page = await this.api.dreams();
      this.items = page.dreams;
      this.#reach(page.next);
      this.state = 'ready';
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  async loadMore(): Promise<void> {
    const page = await this.api.dreams(this.#next);
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...this.items, ...page.dreams.filter(({ id }) => !known.has(id))];
    this.#reach(page.next);
  }

  /** Lets a model dream; it takes as long as it takes to write. */
  async dream(model: string | null): Promise<void> {
    this.dreaming = true;
    try {
      const { dreams } = await this.api.dream(model === null ? {} : { model });
      this.items = [...dreams, ...this.items];
    } finally {
      this.dreaming = false;
    }
  }

  async keep(dream: Dream, kept: boolean): Promise<void> {
    const changed = await this.api.keepDream(dream.id, kept);
    this.items = this.items.map((one) => (one.id === changed.id ? changed : one));
  }

  async discard(dream: Dream): Promise<void> {
    await this.api.discardDream(dream.id);
    this.items = this.items.filter(({ id }) => id !== dream.id);
  }

  #reach(next: number | null): void {
    this.#next = next;
    this.more = next !== null;
  }
}
