/** The keys with which programs come in. A new one's secret is here until it was taken. */
import type { Api, Key, MadeKey, NewKey } from '../api';

export class Keys {
  items = $state.raw<Key[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** The key that was just made; the server never tells it again. */
  made = $state.raw<MadeKey | null>(null);

  constructor(private readonly api: Api) {}

  async load(): Promise<void> {
    try {
      this.items = (await this.api.keys()).keys;
      this.state = 'ready';
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  async make(of: NewKey): Promise<void> {
    this.made = await this.api.makeKey(of);
    this.items = [this.made.key, ...this.items];
  }

  async revoke(key: Key): Promise<void> {
    await this.api.revokeKey(key.id);
    this.items = this.items.filter(({ id }) => id !== key.id);
    if (this.made?.key.id === key.id) this.made = null;
  }

  /** Its secret was taken down, and is nowhere on the page from now on. */
  taken(): void {
    this.made = null;
  }
}
