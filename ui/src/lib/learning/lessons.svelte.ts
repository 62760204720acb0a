/** Every lesson, newest first: pages from the server, with the monitor's newest laid over them. */
import type { Api, Lesson } from '../api';

export class LessonList {
  items = $state.raw<Lesson[]>([]);
  more = $state(false);

  #next: number | null = null;

  constructor(private readonly api: Api) {}

  /** Fetches the newest page, or the next older one. */
  async load(): Promise<void> {
    const page = await this.api.lessons(this.#next);
    this.#next = page.next;
    this.more = page.next !== null;
    this.#merge(page.lessons);
  }

  take(newest: Lesson[]): void {
    this.#merge(newest);
  }

  #merge(lessons: Lesson[]): void {
    const byNumber = new Map([...this.items, ...lessons].map((lesson) => [lesson.number, lesson]));
    this.items = [...byNumber.values()].sort((a, b) => b.number - a.number);
  }
}
