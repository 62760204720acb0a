/**
 * The conversation on the screen: its turns, and the answer being written.
 *
 * The server's turns are the truth; this class fetches them, and lays the live text of a streaming
 * answer over them. Whoever comes to a conversation in mid-answer (after a reload, in a second
 * tab) finds a turn that is `streaming` and follows it from the letter it stands at.
 */
import {
  ApiError,
  Unreachable,
  type Api,
  type Conversation,
  type Exchange,
  type How,
  type Turn,
  type Window,
} from '../api';
import { newKey } from '../request';
import type { Announcer } from '../shell/announcer.svelte';
import type { Tabs } from '../shell/tabs';
import { follow, type Patience } from '../stream';
import { Pace } from './pace';
import { settled } from './settled';

/** An answer while it is written. */
export interface Live {
  id: string;
  text: string;
  lettersPerSecond: number | null;
  /** The connection is lost; what is there stays, the rest follows by itself. */
  held: boolean;
}

export interface ThreadParts {
  api: Api;
  tabs: Tabs;
  announcer: Announcer;
  /** Takes in the open conversation whenever it was fetched. */
  seen: (conversation: Conversation) => void;
  /** Says how an answer ended, for the announcer. */
  closing: (turn: Turn) => string;
  /** The stream of an answer from a character on; by default over a connection of its own. */
  stream?: Api['openStream'];
  patience?: Patience;
  /** Runs before one of the next paints; letters are shown with every second frame. */
  paint?: (show: () => void) => void;
}

/** Thirty times a second reads as smoothly as sixty, and leaves half of the frames to everything else. */
const withSecondFrame = (show: () => void): void => {
  requestAnimationFrame(() => requestAnimationFrame(show));
};

export class Thread {
  /** The conversation that is wanted; `conversation` is null until it has arrived. */
  id = $state<string | null>(null);
  conversation = $state.raw<Conversation | null>(null);
  turns = $state.raw<Turn[]>([]);
  state = $state<'new' | 'loading' | 'ready' | 'missing' | 'failed'>('new');
  live = $state.raw<Live | null>(null);
  /** What the model would read if something were sent now; null until it was asked. */
  window = $state.raw<Window | null>(null);

  /** The turn whose branch is looked at, where it is not simply the active one. */
  #at: string | null = null;
  /** Aborted when another conversation is opened: what was asked for this one is dropped. */
  #visit = new AbortController();
  #fetches = 0;
  /** What arrived since the last paint. */
  #coming: (Partial<Live> & { id: string }) | null = null;
  readonly #parts: ThreadParts & Required<Pick<ThreadParts, 'paint' | 'stream'>>;

  constructor(parts: ThreadParts) {
    const { openStream } = parts.api;
    this.#parts = { paint: withSecondFrame, stream: openStream, ...parts };
  }

  /** The user's last words here, for asking once more. */
  get lastWords(): string {
    return this.turns.findLast(({ role }) => role === 'user')?.text ?? '';
  }

  /** The turn shown last: the server refuses what rests on a page that is stale. */
  get last(): string | null {
    return this.turns.at(-1)?.id ?? null;
  }

  /** What is shown is another branch than the one the conversation goes on with. */
  get aside(): boolean {
    const active = this.conversation?.active_turn_id ?? null;
    return this.#at !== null && active !== null && this.last !== active;
  }

  /** Shows a conversation, or an empty one (null) that is not created yet; `at` names a branch. */
  async open(id: string | null, at: string | null = null): Promise<void> {
    this.#visit.abort();
    this.#visit = new AbortController();
    this.id = id;
    this.#at = at;
    this.window = null;
    this.conversation = null;
    this.turns = [];
    this.live = null;
    this.state = id === null ? 'new' : 'loading';
    if (id !== null) await this.#fetch(id);
  }

  /** The empty conversation on the screen was created. */
  adopt(conversation: Conversation): void {
    this.id = conversation.id;
    this.conversation = conversation;
    this.state = 'ready';
  }

  /** Takes in the open conversation as it was changed. */
  take(conversation: Conversation): void {
    if (conversation.id === this.id) this.conversation = conversation;
  }

  /** Fetches the open conversation once more. */
  async refresh(): Promise<void> {
    if (this.id !== null) await this.#fetch(this.id);
  }

  /** The server has the user's turn, and the answer's row exists; what followed is another branch. */
  begin({ user, answer }: Exchange): void {
    this.#at = null;
    if (!this.turns.some(({ id }) => id === answer.id)) {
      const known = this.turns.findIndex(({ id }) => id === user.id);
      const before = this.turns.findIndex(({ id }) => id === user.parent_id) + 1;
      this.turns = [...this.turns.slice(0, known < 0 ? before : known), user, answer];
    }
    this.#followStreaming();
  }

  /** Says a turn again in other words, or corrects an answer; true once the server has it. */
  edit(turn: Turn, text: string, how: How): Promise<void> {
    return this.#speak((key) => this.#parts.api.editTurn(turn.id, text, this.last, key, how));
  }

  /** Has another answer written: beside this one, or to this turn of the user. */
  again(turn: Turn, how: How): Promise<void> {
    return this.#speak((key) => this.#parts.api.regenerate(turn.id, this.last, key, how));
  }

  /** Has an answer go on where it ended. */
  goOn(turn: Turn, how: How): Promise<void> {
    return this.#speak((key) => this.#parts.api.continueTurn(turn.id, this.last, key, how));
  }

  /** Leafs to another version of a turn and returns its id; null at the first and the last. */
  async leaf(turn: Turn, by: -1 | 1): Promise<string | null> {
    const { turns } = await this.#parts.api.versions(turn.id);
    const next = turns[turns.findIndex(({ id }) => id === turn.id) + by];
    if (!next || this.id === null) return null;
    await this.#branch(next.id, this.last);
    return next.id;
  }

  /** Makes the branch that is shown the one the conversation goes on with. */
  async goOnHere(): Promise<void> {
    if (this.last !== null)
      await this.#branch(this.last, this.conversation?.active_turn_id ?? null);
  }

  async stop(): Promise<void> {
    if (this.live) this.#replace(await this.#parts.api.stopTurn(this.live.id));
  }

  /** Says whether a turn may be learned from, stays in view, or was a good answer. */
  async change(turn: Turn, to: Partial<Pick<Turn, 'learn' | 'pinned' | 'rating'>>): Promise<void> {
    this.#replace(await this.#parts.api.changeTurn(turn.id, to));
    this.#parts.tabs.tell({ about: 'conversation', id: turn.conversation_id });
    await this.measure();
  }

  /** Asks what of the conversation the model would read now. */
  async measure(): Promise<void> {
    const { id } = this;
    if (id === null || this.live || this.turns.length === 0) return;
    try {
      const window = await this.#parts.api.window(id);
      if (id === this.id) this.window = window;
    } catch (error) {
      // The last answer's own figures are shown then.
      if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
    }
  }

  async #speak(ask: (key: string) => Promise<Exchange>): Promise<void> {
    const exchange = await ask(newKey());
    if (exchange.user.conversation_id !== this.id) return;
    this.begin(exchange);
    this.#parts.tabs.tell({ about: 'conversation', id: exchange.user.conversation_id });
    await this.refresh();
  }

  async #branch(turn: string, last: string | null): Promise<void> {
    const { id } = this;
    if (id === null) return;
    const { conversation, turns } = await this.#parts.api.branch(id, turn, last);
    this.#parts.tabs.tell({ about: 'conversation', id });
    if (id !== this.id) return;
    this.#fetches++; // what was asked before does not count any more
    this.#at = null;
    this.conversation = conversation;
    this.turns = settled(this.turns, turns);
    this.#followStreaming();
    await this.measure();
  }

  async #fetch(id: string): Promise<void> {
    const { signal } = this.#visit;
    const fetched = ++this.#fetches;
    try {
      const { conversation, turns } = await this.#parts.api.conversation(id, this.#at);
      if (signal.aborted || fetched < this.#fetches) return; // a newer fetch is on its way
      this.conversation = conversation;
      this.turns = settled(this.turns, turns);
      this.state = 'ready';
      this.#parts.seen(conversation);
      this.#followStreaming();
      void this.measure();
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.status === 404) this.state = 'missing';
      else if (this.state !== 'ready') this.state = 'failed';
      if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
    }
  }

  #followStreaming(): void {
    const turn = this.turns.findLast(({ status }) => status === 'streaming');
    if (turn && turn.id !== this.live?.id) void this.#follow(turn, this.#visit.signal);
  }

  async #follow(turn: Turn, signal: AbortSignal): Promise<void> {
    const { announcer, closing, patience, stream } = this.#parts;
    const pace = new Pace(turn.text);
    this.live = { id: turn.id, text: turn.text, lettersPerSecond: null, held: false };
    announcer.begin(turn.text);
    const open = (after: number) => stream(turn.id, after, signal);
    try {
      for await (const progress of follow(open, turn.text, signal, patience)) {
        if (progress.kind === 'lost') this.#show(turn.id, { held: true });
        else if (progress.kind === 'text') {
          this.#show(turn.id, {
            text: progress.text,
            lettersPerSecond: pace.measure(progress.text, performance.now()),
            held: false,
          });
        } else {
          announcer.finish(progress.turn.text, closing(progress.turn));
          this.#ended(progress.turn);
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      this.live = null; // the stream is refused: the stored turn says how it ended
      if (!(error instanceof ApiError)) throw error;
      await this.refresh();
    }
  }

  /** Gathers what arrives and shows it with the next paint. */
  #show(id: string, change: Partial<Live>): void {
    if (this.#coming?.id === id) {
      Object.assign(this.#coming, change);
      return;
    }
    const coming = (this.#coming = { id, ...change });
    this.#parts.paint(() => {
      if (this.#coming === coming) this.#coming = null;
      if (this.live?.id !== id) return;
      this.live = { ...this.live, ...coming };
      this.#parts.announcer.hear(this.live.text);
    });
  }

  #ended(turn: Turn): void {
    this.live = null;
    this.#replace(turn);
    void this.refresh(); // the user's mark and the conversation's title have changed
  }

  #replace(turn: Turn): void {
    this.turns = this.turns.map((other) => (other.id === turn.id ? turn : other));
  }
}
