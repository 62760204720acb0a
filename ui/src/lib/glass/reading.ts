/** A text under the glass, as docs/reference/api.md describes it. */

/** A token a model read. A mark of the template has a name in `control`, and no text. */
export interface Token {
  id: number;
  text: string;
  control: string | null;
}

/** What was expected in one place, best first; logarithms are natural, at temperature 1. */
export interface Place {
  bits: number;
  likely: number[];
  log_probabilities: number[];
  others: number;
  others_log_probability: number | null;
}

type Nested = number | Nested[];

/** Something inside a model after each token shown; `values` only where they were asked for. */
export interface Layer {
  name: string;
  /** The shape of one token's values. */
  shape: number[];
  low: number;
  high: number;
  units: number[] | null;
  values: Nested[] | null;
}

/** A text as a model read it; `places` and the rows of layers begin at token `begins`. */
export interface Reading {
  model: string;
  engine: string;
  checkpoint: string;
  begins: number;
  unread: number;
  tokens: Token[];
  places: Place[];
  /** The texts of the tokens named in places, by id. */
  words: Record<string, string>;
  layers: Layer[];
}

/** What of a reading is wanted. */
export interface Focus {
  model?: string;
  checkpoint?: string;
  likely?: number;
  layers?: string;
  units?: number;
}

/** What is to be read, by which version: the last of these messages is shown. */
export interface ToInspect {
  messages: { role: 'system' | 'user' | 'assistant'; text: string }[];
  model?: string;
  checkpoint?: string;
  likely?: number;
}
