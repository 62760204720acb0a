/** One sentence on the outcome of something, shown for a while and spoken. */
import type { Announcer } from './announcer.svelte';

export class Notice {
  text = $state<string | null>(null);

  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly announcer: Announcer,
    private readonly shownMs = 8000,
  ) {}

  tell(sentence: string): void {
    this.text = sentence;
    this.announcer.say(sentence);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.text = null), this.shownMs);
  }
}
