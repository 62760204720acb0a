/** What a person set for this browser: theme, temperature, and which parts of the page stand open. */
import type { Shelf } from './shelf';

export type Theme = 'system' | 'light' | 'dark';

interface Kept {
  theme: Theme;
  /** Null until the person moves it: then the server's own value counts. */
  temperature: number | null;
  panel: boolean;
  /** The folders that stand open in the list. */
  openFolders: string[];
  /** Whether the notebook goes on with what is written, and says so aloud. */
  suggestions: boolean;
  aloud: boolean;
}

const untouched: Kept = {
  theme: 'system',
  temperature: null,
  panel: true,
  openFolders: [],
  suggestions: true,
  aloud: false,
};

export class Preferences {
  #kept = $state.raw<Kept>(untouched);

  constructor(private readonly shelf: Shelf) {
    const read = () => (this.#kept = { ...untouched, ...shelf.get<Partial<Kept>>('preferences') });
    read();
    shelf.watch('preferences', () => {
      read();
      showTheme(this.theme);
    });
    showTheme(this.theme);
  }

  get theme(): Theme {
    return this.#kept.theme;
  }

  set theme(theme: Theme) {
    this.#keep({ theme });
    showTheme(theme);
  }

  get temperature(): number | null {
    return this.#kept.temperature;
  }

  set temperature(temperature: number | null) {
    this.#keep({ temperature });
  }

  get panel(): boolean {
    return this.#kept.panel;
  }

  set panel(panel: boolean) {
    this.#keep({ panel });
  }

  get openFolders(): string[] {
    return this.#kept.openFolders;
  }

  set openFolders(openFolders: string[]) {
    this.#keep({ openFolders });
  }

  get suggestions(): boolean {
    return this.#kept.suggestions;
  }

  set suggestions(suggestions: boolean) {
    this.#keep({ suggestions });
  }

  get aloud(): boolean {
    return this.#kept.aloud;
  }

  set aloud(aloud: boolean) {
    this.#keep({ aloud });
  }

  #keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    this.shelf.put('preferences', this.#kept);
  }
}

/** The system's theme needs no attribute; tokens.css follows it by itself. */
function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
