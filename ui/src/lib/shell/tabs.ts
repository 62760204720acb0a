/**
 * What one tab tells the others of this browser, so that all show the same.
 *
 * Only that something changed is said; the others ask the server what it is now.
 */

export type News =
  | { about: 'conversation'; id: string }
  | { about: 'conversations' }
  | { about: 'documents' }
  | { about: 'notes' }
  | { about: 'learning' };

export class Tabs {
  readonly #channel = new BroadcastChannel('l2c');
  readonly #listeners = new Set<(news: News) => void>();

  constructor() {
    this.#channel.onmessage = (event: MessageEvent<News>) => {
      for (const listener of this.#listeners) listener(event.data);
    };
  }

  tell(news: News): void {
    this.#channel.postMessage(news);
  }

  listen(listener: (news: News) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#channel.close();
  }
}
