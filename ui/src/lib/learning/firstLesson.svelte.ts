/**
 * The first thing somebody tells, followed until it is learned: was it remembered, what became of
 * the lesson, and how much the same words surprise the model before it and after it.
 *
 * Both versions answer, and read the words, in an empty conversation and without any memory, so
 * what differs between them is the weights alone.
 */
import { ApiError, type Api, type Fact, type Lesson, type Proof, type Turn } from '../api';
import { costOf, piecesOf, type Piece } from '../glass/pieces';

/** The words as one version of the model reads them. */
export interface Read {
  pieces: Piece[];
  /** Bits the whole of the words took. */
  bits: number;
}

export class FirstLesson {
  facts = $state.raw<Fact[]>([]);
  lesson = $state.raw<Lesson | null>(null);
  /** The question about what was told, answered before and after; null where nothing can be asked. */
  proof = $state.raw<Proof | null>(null);
  before = $state.raw<Read | null>(null);
  after = $state.raw<Read | null>(null);

  #asked = '';

  constructor(private readonly api: Api) {}

  /** Takes in how the told turn stands now; asks the server only for what has changed. */
  async look(told: Turn, model: string): Promise<void> {
    const asked = `${told.id} ${told.learning} ${told.lesson}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    try {
      const { facts } = await this.api.memory();
      this.facts = facts.filter(({ turn_id }) => turn_id === told.id);
      if (told.lesson !== null && told.learning === 'learned') {
        await this.#prove(told, told.lesson, model);
      }
    } catch (error) {
      this.#asked = ''; // asked again with the next change
      throw error;
    }
  }

  async #prove(told: Turn, number: number, model: string): Promise<void> {
    const { lesson } = await this.api.lesson(number);
    const { checkpoint, parent } = lesson;
    if (checkpoint === null || parent === null) return;
    const messages = [{ role: 'user' as const, text: told.text }];
    const read = async (version: string): Promise<Read> => {
      const reading = await this.api.inspect({ messages, model, checkpoint: version, likely: 1 });
      const pieces = piecesOf(reading);
      return { pieces, bits: costOf(pieces).bits };
    };
    [this.before, this.after, this.proof] = await Promise.all([
      read(parent),
      read(checkpoint),
      this.#ask(told),
    ]);
    this.lesson = lesson;
  }

  /** The question and its two answers; there is none about words that tell nothing. */
  async #ask(told: Turn): Promise<Proof | null> {
    try {
      return await this.api.proof(told.id);
    } catch (error) {
      if (error instanceof ApiError && error.status === 400) return null;
      throw error;
    }
  }
}
