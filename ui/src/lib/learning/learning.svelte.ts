/**
 * What is being learned, asked again and again while somebody looks.
 *
 * Every 2 s while a lesson runs or turns wait for one, else every 5 s, and never in a hidden tab.
 * A finished lesson is told to `onVerdict`; whatever may have changed a turn's mark to `onChange`.
 */
import { ApiError, Unreachable, type Api, type Learning, type Lesson } from '../api';

const busyMs = 2000;
const idleMs = 5000;

export class LearningMonitor {
  current = $state.raw<Learning | null>(null);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  readonly #verdict = new Set<(lesson: Lesson) => void>();
  readonly #change = new Set<() => void>();

  constructor(private readonly api: Api) {}

  /** The lesson that was judged last. */
  get lastJudged(): Lesson | null {
    return this.current?.lessons.find(({ state }) => state !== 'training') ?? null;
  }

  onVerdict(listener: (lesson: Lesson) => void): void {
    this.#verdict.add(listener);
  }

  onChange(listener: () => void): void {
    this.#change.add(listener);
  }

  /** Begins to ask; stops and starts with the tab's visibility. */
  start(): void {
    const look = () => {
      this.#running = document.visibilityState === 'visible';
      clearTimeout(this.#timer);
      if (this.#running) void this.refresh();
    };
    document.addEventListener('visibilitychange', look);
    look();
  }

  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.#take(await this.api.learning());
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
    }
    clearTimeout(this.#timer);
    const busy =
      this.current !== null && (this.current.now !== null || this.current.queue_size > 0);
    if (this.#running) this.#timer = setTimeout(() => void this.refresh(), busy ? busyMs : idleMs);
  }

  async setPaused(paused: boolean): Promise<void> {
    this.#take(await this.api.setLearning({ paused }));
  }

  async setShare(cpu_share: number): Promise<void> {
    this.#take(await this.api.setLearning({ cpu_share }));
  }

  #take(next: Learning): void {
    const before = this.current;
    this.current = next;
    if (before === null) return;
    const judged = new Set(
      before.lessons.filter(({ state }) => state !== 'training').map(({ number }) => number),
    );
    const fresh = next.lessons.filter(
      ({ number, state }) => state !== 'training' && !judged.has(number),
    );
    for (const lesson of fresh.reverse()) this.#verdict.forEach((listener) => listener(lesson));
    const changed =
      fresh.length > 0 ||
      before.queue_size !== next.queue_size ||
      before.checkpoint !== next.checkpoint;
    if (changed) this.#change.forEach((listener) => listener());
  }
}
