/**
 * The conversations of the sidebar, newest first, and what can be done to one from there.
 *
 * Every change is told to the other tabs. Deleting is undone by `restore` as long as the server
 * keeps the conversation; `deleted` is the one that can be brought back now.
 */
import type { Api, Conversation, Cursor } from '../api';
import type { Tabs } from '../shell/tabs';

/** How long a deletion is offered to be undone; the server keeps it for 30 s. */
const undoMs = 25_000;

export class ConversationList {
  items = $state.raw<Conversation[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** There are older ones to load. */
  more = $state(false);
  /** The conversation just deleted, while that can be undone. */
  deleted = $state.raw<Conversation | null>(null);

  #next: Cursor | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    private readonly tabs: Tabs,
  ) {}

  /** Fetches the newest conversations; older ones already loaded stay. */
  async load(): Promise<void> {
    try {
      const page = await this.api.conversations();
      const oldest = page.conversations.at(-1)?.updated_at ?? '';
      const fresh = new Set(page.conversations.map(({ id }) => id));
      const older =
        page.next === null
          ? []
          : this.items.filter((item) => item.updated_at < oldest && !fresh.has(item.id));
      if (older.length === 0) this.#turnTo(page.next);
      this.items = [...page.conversations, ...older];
      this.state = 'ready';
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  /** Fetches the next older page. */
  async loadMore(): Promise<void> {
    const page = await this.api.conversations(this.#next);
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...this.items, ...page.conversations.filter(({ id }) => !known.has(id))];
    this.#turnTo(page.next);
  }

  find(id: string | null): Conversation | undefined {
    return this.items.find((item) => item.id === id);
  }

  /** Takes in a conversation as it is now. A new one, or one that went on, comes first. */
  take(conversation: Conversation): void {
    const others = this.items.filter(({ id }) => id !== conversation.id);
    this.items = [...others, conversation].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
  }

  async change(
    id: string,
    to: Partial<Pick<Conversation, 'title' | 'learn' | 'model'>>,
  ): Promise<Conversation> {
    const changed = await this.api.changeConversation(id, to);
    this.take(changed);
    this.tabs.tell({ about: 'conversation', id });
    return changed;
  }

  async remove(conversation: Conversation): Promise<void> {
    await this.api.deleteConversation(conversation.id);
    this.items = this.items.filter(({ id }) => id !== conversation.id);
    this.deleted = conversation;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.deleted = null), undoMs);
    this.tabs.tell({ about: 'conversations' });
  }

  /** Brings back the conversation deleted last. */
  async restore(): Promise<Conversation | null> {
    if (!this.deleted) return null;
    const restored = await this.api.restoreConversation(this.deleted.id);
    clearTimeout(this.#timer);
    this.deleted = null;
    this.take(restored);
    this.tabs.tell({ about: 'conversations' });
    return restored;
  }

  #turnTo(next: Cursor | null): void {
    this.#next = next;
    this.more = next !== null;
  }
}
