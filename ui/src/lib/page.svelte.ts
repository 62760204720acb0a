/**
 * The page as one thing: builds every part and connects them. Nothing else knows what plugs
 * into what, and no part holds state of its own outside of what is built here.
 */
import { getContext, setContext } from 'svelte';
import {
  Api,
  ApiError,
  type Conversation,
  type Document,
  type Exchange,
  type How,
  type NewConversation,
  type Session,
  type Wish,
} from './api';
import { ConversationList } from './conversations/list.svelte';
import { Drafts } from './conversations/drafts.svelte';
import { Outbox, type Outgoing } from './conversations/outbox.svelte';
import { Say } from './conversations/say';
import { Thread } from './conversations/thread.svelte';
import type Markdown from './markdown/Markdown.svelte';
import { Attached } from './documents/attached.svelte';
import { Documents } from './documents/documents.svelte';
import { Forgetter } from './learning/forgetting.svelte';
import { LearningMonitor } from './learning/learning.svelte';
import { Models } from './models/models.svelte';
import { Servers } from './models/servers.svelte';
import { Admission, inWords } from './shell/admission.svelte';
import { Announcer } from './shell/announcer.svelte';
import { Connection } from './shell/connection.svelte';
import { Layers } from './shell/layers';
import { Notice } from './shell/notice.svelte';
import { Preferences } from './shell/preferences.svelte';
import { newChat, Router } from './shell/route.svelte';
import { Shelf } from './shell/shelf';
import { Tabs } from './shell/tabs';
import { narrow } from './shell/widths.svelte';
import { Notebook } from './notes/notebook.svelte';
import { Relay } from './relay';
import { characters } from './stream';
import { messages as m } from '../messages';

export type Drawer = 'conversations' | 'learning';
export class Page {
  session = $state.raw<Session | null>(null);
  /** What a conversation that is not created yet will be created with. */
  fresh = $state.raw<NewConversation>({});
  /** Why the last words were not taken; stands under the draft until the next keystroke. */
  complaint = $state<string | null>(null);
  /** Shows Markdown; null until its parser has arrived, which the first paint does not wait for. */
  Markdown = $state.raw<typeof Markdown | null>(null);
  drawer = $state<Drawer | null>(null);
  help = $state(false);
  readonly api = new Api();
  readonly shelf = new Shelf();
  readonly tabs = new Tabs();
  readonly layers = new Layers();
  readonly router = new Router();
  readonly announcer = new Announcer();
  readonly notice = new Notice(this.announcer);
  readonly admission = new Admission(this.shelf);
  readonly preferences = new Preferences(this.shelf);
  readonly connection = new Connection(() => this.api.session());
  readonly relay = new Relay(this.api, () => void this.connection.retry());
  readonly list = new ConversationList(this.api, this.tabs);
  readonly learning = new LearningMonitor(this.api);
  readonly forgetter = new Forgetter(this.api);
  readonly models = new Models(this.api, this.tabs, () => void this.#load());
  readonly servers = new Servers(this.api, this.shelf);
  readonly documents = new Documents(this.api, this.tabs, m.uploadFailed);
  readonly notebook = new Notebook(this.api, this.shelf, this.tabs, this.connection);
  readonly attached = new Attached(this.api, this.tabs);
  readonly drafts = new Drafts(this.shelf, async (id, draft) => {
    await this.api.changeConversation(id, { draft });
    this.tabs.tell({ about: 'conversation', id });
    if (id === this.thread.id) void this.thread.measure();
  });
  readonly thread = new Thread({
    api: this.api,
    tabs: this.tabs,
    announcer: this.announcer,
    stream: (turn, after, signal) => this.relay.open(turn, after, signal),
    seen: (conversation) => this.#seen(conversation),
    closing: (turn) => m.answerFinished(turn),
  });
  readonly say = new Say({
    thread: this.thread,
    how: () => this.#how(),
    attempt: (action) => this.attempt(action),
    tell: (note) => this.tell(note),
  });
  readonly outbox = new Outbox(this.api, this.shelf, {
    began: (conversation) => this.#began(conversation),
    accepted: (outgoing, turns) => this.#accepted(outgoing, turns),
    refused: (outgoing, error) => this.#refused(outgoing, error),
  });

  #focusDraft = () => {};
  #wasWriting = false;
  /** A change of the open conversation that the server has not confirmed yet. */
  #changing: Promise<unknown> | null = null;

  /** Loads everything, then keeps it in step with the server, the other tabs and the clock. */
  start(): void {
    this.api.heard = (reached) => {
      if (!reached && this.connection.reachable) this.#wasWriting = this.thread.live !== null;
      this.connection.heard(reached);
    };
    this.api.admitted = (known) => this.admission.heard(known);
    this.connection.onReturn(() => this.#returned(this.#wasWriting ? m.backWentOn : m.back));
    this.admission.onReturn(() => this.#returned(m.signedInAgain));
    this.learning.onVerdict((lesson) => this.announcer.say(m.lessonVerdict(lesson)));
    this.learning.onChange(() => void this.thread.refresh());
    this.tabs.listen((news) => {
      if (news.about === 'learning') return void this.learning.refresh();
      if (news.about === 'documents') return void this.#documentsChanged();
      if (news.about === 'notes') return;
      void this.attempt(() => this.list.load());
      if (news.about === 'conversation' && news.id !== this.thread.id) return;
      void this.thread.refresh();
      void this.attached.open(this.thread.id);
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.drafts.flush();
      else void this.thread.refresh();
    });
    this.learning.start();
    void this.#load();
  }

  /** The columns beside the room lie over it: too narrow, or a view without a place for them. */
  get floating(): boolean {
    return narrow.current || this.router.route.view !== 'chat';
  }

  /** Something lies over the room, which must then not be reached by keyboard. */
  get covered(): boolean {
    return this.floating && this.drawer !== null;
  }

  /** Shows the conversation the address names, on the branch of the turn it names. */
  async show(id: string | null, turn: string | null): Promise<void> {
    const here = turn === null || this.thread.turns.some((shown) => shown.id === turn);
    if (id !== null && id === this.thread.id && here) return;
    this.complaint = null;
    this.#begin({});
    const known = this.list.find(id);
    if (id !== null) this.drafts.setTemporary(id, known?.temporary ?? false);
    this.drafts.open(id, known?.draft);
    void this.attached.open(id);
    await this.thread.open(id, turn);
  }

  /** The model that answers in the open conversation. */
  get model(): string | null {
    return (
      this.thread.conversation?.model ?? this.fresh.model ?? this.session?.default_model ?? null
    );
  }

  get learns(): boolean {
    return this.thread.conversation?.learn ?? this.fresh.learn ?? true;
  }

  get temporary(): boolean {
    return this.thread.conversation?.temporary ?? this.fresh.temporary ?? false;
  }

  get temperature(): number {
    return this.preferences.temperature ?? this.session?.sampling.temperature ?? 0.8;
  }

  /** Sends the draft, as soon as the server knows how it is to be answered. */
  send(): void {
    if (this.#changing) return void this.#changing.then(() => this.send());
    const [id, text] = [this.thread.id, this.drafts.text.trim()];
    if (!text || this.thread.live || this.outbox.of(id)) return;
    const limit = this.session?.limits.text_characters ?? Infinity;
    if (characters(text) > limit) {
      this.complaint = m.tooLong(characters(text), limit);
      return;
    }
    this.complaint = null;
    const sending = this.outbox.add({
      conversation: id,
      text,
      parent: this.thread.last,
      model: id === null ? this.model : null,
      temperature: this.#how().temperature ?? null,
      begin: this.thread.conversation ? { temporary: this.temporary } : this.fresh,
    });
    this.drafts.write('');
    void sending;
  }

  /** An empty conversation, with the cursor in its draft. */
  startNew(): void {
    this.drawer = null;
    this.router.go(newChat);
    this.focusDraft();
  }

  focusDraft = (): void => this.#focusDraft();

  /** The draft's field says how it is focused, for as long as it is on the screen. */
  ownDraft(focus: () => void): () => void {
    this.#focusDraft = focus;
    return () => (this.#focusDraft = () => {});
  }

  /** Changes the open conversation, or the one that is not begun yet. */
  async change(to: Pick<NewConversation, 'learn' | 'model' | 'sampling' | 'system_prompt'>) {
    const { id } = this.thread;
    if (id === null) this.#begin({ ...this.fresh, ...to });
    else {
      const changing = this.attempt(async () => {
        this.thread.take(await this.list.change(id, to));
        void this.thread.measure();
      });
      this.#changing = changing;
      await changing;
      if (this.#changing === changing) this.#changing = null;
    }
  }

  /** The conversation not begun yet will leave no trace, or will be kept as usual. */
  setTemporary(temporary: boolean): void {
    this.#begin({ ...this.fresh, temporary });
  }

  /** Makes the open temporary conversation an ordinary one. */
  async keep(): Promise<void> {
    const { id } = this.thread;
    if (id === null) return;
    await this.attempt(async () => {
      const kept = await this.api.keepConversation(id);
      this.drafts.setTemporary(id, false);
      this.thread.take(kept);
      await this.list.load();
      this.tell(m.kept);
    });
  }

  /** Uploads files and attaches them to the open conversation, which begins now if it must. */
  async attachFiles(files: File[]): Promise<void> {
    const id = files.length ? await this.#beginNow() : null;
    if (id === null) return;
    await Promise.all(
      files.map((file) =>
        this.attempt(async () => {
          const document = await this.documents.add(file, id);
          if (document) await this.attached.attach(id, document);
        }),
      ),
    );
  }

  async attach(document: Document): Promise<void> {
    const id = await this.#beginNow();
    if (id !== null) await this.attempt(() => this.attached.attach(id, document));
  }

  /** A new conversation that answers from a document. */
  async talkAbout(document: Document): Promise<void> {
    await this.attempt(async () => {
      const conversation = await this.api.createConversation({});
      await this.api.attach(conversation.id, document.id);
      this.list.take(conversation);
      this.router.go({ view: 'chat', conversation: conversation.id, turn: null });
    });
  }

  async remove(conversation: Conversation): Promise<void> {
    await this.attempt(async () => {
      await this.list.remove(conversation);
      this.announcer.say(m.removed(conversation.title || m.untitled));
      if (conversation.id === this.thread.id) this.router.go(newChat);
    });
  }

  /** Erases something for good, once somebody has said so twice. */
  async forget(what: Wish): Promise<void> {
    if (!confirm(m.forgetSure)) return;
    await this.attempt(async () => {
      await this.forgetter.ask(what);
      this.tell(m.forgottenText);
      this.tabs.tell({ about: 'conversations' });
      if ('conversation' in what && what.conversation === this.thread.id) this.router.go(newChat);
      else await this.thread.refresh();
      await Promise.all([this.list.load(), this.learning.refresh()]);
    });
  }

  /** Runs something a person asked for; a refusal is told in the server's words. */
  async attempt<T>(action: () => Promise<T>): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null; // the banner says so
      if (error instanceof ApiError) this.tell(error.message);
      else if (this.connection.reachable) throw error;
      return null; // not reachable: the banner says so already
    }
  }

  tell = (sentence: string): void => this.notice.tell(sentence);

  async #load(): Promise<void> {
    void this.attempt(async () => {
      this.Markdown ??= (await import('./markdown/Markdown.svelte')).default;
    });
    await this.attempt(() => Promise.all([this.list.load(), this.#enter()]));
  }

  async #enter(): Promise<void> {
    const session = await this.api.session();
    if (!this.admission.isStill(session.user)) return;
    this.session = session;
    void this.attempt(() => this.servers.load());
    await this.outbox.flush();
  }

  #returned(said: string): void {
    this.tell(said);
    this.drafts.flush();
    void this.#load();
    void this.thread.refresh();
    void this.learning.refresh();
  }

  /** What a conversation says of itself comes first, then what is set for all of them. */
  #how(): How {
    const own = this.thread.conversation?.sampling ?? this.fresh.sampling;
    const { temperature } = this.preferences;
    return temperature === null || own?.temperature !== undefined ? {} : { temperature };
  }

  #begin(fresh: NewConversation): void {
    this.fresh = fresh;
    this.drafts.setTemporary(null, fresh.temporary ?? false);
  }

  /** The id of the open conversation; one that is not begun yet is begun. */
  async #beginNow(): Promise<string | null> {
    if (this.thread.id !== null) return this.thread.id;
    const begun = await this.attempt(() =>
      this.api.createConversation({ ...this.fresh, ...(this.model && { model: this.model }) }),
    );
    if (begun) this.#began(begun);
    return begun?.id ?? null;
  }

  async #documentsChanged(): Promise<void> {
    await this.attempt(() => this.documents.load());
    await this.attached.open(this.thread.id);
  }

  #seen(conversation: Conversation): void {
    this.drafts.setTemporary(conversation.id, conversation.temporary);
    this.drafts.refresh(conversation.id, conversation.draft);
    if (this.list.state === 'ready') this.list.take(conversation);
  }

  #began(conversation: Conversation): void {
    this.list.take(conversation);
    if (this.thread.state !== 'new') return;
    this.thread.adopt(conversation);
    this.drafts.adopt(conversation.id);
    void this.attached.open(conversation.id);
    this.router.replace({ view: 'chat', conversation: conversation.id, turn: null });
  }

  #accepted(outgoing: Outgoing, turns: Exchange): void {
    if (outgoing.conversation === this.thread.id) {
      this.thread.begin(turns);
      void this.thread.refresh();
    }
    this.tabs.tell({ about: 'conversation', id: outgoing.conversation ?? '' });
    void this.attempt(() => this.list.load());
  }

  /** The words go back where they came from, with the reason under them. */
  #refused(outgoing: Outgoing, error: ApiError): void {
    this.complaint = error.type === 'conflict' ? m.wentOnElsewhere : inWords(error);
    this.announcer.say(this.complaint);
    if (outgoing.conversation === this.thread.id) {
      this.drafts.write([outgoing.text, this.drafts.text].filter(Boolean).join('\n'));
      void this.thread.refresh();
    } else if (outgoing.conversation !== null) {
      void this.attempt(() =>
        this.api.changeConversation(outgoing.conversation ?? '', { draft: outgoing.text }),
      );
    }
  }
}

const key = Symbol('page');
export const providePage = (page: Page): Page => setContext(key, page);
export const getPage = (): Page => getContext<Page>(key);
