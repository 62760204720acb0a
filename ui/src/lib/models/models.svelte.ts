/** The models and their checkpoints, and making an older one live again. */
import type { Api, Checkpoint, Model } from '../api';
import type { Tabs } from '../shell/tabs';

export interface Shown {
  model: Model;
  /** Newest first. */
  checkpoints: Checkpoint[];
}

export class Models {
  items = $state.raw<Shown[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');

  constructor(
    private readonly api: Api,
    private readonly tabs: Tabs,
  ) {}

  async load(): Promise<void> {
    try {
      const { models } = await this.api.models();
      this.items = await Promise.all(models.map(({ name }) => this.api.model(name)));
      this.state = 'ready';
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  /** Makes a checkpoint live: the next turn is answered by it. */
  async promote(model: string, checkpoint: string): Promise<void> {
    await this.api.promote(model, checkpoint);
    this.tabs.tell({ about: 'learning' });
    await this.load();
  }

  /** Keeps a checkpoint's file however old it becomes, or not any more. */
  async pin(model: string, checkpoint: string, pinned: boolean): Promise<void> {
    await this.api.pin(model, checkpoint, pinned);
    await this.load();
  }

  async rebuild(model: string): Promise<void> {
    await this.api.rebuild(model);
    this.tabs.tell({ about: 'learning' });
  }
}
