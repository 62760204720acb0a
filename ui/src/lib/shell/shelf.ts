/**
 * What this browser keeps for the page: the theme, and words not yet on the server.
 *
 * Where the browser allows no storage (some private modes), things are kept for as long as the tab
 * lives; everything that matters is on the server as soon as the server answers.
 */

export class Shelf {
  readonly #memory = new Map<string, string>();

  /** `storage` is the browser's, or null for what must not outlive the tab. */
  constructor(
    private readonly storage: Storage | null = browserStorage(),
    private readonly prefix = 'l2c.',
  ) {}

  /** What was put under the name, or null. A value that no longer parses counts as absent. */
  get<T>(name: string): T | null {
    const key = this.prefix + name;
    const text = this.#memory.get(key) ?? this.storage?.getItem(key);
    try {
      return text ? (JSON.parse(text) as T) : null;
    } catch {
      return null;
    }
  }

  put(name: string, value: unknown): void {
    const [key, text] = [this.prefix + name, JSON.stringify(value)];
    try {
      if (!this.storage) throw new Error('no storage');
      this.storage.setItem(key, text);
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, text); // full or forbidden: this tab still has it
    }
  }

  drop(name: string): void {
    this.#memory.delete(this.prefix + name);
    this.storage?.removeItem(this.prefix + name);
  }

  /** The names in use that begin so. */
  names(beginning: string): string[] {
    const stored = this.storage ? Object.keys(this.storage) : [];
    return [...new Set([...stored, ...this.#memory.keys()])]
      .filter((key) => key.startsWith(this.prefix + beginning))
      .map((key) => key.slice(this.prefix.length));
  }

  /** Calls back when another tab changes what is under the name. Returns how to stop. */
  watch(name: string, changed: () => void): () => void {
    const listen = (event: StorageEvent) => {
      if (event.key === this.prefix + name) changed();
    };
    window.addEventListener('storage', listen);
    return () => window.removeEventListener('storage', listen);
  }
}

function browserStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
