/** The new models that are being trained: asked for, looked at every 2 s, paused, continued. */
import type { Api, NewTraining, Training } from '../api';

const lookMs = 2000;

export class TrainingList {
  items = $state.raw<Training[]>([]);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #left = false;

  /** `onDone` is called when one is done: there is a new model then. */
  constructor(
    private readonly api: Api,
    private readonly onDone: () => void,
  ) {}

  /** Looks now, and again as long as one runs and somebody looks. */
  async load(): Promise<void> {
    clearTimeout(this.#timer);
    const { trainings } = await this.api.trainings();
    const ran = new Set(this.items.filter(({ state }) => state === 'running').map(({ id }) => id));
    this.items = trainings;
    if (trainings.some(({ id, state }) => state === 'done' && ran.has(id))) this.onDone();
    this.#lookAgain();
  }

  /** Asks for a new model that reads these files, one after the other. */
  async begin(files: File[], of: NewTraining): Promise<void> {
    const texts = files.flatMap((file, at) => (at === 0 ? [file] : ['\n', file]));
    this.#take(await this.api.train(new Blob(texts), of));
  }

  async pause({ id }: Training): Promise<void> {
    this.#take(await this.api.pauseTraining(id));
  }

  async goOn({ id }: Training): Promise<void> {
    this.#take(await this.api.continueTraining(id));
  }

  /** Erases a training and its text. */
  async remove({ id }: Training): Promise<void> {
    await this.api.deleteTraining(id);
    this.items = this.items.filter((one) => one.id !== id);
  }

  /** Looks no more. */
  leave(): void {
    this.#left = true;
    clearTimeout(this.#timer);
  }

  #take(changed: Training): void {
    const rest = this.items.filter(({ id }) => id !== changed.id);
    this.items = [changed, ...rest].sort((a, b) => b.created_at.localeCompare(a.created_at));
    this.#lookAgain();
  }

  #lookAgain(): void {
    clearTimeout(this.#timer);
    if (this.#left || !this.items.some(({ state }) => state === 'running')) return;
    this.#timer = setTimeout(() => {
      if (document.visibilityState === 'visible') void this.load().catch(() => this.#lookAgain());
      else this.#lookAgain();
    }, lookMs);
  }
}
