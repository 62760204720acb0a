/**
 * The servers of other models, and which models they have.
 *
 * Nobody is asked anything by itself: a server is asked when a person tests it, or reaches for the
 * model picker. What it answered last is remembered, so that its models can be picked at once.
 */
import type { Api, NewProvider, Provider, ProviderCheck } from '../api';
import type { Shelf } from '../shell/shelf';

const shelved = 'remote-models';

export class Servers {
  items = $state.raw<Provider[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** What each server answered; null while it is being asked. */
  checks = $state.raw<Record<string, ProviderCheck | null>>({});
  #known = $state.raw<string[]>([]);

  constructor(
    private readonly api: Api,
    private readonly shelf: Shelf,
  ) {
    this.#known = shelf.get<string[]>(shelved) ?? [];
  }

  /** Every model of theirs that is known, as `server/model`. */
  get models(): string[] {
    const names = new Set(this.items.map(({ name }) => name));
    return this.#known.filter((model) => names.has(model.split('/', 1)[0] ?? ''));
  }

  async load(): Promise<void> {
    try {
      this.items = (await this.api.providers()).providers;
      this.state = 'ready';
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  /** Asks a server whether it is there and what it has. */
  async check(name: string): Promise<ProviderCheck> {
    this.checks = { ...this.checks, [name]: null };
    try {
      const answer = await this.api.checkProvider(name);
      this.checks = { ...this.checks, [name]: answer };
      if (answer.ok) this.#remember(name, answer);
      return answer;
    } catch (error) {
      this.checks = Object.fromEntries(
        Object.entries(this.checks).filter(([checked]) => checked !== name),
      );
      throw error;
    }
  }

  /** Asks every server that was not asked yet. */
  async checkAll(): Promise<void> {
    const unasked = this.items.filter(({ name }) => !(name in this.checks));
    await Promise.all(unasked.map(({ name }) => this.check(name)));
  }

  async add(provider: NewProvider): Promise<Provider> {
    const added = await this.api.addProvider(provider);
    await this.load();
    return added;
  }

  async remove(name: string): Promise<void> {
    await this.api.deleteProvider(name);
    await this.load();
  }

  #remember(name: string, { models }: ProviderCheck): void {
    const others = this.#known.filter((model) => model.split('/', 1)[0] !== name);
    this.#known = [...others, ...models.map((model) => model.name)].sort();
    this.shelf.put(shelved, this.#known);
  }
}
