/** What the server says of dreams and of the voice. */

/** What a model wrote on its own; `entropy` is in bits per token. */
export interface Dream {
  id: string;
  model: string;
  checkpoint: string;
  seed: number;
  temperature: number;
  text: string;
  tokens: number;
  entropy: number;
  repetition: number;
  kept: boolean;
  created_at: string;
}

/** The core prompt, and the models that read it. */
export interface Voice {
  core_prompt: string;
  default: string;
  models: string[];
}
