/**
 * One prompt answered by several models at once.
 *
 * Each answers in a temporary conversation of its own: nothing is stored and nothing is learned,
 * until one of them is kept.
 */
import { ApiError, type Api } from '../api';
import { Thread } from '../conversations/thread.svelte';
import type { Relay } from '../relay';
import { newKey } from '../request';
import { Announcer } from '../shell/announcer.svelte';
import type { Tabs } from '../shell/tabs';

export interface Column {
  model: string;
  thread: Thread;
  /** Why the model was not asked. */
  refused: string | null;
}

export class Comparison {
  /** The model of each column; empty for none. */
  picked = $state.raw<string[]>(['', '', '']);
  columns = $state.raw<Column[]>([]);

  readonly #conversations = new Set<string>();

  constructor(
    private readonly api: Api,
    private readonly tabs: Tabs,
    private readonly relay: Relay,
  ) {}

  get busy(): boolean {
    return this.columns.some(({ thread }) => thread.live !== null);
  }

  pick(column: number, model: string): void {
    this.picked = this.picked.map((old, i) => (i === column ? model : old));
  }

  /** Asks all of them; what was asked before is gone. */
  async ask(text: string, models: string[]): Promise<void> {
    await this.clear();
    this.columns = models.map((model) => ({ model, thread: this.#thread(), refused: null }));
    await Promise.all(this.columns.map((column) => this.#ask(column, text)));
  }

  /** What was kept is no longer this comparison's to delete. */
  release(conversation: string): void {
    this.#conversations.delete(conversation);
  }

  /** Takes away every column, and its conversation on the server. */
  async clear(): Promise<void> {
    const gone = [...this.#conversations];
    this.#conversations.clear();
    for (const { thread } of this.columns) void thread.open(null);
    this.columns = [];
    await Promise.allSettled(gone.map((id) => this.api.deleteConversation(id)));
  }

  async #ask(column: Column, text: string): Promise<void> {
    const { model, thread } = column;
    try {
      const conversation = await this.api.createConversation({ model, temporary: true });
      this.#conversations.add(conversation.id);
      thread.adopt(conversation);
      thread.begin(
        await this.api.addTurn(conversation.id, { text, parent_id: null, model }, newKey()),
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.columns = this.columns.map((one) =>
        one.model === model ? { ...one, refused: error.message } : one,
      );
    }
  }

  #thread(): Thread {
    return new Thread({
      api: this.api,
      tabs: this.tabs,
      stream: (turn, after, signal) => this.relay.open(turn, after, signal),
      announcer: new Announcer(),
      seen: () => {},
      closing: () => '',
    });
  }
}
