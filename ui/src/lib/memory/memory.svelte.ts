/** What the user told and is remembered: read, mended, forgotten. */
import type { Api, Fact } from '../api';

export class MemoryList {
  items = $state.raw<Fact[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');

  constructor(private readonly api: Api) {}

  async load(): Promise<void> {
    try {
      this.items = (await this.api.memory()).facts;
      this.state = 'ready';
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  async change(fact: Fact, value: string): Promise<void> {
    const changed = await this.api.changeFact(fact.id, value);
    this.items = this.items.map((one) => (one.id === fact.id ? changed : one));
  }

  async forget(fact: Fact): Promise<void> {
    await this.api.forgetFact(fact.id);
    await this.load();
  }
}
