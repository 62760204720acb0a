/**
 * The notebook: its pages, the one that is open, and its words on their way to the server.
 *
 * Every keystroke is in this browser's storage at once and on the server a moment later; the local
 * copy exists exactly while the server lacks it. A page has its id, made here, from its first letter
 * on, so that neither a reload nor an answer that was lost makes two of it. It is saved on the
 * revision it was written on, 0 the first time; when other words were saved meanwhile, both stay
 * until somebody says which shall.
 */
import { ApiError, Unreachable, type Api, type Note, type NoteInBrief } from '../api';
import { newKey } from '../request';
import type { Connection } from '../shell/connection.svelte';
import type { Shelf } from '../shell/shelf';
import type { Tabs } from '../shell/tabs';

/** Words the server lacks, and the revision they were written on. */
interface Kept {
  text: string;
  revision: number;
}

/** Whether the same words may be taken a moment later. */
const passes = (error: ApiError | Unreachable) =>
  error instanceof Unreachable || error.status >= 500 || error.status === 429;

const shelfName = (id: string) => `note.${id}`;

export class Notebook {
  items = $state.raw<NoteInBrief[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  more = $state(false);
  /** The open page as the server has it; null for one that is not begun. */
  note = $state.raw<Note | null>(null);
  shown = $state<'loading' | 'ready' | 'missing' | 'failed'>('loading');
  text = $state('');
  saving = $state<'saved' | 'waiting' | 'kept' | 'conflict'>('saved');

  /** Called when a page is begun with its first letter, and has its id. */
  began: (id: string) => void = () => {};

  #next: number | null = null;
  #open: string | null = null;
  /** Words of this tab that the server lacks; the shelf, which all tabs share, is for a reload. */
  #unsaved: Kept | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #storing: Promise<void> | null = null;

  constructor(
    private readonly api: Api,
    private readonly shelf: Shelf,
    private readonly tabs: Tabs,
    connection: Connection,
    private readonly pauseMs = 600,
    private readonly againMs = 5000,
  ) {
    connection.onReturn(() => this.flush());
    tabs.listen((news) => {
      if (news.about === 'notes') void this.refresh();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.flush();
    });
  }

  async load(): Promise<void> {
    try {
      const page = await this.api.notes();
      this.items = page.notes;
      this.#reach(page.next);
      this.state = 'ready';
      await this.#sendLeft();
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  async loadMore(): Promise<void> {
    const page = await this.api.notes(this.#next);
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...this.items, ...page.notes.filter(({ id }) => !known.has(id))];
    this.#reach(page.next);
  }

  /** Whether this page is the open one, and not still on its way here. */
  has(id: string | null): boolean {
    return id !== null && id === this.#open && (this.note !== null || this.#unsaved !== null);
  }

  /** Shows a page, or an empty one (null); words the server lacks are the newer ones. */
  async open(id: string | null): Promise<void> {
    if (this.has(id)) return;
    this.flush();
    await this.#storing;
    this.#open = id;
    this.note = null;
    const kept = id === null ? null : this.shelf.get<Kept>(shelfName(id));
    this.#unsaved = kept;
    this.text = kept?.text ?? '';
    this.saving = kept ? 'waiting' : 'saved';
    this.shown = id === null || kept ? 'ready' : 'loading';
    if (id === null) return;
    try {
      const note = await this.api.note(id);
      if (this.#open !== id) return;
      if (!kept) this.text = note.text;
      this.note ??= note; // unless it was saved meanwhile
      this.shown = 'ready';
    } catch (error) {
      if (this.#open !== id) return;
      const missing = error instanceof ApiError && error.status === 404;
      if (missing && kept?.revision !== 0) this.shown = 'missing';
      else if (!kept) this.shown = 'failed';
      if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
    }
    if (kept && this.shown === 'ready') this.flush();
  }

  /** Takes in what another tab or the server changed, unless newer words stand here. */
  async refresh(): Promise<void> {
    try {
      await this.load();
      if (this.note === null || this.#unsaved !== null) return;
      const note = await this.api.note(this.note.id);
      if (note.id !== this.note.id || this.#unsaved !== null) return;
      if (note.revision >= this.note.revision) this.#take(note); // else it was asked for too early
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.shown = 'missing';
      else if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
    }
  }

  /** What stands on the page now. */
  write(text: string): void {
    this.text = text;
    if (this.#open === null) {
      this.#open = newKey();
      this.began(this.#open);
    }
    this.#keep({ text, revision: this.#unsaved?.revision ?? this.note?.revision ?? 0 });
    if (this.saving !== 'conflict') this.saving = 'waiting';
    this.#later(this.pauseMs);
  }

  /** Saves what the server lacks; call it too when the server is back. */
  flush(): void {
    clearTimeout(this.#timer);
    if (this.#unsaved === null || this.saving === 'conflict' || this.#storing !== null) return;
    this.#storing = this.#store().finally(() => (this.#storing = null));
  }

  /** Everything typed so far is on the server when this is done; false when it could not be. */
  async settled(): Promise<boolean> {
    this.flush();
    await this.#storing;
    return this.#unsaved === null;
  }

  /** Of two texts of one page, keeps the one that stands here. */
  async keepMine(): Promise<void> {
    if (this.note === null) return;
    const { revision } = await this.api.note(this.note.id);
    this.#keep({ text: this.text, revision });
    this.saving = 'waiting';
    this.flush();
  }

  /** Of two texts of one page, takes the one that was saved elsewhere. */
  async takeTheirs(): Promise<void> {
    if (this.note === null) return;
    const note = await this.api.note(this.note.id);
    this.shelf.drop(shelfName(note.id));
    this.#unsaved = null;
    this.#take(note);
    this.saving = 'saved';
  }

  /** Counts the page as it stands, and queues it; how much it spared is measured later. */
  async learn(): Promise<void> {
    if (!(await this.settled()) || this.note === null) throw new Unreachable();
    this.#take(await this.api.learnNote(this.note.id));
    this.tabs.tell({ about: 'notes' });
  }

  async unlearn(): Promise<void> {
    if (this.note === null) return;
    this.#take(await this.api.unlearnNote(this.note.id));
    this.tabs.tell({ about: 'notes' });
  }

  /** Erases the open page for good; `forget` does it on the server. */
  async erase(forget: (id: string) => Promise<void>): Promise<void> {
    const { note } = this;
    if (note === null) return;
    clearTimeout(this.#timer);
    await this.#storing;
    await forget(note.id);
    this.shelf.drop(shelfName(note.id));
    this.#unsaved = null;
    this.items = this.items.filter(({ id }) => id !== note.id);
    this.note = null;
    this.#open = null;
    this.text = '';
    this.saving = 'saved';
    this.tabs.tell({ about: 'notes' });
  }

  #keep(unsaved: Kept): void {
    this.#unsaved = unsaved;
    if (this.#open !== null) this.shelf.put(shelfName(this.#open), unsaved);
  }

  /** One save at a time, until the server has what stands here. */
  async #store(): Promise<void> {
    try {
      for (let kept = this.#unsaved; kept !== null; kept = this.#unsaved) {
        const id = this.#open;
        if (id === null) return;
        const note = await this.api.writeNote(id, kept.text, kept.revision);
        if (id !== this.#open) return;
        this.#stored(kept.text, note);
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) this.saving = 'conflict';
      else if (error instanceof ApiError || error instanceof Unreachable) {
        this.saving = 'kept';
        if (passes(error)) this.#later(this.againMs);
      } else throw error;
    }
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ms);
  }

  #stored(text: string, note: Note): void {
    this.#sent(note.id, text);
    if (this.text === text) {
      this.#unsaved = null;
      this.saving = 'saved';
    } else this.#keep({ text: this.text, revision: note.revision });
    this.note = note;
    this.#list(note);
    this.tabs.tell({ about: 'notes' });
  }

  /** The server has these words; another tab may have newer ones of the same page on the shelf. */
  #sent(id: string, text: string): void {
    if (this.shelf.get<Kept>(shelfName(id))?.text === text) this.shelf.drop(shelfName(id));
  }

  /** Sends pages that were left before the server knew of them: no list shows them. */
  async #sendLeft(): Promise<void> {
    for (const id of this.shelf.names('note.').map((name) => name.slice('note.'.length))) {
      const kept = this.shelf.get<Kept>(shelfName(id));
      if (id === this.#open || kept?.revision !== 0) continue;
      try {
        this.#list(await this.api.writeNote(id, kept.text, 0));
        this.#sent(id, kept.text);
      } catch (error) {
        if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
      }
    }
  }

  #take(note: Note): void {
    this.note = note;
    if (this.#unsaved === null) this.text = note.text;
    this.#list(note);
  }

  #list(note: Note): void {
    this.items = this.items.some(({ id }) => id === note.id)
      ? this.items.map((one) => (one.id === note.id ? note : one))
      : [note, ...this.items];
  }

  #reach(next: number | null): void {
    this.#next = next;
    this.more = next !== null;
  }
}
