/**
 * The conversations of the sidebar, newest first, and what can be done to one from there.
 *
 * The list comes in pages; what stands in its own place whatever its age (pinned, temporary, in an
 * open folder) is fetched beside it. `among` narrows all of it to the archive or to one tag.
 *
 * Every change is told to the other tabs. Deleting is undone by `restore` as long as the server
 * keeps the conversation; `deleted` is the one that can be brought back now.
 */
import type { Among, Api, Conversation, ConversationChange, Cursor, Folder, Tag } from '../api';
import type { Tabs } from '../shell/tabs';

/** How long a deletion is offered to be undone; the server keeps it for 30 s. */
const undoMs = 25_000;

/** How many of those that stand apart are fetched at once. */
const apart = 200;

/** The list as it is when nothing narrows it. */
export const unarchived: Among = { archived: false };

export class ConversationList {
  items = $state.raw<Conversation[]>([]);
  folders = $state.raw<Folder[]>([]);
  tags = $state.raw<Tag[]>([]);
  among = $state.raw<Among>(unarchived);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Whether any conversation was outside the archive when last asked; null before the answer. */
  holdsAny = $state<boolean | null>(null);
  /** There are older ones to load. */
  more = $state(false);
  /** The conversation just deleted, while that can be undone. */
  deleted = $state.raw<Conversation | null>(null);

  /** The folders whose conversations are shown. */
  readonly #open = new Set<string>();
  #next: Cursor | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    private readonly tabs: Tabs,
  ) {}

  /** Fetches the newest conversations and those that stand apart; older ones already loaded stay. */
  async load(): Promise<void> {
    const { among } = this;
    try {
      const [page, beside] = await Promise.all([
        this.#newest(among),
        this.#beside(),
        this.#loadNames(),
      ]);
      if (among !== this.among) return;
      const oldest = page.conversations.at(-1)?.updated_at ?? '';
      const fresh = new Set([...page.conversations, ...beside].map(({ id }) => id));
      const older =
        page.next === null
          ? []
          : this.items.filter((item) => item.updated_at < oldest && !fresh.has(item.id));
      if (older.length === 0) this.#turnTo(page.next);
      const listed = new Set(page.conversations.map(({ id }) => id));
      const others = beside.filter(({ id }) => !listed.has(id));
      this.items = newestFirst([...page.conversations, ...others, ...older]);
      this.state = 'ready';
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  /** Narrows the list to the archive or to a tag, or shows everything not archived again. */
  async narrow(among: Among): Promise<void> {
    this.among = among;
    this.items = [];
    this.#next = null;
    this.state = 'loading';
    await this.load();
  }

  /** Shows or hides what lies in a folder. */
  async setOpen(folder: string, open: boolean): Promise<void> {
    if (open) this.#open.add(folder);
    else this.#open.delete(folder);
    if (open) await this.load();
  }

  async createFolder(name: string): Promise<Folder> {
    const folder = await this.api.createFolder(name);
    await this.#changedFolders();
    return folder;
  }

  async renameFolder(id: string, name: string): Promise<void> {
    await this.api.renameFolder(id, name);
    await this.#changedFolders();
  }

  /** Deletes a folder; its conversations stay. */
  async deleteFolder(id: string): Promise<void> {
    await this.api.deleteFolder(id);
    this.#open.delete(id);
    await this.#changedFolders();
  }

  /** Fetches the next older page. */
  async loadMore(): Promise<void> {
    const page = await this.api.conversations(this.#next, this.among);
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
    this.items = this.#belongs(conversation) ? newestFirst([...others, conversation]) : others;
  }

  async change(id: string, to: ConversationChange): Promise<Conversation> {
    const changed = await this.api.changeConversation(id, to);
    this.take(changed);
    if ('folder_id' in to || 'tags' in to) await this.#loadNames();
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

  /** The newest page. What it says of the whole list counts at once, whatever else is awaited. */
  async #newest(among: Among) {
    const page = await this.api.conversations(null, among);
    if (among === unarchived) this.holdsAny = page.conversations.length > 0;
    return page;
  }

  /** What has its own place whatever its age. */
  async #beside(): Promise<Conversation[]> {
    if (this.among !== unarchived) return [];
    const asked: Among[] = [
      { ...unarchived, pinned: true },
      { temporary: true },
      ...[...this.#open].map((folder_id) => ({ ...unarchived, folder_id })),
    ];
    const found = await Promise.all(
      asked.map((among) => this.api.conversations(null, among, apart)),
    );
    const each = found.flatMap(({ conversations }) => conversations);
    return [...new Map(each.map((one) => [one.id, one])).values()];
  }

  async #loadNames(): Promise<void> {
    const [{ folders }, { tags }] = await Promise.all([this.api.folders(), this.api.tags()]);
    this.folders = folders;
    this.tags = tags;
  }

  async #changedFolders(): Promise<void> {
    await this.load();
    this.tabs.tell({ about: 'conversations' });
  }

  #belongs(conversation: Conversation): boolean {
    const { archived, tag } = this.among;
    return (
      (archived === undefined || conversation.archived === archived) &&
      (tag === undefined || conversation.tags.includes(tag))
    );
  }

  #turnTo(next: Cursor | null): void {
    this.#next = next;
    this.more = next !== null;
  }
}

const newestFirst = (conversations: Conversation[]) =>
  conversations.sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
