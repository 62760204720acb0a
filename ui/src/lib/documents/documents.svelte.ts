/**
 * The documents, and those on their way to the server.
 *
 * A document is read while it is uploaded, so an upload has two parts: bytes are sent, then the
 * server reads. A refused one stays in the list with the server's reason until it is dismissed.
 */
import {
  ApiError,
  Unreachable,
  type Api,
  type Cursor,
  type Document,
  type DocumentPage,
} from '../api';
import { isAbort } from '../request';
import type { Tabs } from '../shell/tabs';

export interface Uploading {
  key: number;
  name: string;
  /** The conversation it is for, if it was dropped into one. */
  conversation: string | null;
  /** How much was sent, from 0 to 1; the server reads once all of it is there. */
  part: number;
  /** Why it was refused. */
  reason: string | null;
}

/** How many pages stay in memory, for going back and forth. */
const pagesKept = 200;

export class Documents {
  items = $state.raw<Document[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  more = $state(false);
  uploads = $state.raw<Uploading[]>([]);

  #next: Cursor | null = null;
  #keys = 0;
  readonly #stops = new Map<number, AbortController>();
  readonly #pages = new Map<string, Promise<DocumentPage>>();

  constructor(
    private readonly api: Api,
    private readonly tabs: Tabs,
    /** What is said of an upload that did not arrive. */
    private readonly lost: string,
  ) {}

  async load(): Promise<void> {
    try {
      const { documents, next } = await this.api.documents();
      this.items = documents;
      this.#turnTo(next);
      this.state = 'ready';
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  async loadMore(): Promise<void> {
    const { documents, next } = await this.api.documents(this.#next);
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...this.items, ...documents.filter(({ id }) => !known.has(id))];
    this.#turnTo(next);
  }

  /** Takes in a document as it is now. */
  take(document: Document): void {
    const others = this.items.filter(({ id }) => id !== document.id);
    this.items = [document, ...others].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  }

  /** Uploads a file; returns the document, or null when it was refused, lost or stopped. */
  async add(file: File, conversation: string | null = null): Promise<Document | null> {
    const key = ++this.#keys;
    const stop = new AbortController();
    this.#stops.set(key, stop);
    const upload = { key, name: file.name, conversation, part: 0, reason: null };
    this.uploads = [...this.uploads, upload];
    try {
      const sent = (part: number) => this.#change(key, { part });
      const document = await this.api.addDocument(file, file.name, sent, stop.signal);
      this.dismiss(key);
      this.take(document);
      this.tabs.tell({ about: 'documents' });
      return document;
    } catch (error) {
      if (isAbort(error)) this.dismiss(key);
      else if (error instanceof ApiError) this.#change(key, { reason: error.message });
      else if (error instanceof Unreachable) this.#change(key, { reason: this.lost });
      else throw error;
      return null;
    }
  }

  /** Takes an upload out of the list; one under way is stopped. */
  dismiss(key: number): void {
    this.#stops.get(key)?.abort();
    this.#stops.delete(key);
    this.uploads = this.uploads.filter((upload) => upload.key !== key);
  }

  async remove(document: Document): Promise<void> {
    await this.api.deleteDocument(document.id);
    this.items = this.items.filter(({ id }) => id !== document.id);
    for (const name of this.#pages.keys())
      if (name.startsWith(`${document.id}/`)) this.#pages.delete(name);
    this.tabs.tell({ about: 'documents' });
  }

  async learn(document: Document): Promise<Document> {
    const learned = await this.api.learnDocument(document.id);
    this.take(learned);
    this.tabs.tell({ about: 'conversations' });
    return learned;
  }

  /** Has a model of another server write what a document says. */
  async summarize(document: Document, model: string): Promise<Document> {
    const summarized = await this.api.summarizeDocument(document.id, model);
    this.take(summarized);
    this.tabs.tell({ about: 'documents' });
    return summarized;
  }

  /** A page as it was read; asked of the server once. */
  page(id: string, number: number): Promise<DocumentPage> {
    const name = `${id}/${number}`;
    const known = this.#pages.get(name);
    if (known) return known;
    const asked = this.api.documentPage(id, number);
    this.#pages.set(name, asked);
    asked.catch(() => this.#pages.delete(name));
    const oldest = this.#pages.keys().next().value;
    if (this.#pages.size > pagesKept && oldest !== undefined) this.#pages.delete(oldest);
    return asked;
  }

  #change(key: number, to: Partial<Uploading>): void {
    this.uploads = this.uploads.map((upload) =>
      upload.key === key ? { ...upload, ...to } : upload,
    );
  }

  #turnTo(next: Cursor | null): void {
    this.#next = next;
    this.more = next !== null;
  }
}
