/**
 * Whether the server is there, and the patience to find out again.
 *
 * Any request that nobody answers starts a probe that repeats with growing pauses, never longer
 * than 3 s, so that the page is back within 5 s of the server's return.
 */
import { pausesMs } from '../stream';

export class Connection {
  reachable = $state(true);
  /** When the server was last heard; what is shown meanwhile is "as of" then. */
  heardAt = $state.raw<Date | null>(null);

  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #returned = new Set<() => void>();

  /** `probe` is the cheapest request there is; it reports through `heard` like any other. */
  constructor(private readonly probe: () => Promise<unknown>) {}

  /** Takes in that the server answered a request, or that nobody did. */
  heard(reached: boolean): void {
    if (reached) this.#found();
    else this.#missed();
  }

  /** Calls back each time the server is there again after it was not. */
  onReturn(listener: () => void): void {
    this.#returned.add(listener);
  }

  /** Asks at once instead of after the pause. */
  async retry(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await this.probe();
    } catch {
      this.#missed(); // whatever it was, the probe did not succeed
    }
  }

  #found(): void {
    this.heardAt = new Date();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#attempt = 0;
    if (this.reachable) return;
    this.reachable = true;
    for (const listener of this.#returned) listener();
  }

  #missed(): void {
    this.reachable = false;
    if (this.#timer !== undefined) return;
    const pause = pausesMs[Math.min(this.#attempt++, pausesMs.length - 1)];
    this.#timer = setTimeout(() => void this.retry(), pause);
  }
}
