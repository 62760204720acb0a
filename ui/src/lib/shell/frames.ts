/**
 * Work in small pieces: a few milliseconds of each frame, until there is none left. What must not
 * hold up scrolling or letters is done this way.
 */
export class Frames {
  #waits = false;

  constructor(
    /** Works while there is time; true when there is more to do. */
    private readonly work: (inTime: () => boolean) => boolean,
    private readonly budgetMs = 4,
    private readonly next: (run: () => void) => unknown = (run) => requestAnimationFrame(run),
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** There may be work. */
  wake(): void {
    if (this.#waits) return;
    this.#waits = true;
    this.next(() => this.#run());
  }

  #run(): void {
    this.#waits = false;
    const until = this.clock() + this.budgetMs;
    if (this.work(() => this.clock() < until)) this.wake();
  }
}
