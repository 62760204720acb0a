/** The documents the open conversation answers from. */
import { ApiError, Unreachable, type Api, type Document } from '../api';
import type { Tabs } from '../shell/tabs';

export class Attached {
  items = $state.raw<Document[]>([]);

  #conversation: string | null = null;

  constructor(
    private readonly api: Api,
    private readonly tabs: Tabs,
  ) {}

  /** Shows those of a conversation; of one not begun yet (null) there are none. */
  async open(conversation: string | null): Promise<void> {
    if (conversation !== this.#conversation) this.items = [];
    this.#conversation = conversation;
    if (conversation !== null) await this.#load(conversation);
  }

  async attach(conversation: string, document: Document): Promise<void> {
    await this.api.attach(conversation, document.id);
    this.tabs.tell({ about: 'conversation', id: conversation });
    await this.#load(conversation);
  }

  async detach(document: Document): Promise<void> {
    const conversation = this.#conversation;
    if (conversation === null) return;
    await this.api.detach(conversation, document.id);
    this.tabs.tell({ about: 'conversation', id: conversation });
    await this.#load(conversation);
  }

  async #load(conversation: string): Promise<void> {
    try {
      const { documents } = await this.api.attached(conversation);
      if (conversation === this.#conversation) this.items = documents;
    } catch (error) {
      // What was shown stays; the banner, or the transcript, says what is wrong.
      if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
    }
  }
}
