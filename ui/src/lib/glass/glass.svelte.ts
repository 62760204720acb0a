/**
 * An answer under the glass: how its model read it, which piece is looked at, at which temperature,
 * what it would have written instead, and what the other models of this machine make of it.
 */
import { ApiError, type Api, type Layer, type Place, type Reading, type Turn } from '../api';
import { atTemperature, type Distribution } from './distribution';
import { firstShown, partOf } from './layers';
import { costOf, piecesOf, surprisingWords, type Piece } from './pieces';

/** So many of the likeliest tokens of every place are fetched: enough to be exact in effect. */
const likely = 256;
/** So many units of a layer are drawn. */
const units = 48;

/** The end of the answer, written once more. */
export interface Another {
  /** The part that stays. */
  kept: string;
  text: string;
  temperature: number;
}

/** The same answer as another model reads it. */
export interface Elsewhere {
  model: string;
  reading: Reading | null;
  /** Why it could not read it. */
  refused: string | null;
}

export class GlassBox {
  phase = $state<'loading' | 'ready' | 'missing' | 'refused' | 'failed'>('loading');
  /** Why there is nothing to see, in the server's words. */
  reason = $state('');
  answer = $state.raw<Turn | null>(null);
  asked = $state.raw<Turn | null>(null);
  reading = $state.raw<Reading | null>(null);
  /** The layer that is drawn, with its values; null while there is none. */
  layer = $state.raw<Layer | null>(null);
  /** The piece that was picked, and the one the pointer is over. */
  picked = $state(0);
  hovered = $state<number | null>(null);
  temperature = $state(1);
  anothers = $state.raw<Another[]>([]);
  writing = $state(false);
  elsewhere = $state.raw<Elsewhere[]>([]);

  readonly pieces: Piece[] = $derived(this.reading ? piecesOf(this.reading) : []);
  readonly cost = $derived(costOf(this.pieces));
  readonly surprising: string[] = $derived(surprisingWords(this.pieces));
  readonly at: number = $derived(Math.min(this.hovered ?? this.picked, this.pieces.length - 1));
  readonly piece: Piece | null = $derived(this.pieces[this.at] ?? null);
  readonly place: Place | null = $derived(
    this.piece ? (this.reading?.places[this.piece.place] ?? null) : null,
  );
  readonly distribution: Distribution | null = $derived(
    this.place && atTemperature(this.place, this.temperature),
  );
  readonly recorded: Distribution | null = $derived(this.place && atTemperature(this.place, 1));

  #visit = 0;

  constructor(private readonly api: Api) {}

  /** Looks into an answer. What was shown of another one is gone. */
  async open(turn: string): Promise<void> {
    const visit = ++this.#visit;
    this.phase = 'loading';
    [this.reading, this.layer, this.anothers, this.elsewhere] = [null, null, [], []];
    [this.picked, this.hovered] = [0, null];
    try {
      const answer = await this.api.turn(turn);
      const reading = await this.api.inspectTurn(turn, { likely });
      const asked = answer.parent_id === null ? null : await this.api.turn(answer.parent_id);
      if (visit !== this.#visit) return;
      [this.answer, this.asked, this.reading] = [answer, asked, reading];
      this.temperature = answer.sampling?.temperature ?? 1;
      this.picked = mostSurprising(this.pieces);
      this.phase = 'ready';
      await this.show(firstShown(reading.layers));
    } catch (error) {
      if (visit !== this.#visit) return;
      if (this.phase === 'ready') throw error; // it is there; only a part of it is not
      this.phase = phaseOf(error);
      this.reason = error instanceof Error ? error.message : '';
    }
  }

  /** Draws a layer. */
  async show(name: string | null): Promise<void> {
    const { reading, answer } = this;
    if (name === null || !reading || !answer) return;
    const visit = this.#visit;
    const { layers } = await this.api.inspectTurn(answer.id, {
      model: reading.model,
      checkpoint: reading.checkpoint,
      likely: 0,
      layers: name,
      // Every column is drawn as a dot; of other layers, those units that have something to say.
      ...(partOf(name) !== 'columns' && { units }),
    });
    if (visit === this.#visit) this.layer = layers.find((layer) => layer.name === name) ?? null;
  }

  pick(piece: number): void {
    this.picked = Math.max(0, Math.min(piece, this.pieces.length - 1));
    this.hovered = null;
  }

  /** Writes the rest of the answer once more from the picked piece on; the last five are shown. */
  async writeAgain(): Promise<void> {
    const { answer, piece, temperature } = this;
    if (!answer || !piece || this.writing) return;
    const visit = this.#visit;
    this.writing = true;
    try {
      const { text } = await this.api.writeAgain(answer.id, piece.before, temperature);
      const kept = Array.from(answer.text).slice(0, piece.before).join('');
      if (visit === this.#visit)
        this.anothers = [{ kept, text, temperature }, ...this.anothers].slice(0, 5);
    } finally {
      this.writing = false;
    }
  }

  /** Has the other models of this machine read the same answer. */
  async readElsewhere(models: string[]): Promise<void> {
    const { answer, reading } = this;
    if (!answer || !reading) return;
    const visit = this.#visit;
    const others = models.filter((model) => model !== reading.model);
    const found = await Promise.all(others.map((model) => this.#read(answer.id, model)));
    if (visit === this.#visit) this.elsewhere = found;
  }

  async #read(turn: string, model: string): Promise<Elsewhere> {
    try {
      const reading = await this.api.inspectTurn(turn, { model, likely: 1 });
      return { model, reading, refused: null };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { model, reading: null, refused: error.message };
    }
  }
}

function mostSurprising(pieces: Piece[]): number {
  const most = Math.max(...pieces.map(({ bits }) => bits));
  return Math.max(
    0,
    pieces.findIndex(({ bits }) => bits === most),
  );
}

function phaseOf(error: unknown): 'missing' | 'refused' | 'failed' {
  if (!(error instanceof ApiError)) return 'failed';
  return error.status === 404 ? 'missing' : error.status === 400 ? 'refused' : 'failed';
}
