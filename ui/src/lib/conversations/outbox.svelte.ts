/**
 * Turns on their way to the server. A turn leaves the draft for the outbox and leaves the outbox
 * when the server has it durably: at no moment is it nowhere, not even across a reload.
 *
 * Sending again is harmless, since every turn carries one Idempotency-Key for its whole life.
 */
import {
  ApiError,
  Unreachable,
  type Api,
  type Conversation,
  type Exchange,
  type NewConversation,
} from '../api';
import { newKey } from '../request';
import type { Shelf } from '../shell/shelf';

export interface Outgoing {
  key: string;
  /** Null while the conversation itself is still to be created. */
  conversation: string | null;
  text: string;
  parent: string | null;
  model: string | null;
  temperature: number | null;
  /** What a conversation still to be created is created with. */
  begin: NewConversation;
}

export interface OutboxEvents {
  /** The conversation was created for its first turn. */
  began: (conversation: Conversation) => void;
  accepted: (outgoing: Outgoing, turns: Exchange) => void;
  /** The server will not take it; the words are the caller's again. */
  refused: (outgoing: Outgoing, error: ApiError) => void;
}

export class Outbox {
  items = $state.raw<Outgoing[]>([]);

  readonly #sending = new Set<string>();

  constructor(
    private readonly api: Api,
    private readonly shelf: Shelf,
    private readonly events: OutboxEvents,
  ) {
    // One name for each turn, so that two tabs never overwrite each other's.
    this.items = shelf.names('outbox.').flatMap((name) => shelf.get<Outgoing>(name) ?? []);
  }

  /** The turn on its way in this conversation, if there is one. */
  of(conversation: string | null): Outgoing | undefined {
    return this.items.find((item) => item.conversation === conversation);
  }

  add(outgoing: Omit<Outgoing, 'key'>): Promise<void> {
    const item = { ...outgoing, key: newKey() };
    this.items = [...this.items, item];
    this.#keep(item);
    return this.#send(item);
  }

  /** Sends what waits: at start, and when the server is back. */
  async flush(): Promise<void> {
    await Promise.all(this.items.map((item) => this.#send(item)));
  }

  async #send(item: Outgoing): Promise<void> {
    if (this.#sending.has(item.key)) return;
    this.#sending.add(item.key);
    let sent = item;
    try {
      sent = await this.#begin(item);
      const turns = await this.api.addTurn(sent.conversation ?? '', newTurn(sent), sent.key);
      this.#forget(sent);
      this.events.accepted(sent, turns);
    } catch (error) {
      this.#failed(sent, error);
    } finally {
      this.#sending.delete(item.key);
    }
  }

  async #begin(item: Outgoing): Promise<Outgoing> {
    if (item.conversation !== null) return item;
    const conversation = await this.api.createConversation({
      ...item.begin,
      ...(item.model !== null && { model: item.model }),
    });
    const begun = { ...item, conversation: conversation.id };
    this.items = this.items.map((other) => (other.key === item.key ? begun : other));
    this.#keep(begun);
    this.events.began(conversation);
    return begun;
  }

  #failed(item: Outgoing, error: unknown): void {
    if (error instanceof ApiError && error.type !== 'busy') {
      this.#forget(item);
      this.events.refused(item, error);
    } else if (error instanceof ApiError) {
      setTimeout(() => void this.flush(), (error.retryAfterS ?? 1) * 1000);
    } else if (!(error instanceof Unreachable)) {
      throw error;
    } // else it stays until the server is back
  }

  /** Across a reload, unless nothing of the conversation may be on a disk. */
  #keep(item: Outgoing): void {
    if (!item.begin.temporary) this.shelf.put(name(item), item);
  }

  #forget(item: Outgoing): void {
    this.items = this.items.filter(({ key }) => key !== item.key);
    this.shelf.drop(name(item));
  }
}

const name = (item: Outgoing) => `outbox.${item.key}`;

function newTurn(item: Outgoing) {
  return {
    text: item.text,
    parent_id: item.parent,
    ...(item.model !== null && { model: item.model }),
    ...(item.temperature !== null && { temperature: item.temperature }),
  };
}
